// SPDX-License-Identifier: Apache-2.0
//
// Every kernel of the portable tier: shipped code that defines the bits. Contracts are in the op's
// header one folder up. `rows` are rows of one image's output.
#pragma once

#include "kernels/conv_2d.h"

namespace midge::portable {

void Conv2DS8(const Conv2DS8Params& params, const ChannelMultipliers& multipliers,
              RowView<const int8_t> input, const int8_t* filter, const int32_t* bias, Rows rows,
              RowView<int8_t> output);
void Conv2DF32(const Conv2DF32Params& params, RowView<const float> input, const float* filter,
               const float* bias, Rows rows, RowView<float> output);

}  // namespace midge::portable
