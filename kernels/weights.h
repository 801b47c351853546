// SPDX-License-Identifier: Apache-2.0
//
// What ops with weights check alike: CONV_2D, DEPTHWISE_CONV_2D and FULLY_CONNECTED, whose operands
// are {input, filter, bias} -> {output}. The bias may be left out.
#pragma once

#include "midge/op.h"

namespace midge {

// Number and types of the operands; the bias has one element per output channel (the innermost
// dimension of the output).
Status ExpectWeights(const PrepareContext& context, TensorType type, TensorType bias_type);

// Filter and bias are not computed by other nodes, so only the input comes in rows.
bool HasConstantWeights(const PrepareContext& context);

struct WeightsQuantization {
  QuantParam input, output;
  Span<const float> filter_scales;  // one, or one per output channel
};

// `filter_dimension` is that of the output channels.
Result<WeightsQuantization> ReadWeightsQuantization(const PrepareContext& context,
                                                    int filter_dimension);

}  // namespace midge
