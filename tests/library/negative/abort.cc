// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>

void Abort() { std::abort(); }
