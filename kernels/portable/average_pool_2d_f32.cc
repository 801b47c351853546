// SPDX-License-Identifier: Apache-2.0
#include "kernels/portable/channelwise.h"
#include "kernels/portable/pool.h"
#include "kernels/portable/portable.h"

namespace midge::portable {
void AveragePool2DF32(const Pool2DF32Params& params, const RowView<const float>& input, Rows rows,
                      const RowView<float>& output) {
  ReduceChannelwise(AverageOf<float>{params.clamp}, params.shape, input, rows, output);
}

}  // namespace midge::portable
