// SPDX-License-Identifier: Apache-2.0
#include "kernels/cast.h"

#include "kernels/isa.h"
#include "kernels/op_row.h"
#include "kernels/unary_map.h"
#include "midge/ops.h"

namespace midge {
namespace {

// From one type to any of several.
template <typename In, typename... Outs>
struct Caster {
  static Status Prepare(PrepareContext& context) {
    const TensorType type = context.output_type(0);
    if (!((type == kTypeOf<Outs>) || ...)) {
      return context.Error(StatusCode::kUnsupportedType, Operand::Output(0));
    }
    MIDGE_TRY(CheckUnary(context, kTypeOf<In>, type));
    SetUnaryState(context, CastParams{type});
    return {};
  }

  static Status Eval(const EvalContext& context, Rows rows) {
    const TensorType type = context.state<UnaryState<CastParams>>().params.output_type;
    static_cast<void>(
        ((type == kTypeOf<Outs> &&
          (static_cast<void>(UnaryEval<isa::CastElements<In, Outs>>::Eval(context, rows)), true)) ||
         ...));
    return {};
  }
};

template <typename In>
using FromType = Caster<In, float, int8_t, uint8_t, int16_t, int32_t, uint32_t, int64_t, Truth>;
template <typename In>
constexpr auto kFrom =
    OpRow<BuiltinOp::kCast, kTypeOf<In>, FromType<In>::Prepare, FromType<In>::Eval>;

}  // namespace

const Op kCastBool = kFrom<Truth>(nullptr);
const Op kCastFloat32 = kFrom<float>(nullptr);
const Op kCastInt8 = kFrom<int8_t>(nullptr);
const Op kCastInt16 = kFrom<int16_t>(nullptr);
const Op kCastInt32 = kFrom<int32_t>(nullptr);
const Op kCastInt64 = kFrom<int64_t>(nullptr);
const Op kCastUInt8 = kFrom<uint8_t>(nullptr);
const Op kCastUInt32 = kFrom<uint32_t>(nullptr);
const Op kCast = kOpChain<kFrom<float>, kFrom<int8_t>, kFrom<int32_t>, kFrom<Truth>, kFrom<int16_t>,
                          kFrom<uint8_t>, kFrom<int64_t>, kFrom<uint32_t>>;

}  // namespace midge
