// SPDX-License-Identifier: Apache-2.0
//
// SpaceToDepth, DepthToSpace: squares of pixels become channels of one pixel, or the other way
// round. strided_copy.h has the contract.
//
// Shapes    large [N, H * block, W * block, C], small [N, H, W, block * block * C].
// Math      small[n, y, x, (j * block + i) * C + c] = large[n, y * block + j, x * block + i, c].
#include "kernels/strided_copy.h"
#include "midge/ops.h"

namespace midge {
namespace {

struct Squares {
  int32_t batches, height, width, channels;  // height and width of the small tensor
  int32_t block;
};

Status ReadShapes(const PrepareContext& context, int32_t block, Operand large_operand,
                  Operand small_operand, Squares* squares) {
  MIDGE_TRY(context.ExpectRank(Operand::Input(0), 4, 4));
  MIDGE_TRY(context.ExpectRank(Operand::Output(0), 4, 4));
  const Shape large = context.operand(large_operand).shape();
  const Shape small = context.operand(small_operand).shape();
  const bool agree = large[0] == small[0] && large[1] == int64_t{small[1]} * block &&
                     large[2] == int64_t{small[2]} * block &&
                     small[3] == int64_t{large[3]} * block * block;
  if (!agree) return context.Error(StatusCode::kBadShape, Operand::Output(0));
  *squares = {small[0], small[1], small[2], large[3], block};
  return {};
}

Status PrepareSpaceToDepth(PrepareContext& context) {
  MIDGE_TRY(context.ExpectOperands(1, 1, 1));
  SpaceToDepthOptions options;
  MIDGE_TRY(context.Options(&options));
  Squares s = {};
  MIDGE_TRY(ReadShapes(context, options.block_size, Operand::Input(0), Operand::Output(0), &s));
  const int32_t line = s.width * s.block * s.channels;
  CopyWalk walk;
  walk.Add(s.batches, s.height * s.block * line);
  walk.Add(s.height, s.block * line);
  walk.Add(s.width, s.block * s.channels);
  walk.Add(s.block, line);
  walk.Add(s.block, s.channels);
  walk.Add(s.channels, 1);
  return PrepareCopy(context, 0, walk);
}

Status PrepareDepthToSpace(PrepareContext& context) {
  MIDGE_TRY(context.ExpectOperands(1, 1, 1));
  DepthToSpaceOptions options;
  MIDGE_TRY(context.Options(&options));
  Squares s = {};
  MIDGE_TRY(ReadShapes(context, options.block_size, Operand::Output(0), Operand::Input(0), &s));
  const int32_t pixel = s.block * s.block * s.channels;
  CopyWalk walk;
  walk.Add(s.batches, s.height * s.width * pixel);
  walk.Add(s.height, s.width * pixel);
  walk.Add(s.block, s.block * s.channels);
  walk.Add(s.width, pixel);
  walk.Add(s.block, s.channels);
  walk.Add(s.channels, 1);
  return PrepareCopy(context, 0, walk);
}

}  // namespace

const Op kDepthToSpace = {BuiltinOp::kDepthToSpace, TensorType::kAny, 0,      nullptr,
                          PrepareDepthToSpace,      EvalCopy,         nullptr};
const Op kSpaceToDepth = {BuiltinOp::kSpaceToDepth, TensorType::kAny, 0,      nullptr,
                          PrepareSpaceToDepth,      EvalCopy,         nullptr};

}  // namespace midge
