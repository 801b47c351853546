// SPDX-License-Identifier: Apache-2.0
#include "benchmarks/macs.h"

namespace midge_bench {

uint64_t CountMacs(const midge::Model& model, const midge::NodeView& node) {
  using midge::BuiltinOp;
  const bool has_weights = node.code == BuiltinOp::kConv2D ||
                           node.code == BuiltinOp::kDepthwiseConv2D ||
                           node.code == BuiltinOp::kFullyConnected;
  if (!has_weights) return 0;

  const midge::Shape weights = model.tensor(node.inputs[1]).shape();
  const midge::Shape output = model.tensor(node.outputs[0]).shape();
  // Of OHWI and of [units, depth] all but the first dimension, of depthwise 1HWC all but the last.
  const bool depthwise = node.code == BuiltinOp::kDepthwiseConv2D;
  const int32_t weights_per_output =
      weights.Product(depthwise ? 0 : 1, weights.rank() - (depthwise ? 1 : 0));
  return uint64_t{static_cast<uint32_t>(output.elements())} *
         static_cast<uint32_t>(weights_per_output);
}

}  // namespace midge_bench
