// SPDX-License-Identifier: Apache-2.0
#include "kernels/quantize.h"

#include <type_traits>

#include "kernels/isa.h"
#include "kernels/requant.h"
#include "kernels/unary_map.h"
#include "midge/ops.h"

namespace midge {
namespace {

// From one type to any of several.
template <typename In, typename... Outs>
struct Quantizer {
  static constexpr bool kFromReal = std::is_same_v<In, float>;
  using Params = std::conditional_t<kFromReal, QuantizeParams, RequantizeParams>;

  static constexpr Op Row(const Op* next) {
    return {BuiltinOp::kQuantize, kTypeOf<In>, 0, nullptr, Prepare, Eval, next};
  }

 private:
  static Status Prepare(PrepareContext& context) {
    const TensorType type = context.output_type(0);
    if (!((type == kTypeOf<Outs>) || ...)) {
      return context.Error(StatusCode::kUnsupportedType, Operand::Output(0));
    }
    MIDGE_TRY(CheckUnary(context, kTypeOf<In>, type));
    const Result<QuantParam> output = context.PerTensor(Operand::Output(0));
    MIDGE_TRY(output.status());
    if constexpr (kFromReal) {
      SetUnaryState(context, Params{output->scale, output->zero_point, type});
    } else {
      const Result<QuantParam> input = context.PerTensor(Operand::Input(0));
      MIDGE_TRY(input.status());
      const QuantizedMultiplier multiplier = MultiplierOfRatio(input->scale, 1.f, output->scale);
      const bool narrow = sizeof(In) < 4 && type != TensorType::kInt32;
      constexpr int32_t kDifferenceBits = sizeof(In) * 8;
      if (narrow ? !FitsRequantizer(multiplier, kDifferenceBits) : !FitsExponent(multiplier)) {
        return context.Error(StatusCode::kBadQuantization, Operand::Output(0));
      }
      SetUnaryState(context, Params{input->zero_point, output->zero_point, multiplier, type});
    }
    return {};
  }

  static Status Eval(const EvalContext& context, Rows rows) {
    const TensorType type = context.state<UnaryState<Params>>().params.output_type;
    Status status;
    static_cast<void>(
        ((type == kTypeOf<Outs> && (status = EvalTo<Outs>(context, rows), true)) || ...));
    return status;
  }

  template <typename Out>
  static Status EvalTo(const EvalContext& context, Rows rows) {
    if constexpr (kFromReal) {
      return UnaryEval<isa::QuantizeElements<Out>>::Eval(context, rows);
    } else {
      return UnaryEval<isa::RequantizeElements<In, Out>>::Eval(context, rows);
    }
  }
};

using FromFloat32 = Quantizer<float, int8_t, int16_t, uint8_t>;
using FromInt8 = Quantizer<int8_t, int8_t, int16_t, int32_t, uint8_t>;
using FromInt16 = Quantizer<int16_t, int8_t, int16_t, int32_t>;
using FromInt32 = Quantizer<int32_t, int8_t, int16_t>;
using FromUInt8 = Quantizer<uint8_t, int8_t, uint8_t>;

}  // namespace

const Op kQuantizeFloat32 = FromFloat32::Row(nullptr);
const Op kQuantizeInt8 = FromInt8::Row(nullptr);
const Op kQuantizeInt16 = FromInt16::Row(nullptr);
const Op kQuantizeInt32 = FromInt32::Row(nullptr);
const Op kQuantizeUInt8 = FromUInt8::Row(nullptr);

namespace {
const Op kFromInt32 = FromInt32::Row(&kQuantizeUInt8);
const Op kFromInt16 = FromInt16::Row(&kFromInt32);
const Op kFromInt8 = FromInt8::Row(&kFromInt16);
}  // namespace
const Op kQuantize = FromFloat32::Row(&kFromInt8);

}  // namespace midge
