// SPDX-License-Identifier: Apache-2.0
//
// Maximum and minimum of two tensors, element by element, with broadcasting: of the values as they
// are stored (plain_integers.h); quantized operands are not rescaled. A comparison with NaN is
// false and gives the second operand.
#include "kernels/binary_map.h"
#include "kernels/isa.h"
#include "kernels/op_row.h"
#include "kernels/unary_map.h"
#include "midge/ops.h"

namespace midge {
namespace {

template <typename T>
constexpr auto kMax = OpRow<BuiltinOp::kMaximum, kTypeOf<T>, PrepareBinary<kTypeOf<T>>,
                            BinaryEval<isa::MaximumElements<T>>::Eval>;
template <typename T>
constexpr auto kMin = OpRow<BuiltinOp::kMinimum, kTypeOf<T>, PrepareBinary<kTypeOf<T>>,
                            BinaryEval<isa::MinimumElements<T>>::Eval>;

}  // namespace

const Op kMaximumInt8 = kMax<int8_t>(nullptr);
const Op kMaximumInt16 = kMax<int16_t>(nullptr);
const Op kMaximumInt32 = kMax<int32_t>(nullptr);
const Op kMaximumInt64 = kMax<int64_t>(nullptr);
const Op kMaximumFloat32 = kMax<float>(nullptr);
const Op kMaximum =
    kOpChain<kMax<int8_t>, kMax<int16_t>, kMax<int32_t>, kMax<int64_t>, kMax<float>>;

const Op kMinimumInt8 = kMin<int8_t>(nullptr);
const Op kMinimumInt16 = kMin<int16_t>(nullptr);
const Op kMinimumInt32 = kMin<int32_t>(nullptr);
const Op kMinimumInt64 = kMin<int64_t>(nullptr);
const Op kMinimumFloat32 = kMin<float>(nullptr);
const Op kMinimum =
    kOpChain<kMin<int8_t>, kMin<int16_t>, kMin<int32_t>, kMin<int64_t>, kMin<float>>;

}  // namespace midge
