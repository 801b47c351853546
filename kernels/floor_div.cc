// SPDX-License-Identifier: Apache-2.0
//
// Floor division and its remainder, element by element, with broadcasting: of values as they are
// stored (plain_integers.h). F32: floor(a / b); fmod, with b added where the signs differ.
#include "kernels/binary_map.h"
#include "kernels/isa.h"
#include "kernels/op_row.h"
#include "kernels/unary_map.h"
#include "midge/ops.h"

namespace midge {
namespace {

template <BuiltinOp kCode, TensorType kType, auto kKernel>
constexpr auto kRow = OpRow<kCode, kType, PrepareBinary<kType>, BinaryEval<kKernel>::Eval>;

template <typename T>
constexpr auto kDivRow = kRow<BuiltinOp::kFloorDiv, kTypeOf<T>, isa::FloorDivElements<T>>;
constexpr auto kDivF32 = kRow<BuiltinOp::kFloorDiv, TensorType::kFloat32, isa::FloorDivF32>;
template <typename T>
constexpr auto kModRow = kRow<BuiltinOp::kFloorMod, kTypeOf<T>, isa::FloorModElements<T>>;
constexpr auto kModF32 = kRow<BuiltinOp::kFloorMod, TensorType::kFloat32, isa::FloorModF32>;

}  // namespace

const Op kFloorDivInt8 = kDivRow<int8_t>(nullptr);
const Op kFloorDivInt16 = kDivRow<int16_t>(nullptr);
const Op kFloorDivInt32 = kDivRow<int32_t>(nullptr);
const Op kFloorDivFloat32 = kDivF32(nullptr);
const Op kFloorDiv = kOpChain<kDivRow<int8_t>, kDivRow<int16_t>, kDivRow<int32_t>, kDivF32>;

const Op kFloorModInt8 = kModRow<int8_t>(nullptr);
const Op kFloorModInt16 = kModRow<int16_t>(nullptr);
const Op kFloorModInt32 = kModRow<int32_t>(nullptr);
const Op kFloorModInt64 = kModRow<int64_t>(nullptr);
const Op kFloorModFloat32 = kModF32(nullptr);
const Op kFloorMod =
    kOpChain<kModRow<int8_t>, kModRow<int16_t>, kModRow<int32_t>, kModRow<int64_t>, kModF32>;

}  // namespace midge
