// SPDX-License-Identifier: Apache-2.0
#include "kernels/resize_bilinear.h"

#include "kernels/isa.h"
#include "kernels/resize.h"
#include "kernels/unary_map.h"
#include "midge/ops.h"

namespace midge {
namespace {

template <typename Axis, typename Params>
struct ResizeState {
  Axis rows;
  Params params;
  int32_t batches, output_height, input_row, input_rows;  // the last two: elements, per image
};

ResizeAxisQ10 AxisQ10(const ResizeOptions& options, int32_t input, int32_t output) {
  const bool aligns = AlignsCorners(options, output);
  const int32_t from = aligns ? input - 1 : input, to = aligns ? output - 1 : output;
  const int32_t scale = (1024 * from + to / 2) / to;
  return {scale, options.half_pixel_centers ? scale / 2 - 512 : 0, input - 1};
}

ResizeAxisF32 AxisF32(const ResizeOptions& options, int32_t input, int32_t output) {
  const bool aligns = AlignsCorners(options, output);
  const int32_t from = aligns ? input - 1 : input, to = aligns ? output - 1 : output;
  return {static_cast<float>(from) / static_cast<float>(to),
          options.half_pixel_centers ? 0.5f : 0.f, input - 1};
}

// kAxis makes the mapping of a dimension; kKernel computes a row.
template <auto kAxis, auto kKernel>
struct Resizer;

template <typename Axis, Axis (*kAxis)(const ResizeOptions&, int32_t, int32_t), typename Params,
          typename T, typename Fraction,
          void (*kKernel)(const Params&, const T*, const T*, Fraction, T*)>
struct Resizer<kAxis, kKernel> {
  using State = ResizeState<Axis, Params>;

  static Status Prepare(PrepareContext& context) {
    MIDGE_TRY(ExpectResizable(context));
    ResizeBilinearOptions options;
    MIDGE_TRY(context.Options(&options));
    const Shape input = context.input_shape(0), output = context.output_shape(0);
    State& state = context.NewState<State>();
    state.rows = kAxis(options, input[1], output[1]);
    state.params = {kAxis(options, input[2], output[2]), output[2], output[3]};
    state.batches = output[0];
    state.output_height = output[1];
    state.input_row = input[2] * input[3];
    state.input_rows = input[1];
    return {};
  }

  static Status Eval(const EvalContext& context, Rows) {
    const auto& state = context.state<State>();
    const T* in = context.input<T>(0);
    T* out = context.output<T>(0);
    for (int32_t n = 0; n < state.batches; ++n, in += state.input_rows * state.input_row) {
      for (int32_t y = 0; y < state.output_height; ++y) {
        const auto place = state.rows.PlaceOf(y);
        kKernel(state.params, in + place.first * state.input_row,
                in + place.second * state.input_row, place.fraction, out);
        out += state.params.output_width * state.params.channels;
      }
    }
    return {};
  }

  static constexpr Op Row(const Op* next) {
    return {BuiltinOp::kResizeBilinear, kTypeOf<T>, 0, nullptr, Prepare, Eval, next};
  }
};

using Float32 = Resizer<AxisF32, isa::ResizeBilinearF32>;
using Int8 = Resizer<AxisQ10, isa::ResizeBilinearS8>;
using Int16 = Resizer<AxisQ10, isa::ResizeBilinearS16>;
using UInt8 = Resizer<AxisF32, isa::ResizeBilinearU8>;

}  // namespace

const Op kResizeBilinearFloat32 = Float32::Row(nullptr);
const Op kResizeBilinearInt8 = Int8::Row(nullptr);
const Op kResizeBilinearInt16 = Int16::Row(nullptr);
const Op kResizeBilinearUInt8 = UInt8::Row(nullptr);

namespace {
const Op kFromInt16 = Int16::Row(&kResizeBilinearUInt8);
const Op kFromFloat32 = Float32::Row(&kFromInt16);
}  // namespace
const Op kResizeBilinear = Int8::Row(&kFromFloat32);

}  // namespace midge
