// SPDX-License-Identifier: Apache-2.0
//
// Where both matrices lie with the depth innermost, the product is a fully connected layer.
#include <type_traits>

#include "kernels/arm_dsp/arm_dsp.h"

namespace midge::arm_dsp {

static_assert(std::is_same_v<decltype(BatchMatMulS8), decltype(portable::BatchMatMulS8)>);

void BatchMatMulS8(const BatchMatMulS8Params& params, const int8_t* a, const int8_t* b,
                   int8_t* output) {
  const MatMulShape& shape = params.shape;
  const bool a_rows =
      shape.a_depth_step == 1 && (shape.a_row_step == shape.depth || shape.rows == 1);
  const bool b_rows =
      shape.b_depth_step == 1 && (shape.b_column_step == shape.depth || shape.columns == 1);
  if (!a_rows || !b_rows) {
    portable::BatchMatMulS8(params, a, b, output);
    return;
  }
  const auto exponent = static_cast<int8_t>(params.multiplier.exponent);
  const ChannelMultipliers multiplier = {&params.multiplier.multiplier_q31, &exponent, 0};
  FullyConnectedS8Params layer = {};
  layer.shape = {shape.depth, shape.columns};
  layer.input_zero_point = static_cast<int8_t>(params.a_zero_point);
  layer.filter_zero_point = static_cast<int8_t>(params.b_zero_point);
  layer.output_zero_point = params.output_zero_point;
  layer.clamp = {INT8_MIN, INT8_MAX};
  FullyConnectedS8(layer, multiplier, a, b, nullptr, shape.rows, output);
}

}  // namespace midge::arm_dsp
