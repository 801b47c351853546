// SPDX-License-Identifier: Apache-2.0
#include "kernels/logical.h"

#include "kernels/binary_map.h"
#include "kernels/isa.h"
#include "kernels/op_row.h"
#include "kernels/unary_map.h"
#include "midge/ops.h"

namespace midge {
namespace {

template <BuiltinOp kCode, auto kKernel>
constexpr auto kBinaryRow =
    OpRow<kCode, TensorType::kBool, PrepareBinary<TensorType::kBool>, BinaryEval<kKernel>::Eval>;

constexpr auto kAnd = kBinaryRow<BuiltinOp::kLogicalAnd, isa::LogicalAndB8>;
constexpr auto kOr = kBinaryRow<BuiltinOp::kLogicalOr, isa::LogicalOrB8>;
constexpr auto kNot = OpRow<BuiltinOp::kLogicalNot, TensorType::kBool,
                            PrepareUnary<TensorType::kBool>, UnaryEval<isa::LogicalNotB8>::Eval>;

}  // namespace

const Op kLogicalAnd = kAnd(nullptr);
const Op kLogicalAndBool = kLogicalAnd;
const Op kLogicalNot = kNot(nullptr);
const Op kLogicalNotBool = kLogicalNot;
const Op kLogicalOr = kOr(nullptr);
const Op kLogicalOrBool = kLogicalOr;

}  // namespace midge
