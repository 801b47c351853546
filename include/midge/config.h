// SPDX-License-Identifier: Apache-2.0
//
// Every compile-time knob of the library and every fixed limit.
#pragma once

#include <cstddef>
#include <cstdint>

// MIDGE_ASSERT states what must hold unless Midge itself is wrong; models and callers are checked
// with Status instead. Compiled out unless MIDGE_ASSERTS is 1 (tests, fuzzing, QEMU), where a
// failure traps so that the sanitizer or the board's fault handler reports the place.
#ifndef MIDGE_ASSERTS
#define MIDGE_ASSERTS 0
#endif
#if MIDGE_ASSERTS
#define MIDGE_ASSERT(condition) ((condition) ? (void)0 : __builtin_trap())
#else
#define MIDGE_ASSERT(condition) ((void)sizeof(!(condition)))
#endif

namespace midge {

// Required alignment of the arena, and the alignment of every activation inside it.
inline constexpr size_t kArenaAlignment = 16;
// Required alignment of the model bytes. The format itself keeps constants at 4 bytes only.
inline constexpr size_t kModelAlignment = 4;

// How deep subgraphs may call each other, and how many rounds the loops of one Invoke() may make
// together.
inline constexpr int kMaxCallDepth = 4;
inline constexpr uint32_t kMaxIterations = 1u << 16;

// Limits on what a model may hold; beyond them it is refused with kTooLarge.
inline constexpr uint32_t kMaxTables = 1u << 20;  // of the file, each as often as it is reached
inline constexpr int kMaxSubgraphs = 8192;        // each is found by going past those before it
inline constexpr int kMaxTensors = 8192;          // of all subgraphs; planning is quadratic in it
inline constexpr int kMaxNodes = 8192;            // of all subgraphs, as often as they are called
inline constexpr int kMaxOpVersion = 32;          // far above those of all ops
inline constexpr int kMaxRank = 6;                // dimensions of a tensor that a node uses
inline constexpr int kMaxOperands = 1023;         // inputs, and outputs, of one node
inline constexpr int kMaxOps = 255;               // rows of an op resolver
inline constexpr uint32_t kMaxTensorBytes = 0x0fffffff;  // 256 MiB - 1: offsets keep bits to spare

}  // namespace midge
