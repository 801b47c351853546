// SPDX-License-Identifier: Apache-2.0
int* New() { return new int; }
