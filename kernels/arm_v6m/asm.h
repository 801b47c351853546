// SPDX-License-Identifier: Apache-2.0
//
// Whether assembly code is built, or its C++ twins beside it.
#pragma once

#if defined(__arm__) && defined(__thumb__)
#define MIDGE_ARM_V6M_ASM 1
// For functions that are assembly code from end to end, of which the compiler may conclude nothing.
#if defined(__clang__)
#define MIDGE_ARM_V6M_NAKED __attribute__((naked, noinline))
#else
#define MIDGE_ARM_V6M_NAKED __attribute__((naked, noipa))
#endif
#else
#define MIDGE_ARM_V6M_ASM 0
#endif
