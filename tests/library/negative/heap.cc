// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>

void* Heap() { return std::malloc(8); }
