// SPDX-License-Identifier: Apache-2.0
//
// Weights in half precision: the converter writes them as float16 constants, each behind a
// DEQUANTIZE that makes a float tensor of it. Where only ops read that tensor which take float16 as
// well, it is never made: DEQUANTIZE does nothing, and its readers see the constant.
#pragma once

#include "midge/model.h"

namespace midge::internal {

// The float16 constant that stands for `tensor` of the graph; -1 if none does.
int32_t Float16Source(const Model& model, int32_t tensor);

}  // namespace midge::internal
