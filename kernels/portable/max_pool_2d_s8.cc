// SPDX-License-Identifier: Apache-2.0
#include "kernels/portable/channelwise.h"
#include "kernels/portable/pool.h"
#include "kernels/portable/portable.h"

namespace midge::portable {

void MaxPool2DS8(const Pool2DS8Params& params, const RowView<const int8_t>& input, Rows rows,
                 const RowView<int8_t>& output) {
  ReduceChannelwise(MaximumOf<int8_t>{params.clamp}, params.shape, input, rows, output);
}

}  // namespace midge::portable
