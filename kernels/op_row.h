// SPDX-License-Identifier: Apache-2.0
//
// How an op's file writes its rows. A row that others follow has another `next` than the same row
// by itself, so rows are made by functions:
//
//   constexpr auto kInt8 = OpRow<BuiltinOp::kTanh, TensorType::kInt8, PrepareInt8, EvalTableS8>;
//   constexpr auto kFloat32 = OpRow<…>;
//
//   const Op kTanhInt8 = kInt8(nullptr);
//   const Op kTanhFloat32 = kFloat32(nullptr);
//   const Op kTanh = kOpChain<kInt8, kFloat32>;
#pragma once

#include "midge/op.h"

namespace midge {

template <BuiltinOp kCode, TensorType kType, Status (*kPrepare)(PrepareContext&),
          Status (*kEval)(const EvalContext&, Rows), uint8_t kKeyInput = 0>
constexpr Op OpRow(const Op* next) {
  return {kCode, kType, kKeyInput, nullptr, kPrepare, kEval, next};
}

template <auto kFirst, auto... kRest>
inline constexpr Op kOpChain = kFirst(&kOpChain<kRest...>);
template <auto kLast>
inline constexpr Op kOpChain<kLast> = kLast(nullptr);

}  // namespace midge
