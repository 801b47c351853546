// SPDX-License-Identifier: Apache-2.0
//
// What AVERAGE_POOL_2D and MAX_POOL_2D share: parameters, Prepare and Eval.
#pragma once

#include "kernels/fixed_point.h"
#include "kernels/window_2d.h"

namespace midge {

struct Pool2DS8Params {
  WindowedShape shape;
  ClampRange clamp;
};

using Pool2DS16Params = Pool2DS8Params;
using Pool2DU8Params = Pool2DS8Params;

struct Pool2DF32Params {
  WindowedShape shape;
  FloatClampRange clamp;
};

// Contracts: average_pool_2d.h, max_pool_2d.h.
using Pool2DS8 = void(const Pool2DS8Params& params, const RowView<const int8_t>& input, Rows rows,
                      const RowView<int8_t>& output);
using Pool2DS16 = void(const Pool2DS16Params& params, const RowView<const int16_t>& input,
                       Rows rows, const RowView<int16_t>& output);
using Pool2DU8 = void(const Pool2DU8Params& params, const RowView<const uint8_t>& input, Rows rows,
                      const RowView<uint8_t>& output);
using Pool2DF32 = void(const Pool2DF32Params& params, const RowView<const float>& input, Rows rows,
                       const RowView<float>& output);

Status PreparePool2DS8(PrepareContext& context);
Status PreparePool2DS16(PrepareContext& context);
Status PreparePool2DU8(PrepareContext& context);
Status PreparePool2DF32(PrepareContext& context);
Status EvalPool2DS8(const EvalContext& context, Rows rows, Pool2DS8* kernel);
Status EvalPool2DS16(const EvalContext& context, Rows rows, Pool2DS16* kernel);
Status EvalPool2DU8(const EvalContext& context, Rows rows, Pool2DU8* kernel);
Status EvalPool2DF32(const EvalContext& context, Rows rows, Pool2DF32* kernel);

}  // namespace midge
