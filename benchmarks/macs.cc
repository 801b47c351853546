// SPDX-License-Identifier: Apache-2.0
#include "benchmarks/macs.h"

namespace midge_bench {
namespace {

using midge::BuiltinOp;
using midge::Model;
using midge::NodeView;
using midge::Shape;

uint64_t Elements(const Shape& shape) { return static_cast<uint32_t>(shape.elements()); }

}  // namespace

bool HasWeights(const NodeView& node) {
  switch (node.code) {
    case BuiltinOp::kConv2D:
    case BuiltinOp::kDepthwiseConv2D:
    case BuiltinOp::kFullyConnected:
    case BuiltinOp::kTransposeConv:
    case BuiltinOp::kSvdf:
    case BuiltinOp::kUnidirectionalSequenceLstm:
    case BuiltinOp::kBatchMatMul:
      return true;
    default:
      return false;
  }
}

uint64_t CountMacs(const Model& model, const NodeView& node) {
  if (!HasWeights(node)) return 0;
  const auto input = [&](int i) { return model.tensor_shape(node.inputs[static_cast<size_t>(i)]); };
  const Shape weights = input(node.code == BuiltinOp::kUnidirectionalSequenceLstm ? 2 : 1);
  const Shape output = model.tensor_shape(node.outputs[0]);
  if (output.elements() == 0) return 0;
  switch (node.code) {
    case BuiltinOp::kDepthwiseConv2D:  // 1HWC: all but the last dimension
      return Elements(output) * static_cast<uint32_t>(weights.Product(0, weights.rank() - 1));
    case BuiltinOp::kTransposeConv:  // OHWI: each input is multiplied by all but the last
      return Elements(input(2)) * static_cast<uint32_t>(weights.Product(0, weights.rank() - 1));
    case BuiltinOp::kSvdf:  // features [F, I], time [F, M], of each batch
      return static_cast<uint32_t>(output[0]) * (Elements(weights) + Elements(input(2)));
    case BuiltinOp::kUnidirectionalSequenceLstm: {
      // Of each step: four gates [S, I] and [S, S], and three products of cells.
      const auto cells = static_cast<uint64_t>(static_cast<uint32_t>(weights[0]));
      const uint64_t steps = Elements(output) / cells;
      return steps * (4 * (Elements(weights) + cells * cells) + 3 * cells);
    }
    case BuiltinOp::kBatchMatMul:  // a [..., M, K] or [..., K, M], output [..., M, N]
      return Elements(output) * (static_cast<uint32_t>(input(0).FromBack(0) * input(0).FromBack(1) /
                                                       output.FromBack(1)));
    default:  // OHWI and [units, depth]: all but the first
      return Elements(output) * static_cast<uint32_t>(weights.Product(1, weights.rank()));
  }
}

}  // namespace midge_bench
