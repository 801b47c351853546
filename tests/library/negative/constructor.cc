// SPDX-License-Identifier: Apache-2.0
int Length();
extern const int length;
const int length = Length();
