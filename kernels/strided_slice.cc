// SPDX-License-Identifier: Apache-2.0
//
// StridedSlice: every stride-th element of a box in a tensor, in Python's notation for it:
// input[begin:end:stride, …, index, None]. strided_copy.h has its contract.
//
// Shapes    input [d0, …]; begin, end, strides [entries]. An entry takes the next dimension of the
//           input, unless a mask says that it is an ellipsis, which takes as many as no other entry
//           does, or a new dimension of extent 1. Dimensions beyond the entries are taken whole. An
//           entry that the shrink mask names takes one index and leaves no dimension in the output.
// Math      of an entry: begin and end below 0 count from the back and end where the dimension
//           does; those that a mask names are the dimension's ends in the direction of the stride.
#include <initializer_list>

#include "kernels/integer_operand.h"
#include "kernels/strided_copy.h"
#include "midge/ops.h"

namespace midge {
namespace {

enum : int { kInput = 0, kBegin = 1, kEnd = 2, kStrides = 3, kInputCount };

bool Has(int32_t mask, int entry) { return entry < 32 && (mask >> entry & 1) != 0; }

struct Range {
  int32_t begin, extent, stride;
};

int32_t ClampIndex(int32_t index, int32_t size, int32_t stride) {
  const int64_t at = index < 0 ? int64_t{index} + size : index;
  const int32_t low = stride > 0 ? 0 : -1, high = stride > 0 ? size : size - 1;
  return at < low ? low : at > high ? high : static_cast<int32_t>(at);
}

// What an entry takes of a dimension of `size` for an output's dimension of `wanted`.
Status ReadRange(const PrepareContext& context, const StridedSliceOptions& options, int entry,
                 int32_t size, int32_t wanted, Range* range) {
  int32_t begin = IntegerAt(context.input(kBegin), entry);
  const int32_t end = IntegerAt(context.input(kEnd), entry);
  const int32_t stride = IntegerAt(context.input(kStrides), entry);
  if (stride == 0 || stride == INT32_MIN) {
    return context.Error(StatusCode::kBadShape, Operand::Input(kStrides));
  }
  if (Has(options.shrink_axis_mask, entry)) {
    if (begin < 0) begin += size;
    if (begin < 0 || begin >= size) {
      return context.Error(StatusCode::kBadShape, Operand::Input(kBegin));
    }
    *range = {begin, 1, 1};
    return {};
  }
  const bool up = stride > 0;
  const int32_t from =
      Has(options.begin_mask, entry) ? (up ? 0 : size - 1) : ClampIndex(begin, size, stride);
  const int32_t to =
      Has(options.end_mask, entry) ? (up ? size : -1) : ClampIndex(end, size, stride);
  const int32_t step = up ? stride : -stride;
  // With `offset`, readers of the format differ about the end; the output's extent does not.
  const int32_t distance = options.offset ? (up ? size - from : from + 1)
                           : up           ? to - from
                                          : from - to;
  int32_t extent = distance <= 0 ? 0 : (distance - 1) / step + 1;
  if (options.offset && extent > wanted) extent = wanted;
  *range = {from, extent, extent > 1 ? stride : 1};
  return {};
}

Status CheckOperands(const PrepareContext& context) {
  MIDGE_TRY(context.ExpectOperands(kInputCount, kInputCount, 1));
  const int32_t entries = context.input_shape(kBegin).elements();
  for (const int i : {kBegin, kEnd, kStrides}) {
    MIDGE_TRY(ExpectIntegers(context, i));
    if (context.input_shape(i).elements() != entries) {
      return context.Error(StatusCode::kBadShape, Operand::Input(i));
    }
  }
  return {};
}

Status Prepare(PrepareContext& context) {
  MIDGE_TRY(CheckOperands(context));
  StridedSliceOptions options;
  MIDGE_TRY(context.Options(&options));
  const Shape input = context.input_shape(kInput), output = context.output_shape(0);
  const int entries = context.input_shape(kBegin).elements();
  int taken = 0;  // dimensions that entries other than the ellipsis take
  for (int i = 0; i < entries; ++i) {
    taken += !Has(options.ellipsis_mask, i) && !Has(options.new_axis_mask, i);
  }
  if (taken > input.rank()) return context.Error(StatusCode::kBadShape, Operand::Input(kBegin));

  CopyWalk walk;
  int d = 0, out = 0;  // dimensions of the input and of the output so far
  bool shapes_agree = true;
  const auto keep = [&](int32_t extent) {
    shapes_agree = shapes_agree && out < output.rank() && output[out] == extent;
    ++out;
  };
  const auto take_whole = [&](int count) {
    for (; count > 0; --count, ++d) {
      keep(input[d]);
      walk.Add(input[d], StepOf(input, d));
    }
  };
  for (int i = 0; i < entries; ++i) {
    if (Has(options.ellipsis_mask, i)) {
      take_whole(input.rank() - taken);
      taken = input.rank();  // a second ellipsis finds nothing left
    } else if (Has(options.new_axis_mask, i)) {
      keep(1);
    } else {
      Range range = {};
      const int32_t wanted = out < output.rank() ? output[out] : 0;
      MIDGE_TRY(ReadRange(context, options, i, input[d], wanted, &range));
      if (!Has(options.shrink_axis_mask, i)) keep(range.extent);
      walk.first += range.begin * StepOf(input, d);
      walk.Add(range.extent, range.stride * StepOf(input, d));
      ++d;
    }
  }
  take_whole(input.rank() - d);
  if (!shapes_agree || out != output.rank()) {
    return context.Error(StatusCode::kBadShape, Operand::Output(0));
  }
  return PrepareCopy(context, kInput, walk);
}

}  // namespace

const Op kStridedSlice = {
    BuiltinOp::kStridedSlice, TensorType::kAny, kInput, nullptr, Prepare, EvalCopy, nullptr};

}  // namespace midge
