// SPDX-License-Identifier: Apache-2.0
void Throw() { throw 1; }
