// SPDX-License-Identifier: Apache-2.0
#include "kernels/portable/channelwise.h"
#include "kernels/portable/pool.h"
#include "kernels/portable/portable.h"

namespace midge::portable {

void MaxPool2DS16(const Pool2DS16Params& params, const RowView<const int16_t>& input, Rows rows,
                  const RowView<int16_t>& output) {
  ReduceChannelwise(MaximumOf<int16_t>{params.clamp}, params.shape, input, rows, output);
}

}  // namespace midge::portable
