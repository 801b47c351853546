// SPDX-License-Identifier: Apache-2.0
#include "float16_source.h"

namespace midge::internal {
namespace {

enum : size_t { kInput = 0, kFilter = 1, kBias = 2 };

// The float16 constant that a DEQUANTIZE makes `tensor` of, -1 if it is made otherwise.
int32_t Dequantized(const Model& model, int32_t tensor) {
  if (tensor < 0 || model.tensor_type(tensor) != TensorType::kFloat32 ||
      model.is_constant(tensor)) {
    return -1;
  }
  for (int n = 0; n < model.node_count(); ++n) {
    const NodeView node = model.node(n);
    if (node.code != BuiltinOp::kDequantize || node.inputs.size() != 1 ||
        node.outputs.size() != 1 || node.outputs[0] != tensor) {
      continue;
    }
    const int32_t source = node.inputs[0];
    const bool halves = source >= 0 && model.is_constant(source) &&
                        model.tensor_type(source) == TensorType::kFloat16 &&
                        model.tensor_shape(source) == model.tensor_shape(tensor);
    return halves ? source : -1;
  }
  return -1;
}

bool IsGraphOutput(const Model& model, int32_t tensor) {
  for (const int32_t t : model.outputs()) {
    if (t == tensor) return true;
  }
  return false;
}

bool TakesFloat16(const Model& model, const NodeView& node) {
  const bool has_weights = node.code == BuiltinOp::kConv2D ||
                           node.code == BuiltinOp::kDepthwiseConv2D ||
                           node.code == BuiltinOp::kFullyConnected;
  return has_weights && node.inputs[kInput] >= 0 &&
         model.tensor_type(node.inputs[kInput]) == TensorType::kFloat32;
}

// Whether all that reads the tensor takes it as float16, if it comes as input `operand`.
template <typename Takes>
bool AllReadersTake(const Model& model, int32_t tensor, size_t operand, const Takes& takes) {
  for (int n = 0; n < model.node_count(); ++n) {
    const NodeView node = model.node(n);
    for (size_t i = 0; i < node.inputs.size(); ++i) {
      if (node.inputs[i] == tensor && (i != operand || !takes(node))) return false;
    }
  }
  return !IsGraphOutput(model, tensor);
}

bool IsFloat16Filter(const Model& model, int32_t tensor) {
  return Dequantized(model, tensor) >= 0 &&
         AllReadersTake(model, tensor, kFilter,
                        [&](const NodeView& node) { return TakesFloat16(model, node); });
}

}  // namespace

int32_t Float16Source(const Model& model, int32_t tensor) {
  const int32_t source = Dequantized(model, tensor);
  if (source < 0) return -1;
  // A bias is taken as float16 beside a filter that is, if one node alone reads it: the work of
  // preparing is so quadratic in the number of nodes at most.
  int readers = 0;
  const bool taken = IsFloat16Filter(model, tensor) ||
                     AllReadersTake(model, tensor, kBias, [&](const NodeView& node) {
                       return ++readers == 1 && TakesFloat16(model, node) &&
                              IsFloat16Filter(model, node.inputs[kFilter]);
                     });
  return taken ? source : -1;
}

}  // namespace midge::internal
