// SPDX-License-Identifier: Apache-2.0
#include "kernels/portable/channelwise.h"
#include "kernels/portable/pool.h"
#include "kernels/portable/portable.h"

namespace midge::portable {

void MaxPool2DU8(const Pool2DU8Params& params, const RowView<const uint8_t>& input, Rows rows,
                 const RowView<uint8_t>& output) {
  ReduceChannelwise(MaximumOf<uint8_t>{params.clamp}, params.shape, input, rows, output);
}

}  // namespace midge::portable
