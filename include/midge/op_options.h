// SPDX-License-Identifier: Apache-2.0
//
// The builtin options of each op as plain structs, read from the model by PrepareContext::Options.
// Enumerators keep the format's numbers; every value has been checked to be one of them.
#pragma once

#include <cstdint>

#include "midge/tensor.h"

namespace midge {

enum class Padding : int8_t { kSame = 0, kValid = 1 };

// Activation fused into an op: applied to its real-valued result.
enum class Activation : int8_t { kNone = 0, kRelu = 1, kReluN1To1 = 2, kRelu6 = 3 };

struct Conv2DOptions {
  Padding padding;
  Activation activation;
  int32_t stride_w, stride_h;      // >= 1
  int32_t dilation_w, dilation_h;  // >= 1
};

// The file's depth_multiplier is not read: the shapes define it, and old files leave it 0.
struct DepthwiseConv2DOptions : Conv2DOptions {};

// The file's keep_num_dims is not read: the shape of the output says the same.
struct FullyConnectedOptions {
  Activation activation;
  bool wide_without_bias;           // int16 without a bias: sums have 64 bits, not 32
  bool asymmetric_quantize_inputs;  // float inputs and int8 weights
};

struct TransposeConvOptions {
  Padding padding;
  Activation activation;
  int32_t stride_w, stride_h;  // >= 1
};

struct BatchMatMulOptions {
  bool adj_x, adj_y;
  bool asymmetric_quantize_inputs;  // float x and int8 y
};

struct Pool2DOptions {
  Padding padding;
  Activation activation;
  int32_t stride_w, stride_h;  // >= 1
  int32_t filter_w, filter_h;  // >= 1
};

struct SoftmaxOptions {
  float beta;
};

struct AddOptions {
  Activation activation;
};

struct MulOptions {
  Activation activation;
};

struct SubOptions {
  Activation activation;
};

struct DivOptions {
  Activation activation;
};

struct L2NormOptions {
  Activation activation;
};

struct LeakyReluOptions {
  float alpha;  // finite
};

struct GeluOptions {
  bool approximate;
};

struct ReducerOptions {
  bool keep_dims;
};

// Subgraphs by index.
struct IfOptions {
  int32_t then_subgraph, else_subgraph;
};
struct WhileOptions {
  int32_t condition_subgraph, body_subgraph;
};
struct CallOnceOptions {
  int32_t init_subgraph;
};

// Two handles with the same names are the same variable.
struct VarHandleOptions {
  Span<const char> container, shared_name;
};

struct UnidirectionalSequenceLstmOptions {
  float cell_clip;  // >= 0; 0 for none
  bool time_major;
  bool asymmetric_quantize_inputs;  // float activations and int8 weights
};

struct SvdfOptions {
  int32_t rank;  // >= 1
  Activation activation;
};

struct ConcatenationOptions {
  int32_t axis;
  Activation activation;
};

// The file's values_count is not read: the operands say the same.
struct PackOptions {
  int32_t axis;
};

// The file's num is not read: the operands say the same.
struct UnpackOptions {
  int32_t axis;
};

// Bit i of a mask is about entry i of the operands.
struct StridedSliceOptions {
  int32_t begin_mask, end_mask;  // the dimension's end instead of the entry's
  int32_t ellipsis_mask;         // as many whole dimensions as other entries leave
  int32_t new_axis_mask;         // a new dimension of extent 1
  int32_t shrink_axis_mask;      // one index, and no dimension
  bool offset;                   // ends count from begins
};

struct SpaceToDepthOptions {
  int32_t block_size;  // >= 1
};

struct DepthToSpaceOptions {
  int32_t block_size;  // >= 1
};

struct MirrorPadOptions {
  bool reflect;  // the edge is not repeated
};

struct GatherOptions {
  int32_t axis, batch_dims;
};

struct OneHotOptions {
  int32_t axis;
};

struct ResizeOptions {
  bool align_corners;       // the centres of corner elements coincide
  bool half_pixel_centers;  // element i covers [i, i + 1)
};

struct ResizeBilinearOptions : ResizeOptions {};

struct ResizeNearestNeighborOptions : ResizeOptions {};

struct CumSumOptions {
  bool exclusive;  // output i does not include input i
  bool reverse;    // from the last element to the first
};

}  // namespace midge
