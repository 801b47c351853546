// SPDX-License-Identifier: Apache-2.0
//
// Sub: the difference of two tensors, element by element, with broadcasting. Contracts: int8 and
// int16 in scaled_sum.h, int32 and int64 in plain_integers.h; F32 is clamp(a[i] - b[i]).
#include "kernels/isa.h"
#include "kernels/op_row.h"
#include "kernels/scaled_sum_prepare.h"
#include "kernels/unary_map.h"
#include "midge/ops.h"

namespace midge {
namespace {

template <typename T>
constexpr auto kQuantized =
    OpRow<BuiltinOp::kSub, kTypeOf<T>, PrepareScaledSum<kTypeOf<T>, SubOptions, -1>,
          BinaryEval<isa::ScaledSumElements<T>>::Eval>;
template <typename T>
constexpr auto kInteger =
    OpRow<BuiltinOp::kSub, kTypeOf<T>, PrepareBinaryInteger<kTypeOf<T>, SubOptions>,
          BinaryEval<isa::SubElements<T>>::Eval>;
constexpr auto kFloat32 = OpRow<BuiltinOp::kSub, TensorType::kFloat32, PrepareBinaryF32<SubOptions>,
                                BinaryEval<isa::SubF32>::Eval>;

}  // namespace

const Op kSubInt8 = kQuantized<int8_t>(nullptr);
const Op kSubUInt8 = kQuantized<uint8_t>(nullptr);
const Op kSubInt16 = kQuantized<int16_t>(nullptr);
const Op kSubInt32 = kInteger<int32_t>(nullptr);
const Op kSubInt64 = kInteger<int64_t>(nullptr);
const Op kSubFloat32 = kFloat32(nullptr);
const Op kSub = kOpChain<kQuantized<int8_t>, kQuantized<int16_t>, kInteger<int32_t>,
                         kInteger<int64_t>, kFloat32, kQuantized<uint8_t>>;

}  // namespace midge
