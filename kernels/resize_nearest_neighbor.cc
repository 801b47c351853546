// SPDX-License-Identifier: Apache-2.0
//
// ResizeNearestNeighbor: an image of another size, each pixel the one at its place in the input.
//
// Shapes    input [N, H, W, C], output [N, H', W', C].
// Math      the place of index i is i * scale, or (i + 1/2) * scale for half pixel centers, in
//           float; the pixel there is the floor of it, or with aligned corners the nearest, halves
//           up, but no further than the last. scale = extent / extent', or, with aligned corners
//           and more than one pixel, (extent - 1) / (extent' - 1).
// Memory    needs the whole input. No scratch: the places are part of the state. Moves bytes of any
//           type, so it has no variants.
#include <cstring>

#include "kernels/movable.h"
#include "kernels/resize.h"
#include "midge/ops.h"

namespace midge {
namespace {

// The input's row for each row of the output follows, then the column for each column.
struct NearestState {
  int32_t batches, output_height, output_width;
  int32_t input_row_bytes, image_bytes, pixel_bytes;
};

void AppendPlaces(PrepareContext& context, const ResizeOptions& options, int32_t input,
                  int32_t output) {
  uint16_t* const places = context.NewArray<uint16_t>(output);
  if (places == nullptr) return;
  const bool aligns = AlignsCorners(options, output);
  const float scale = static_cast<float>(aligns ? input - 1 : input) /
                      static_cast<float>(aligns ? output - 1 : output);
  const float shift = options.half_pixel_centers ? 0.5f : 0.f;
  for (int32_t i = 0; i < output; ++i) {
    const float place = (static_cast<float>(i) + shift) * scale;
    int32_t index = static_cast<int32_t>(place);
    if (options.align_corners && place - static_cast<float>(index) >= 0.5f) ++index;
    places[i] = static_cast<uint16_t>(index < input ? index : input - 1);
  }
}

Status Prepare(PrepareContext& context) {
  MIDGE_TRY(ExpectResizable(context));
  MIDGE_TRY(ExpectMovable(context, Operand::Input(0)));
  ResizeNearestNeighborOptions options;
  MIDGE_TRY(context.Options(&options));
  const Shape input = context.input_shape(0), output = context.output_shape(0);
  NearestState& state = context.NewState<NearestState>();
  state.batches = output[0];
  state.output_height = output[1];
  state.output_width = output[2];
  state.pixel_bytes = input[3] * ElementBytes(context.input_type(0));
  state.input_row_bytes = input[2] * state.pixel_bytes;
  state.image_bytes = input[1] * state.input_row_bytes;
  AppendPlaces(context, options, input[1], output[1]);
  AppendPlaces(context, options, input[2], output[2]);
  return {};
}

Status Eval(const EvalContext& context, Rows) {
  const auto& state = context.state<NearestState>();
  const auto* const rows = context.StateArray<uint16_t>(sizeof(NearestState));
  const auto* const columns = rows + (state.output_height + 1) / 2 * 2;  // each 4-byte aligned
  const auto* image = context.input<uint8_t>(0);
  auto* out = context.output<uint8_t>(0);
  const auto pixel_bytes = static_cast<size_t>(state.pixel_bytes);
  const size_t row_bytes = static_cast<size_t>(state.output_width) * pixel_bytes;
  for (int32_t n = 0; n < state.batches; ++n, image += state.image_bytes) {
    for (int32_t y = 0; y < state.output_height; ++y) {
      if (y > 0 && rows[y] == rows[y - 1]) {
        std::memcpy(out, out - row_bytes, row_bytes);
        out += row_bytes;
        continue;
      }
      const uint8_t* const row = image + rows[y] * state.input_row_bytes;
      for (int32_t x = 0; x < state.output_width; ++x, out += pixel_bytes) {
        std::memcpy(out, row + columns[x] * state.pixel_bytes, pixel_bytes);
      }
    }
  }
  return {};
}

}  // namespace

const Op kResizeNearestNeighbor = {
    BuiltinOp::kResizeNearestNeighbor, TensorType::kAny, 0, nullptr, Prepare, Eval, nullptr};

}  // namespace midge
