// SPDX-License-Identifier: Apache-2.0
//
// SpaceToBatchND, BatchToSpaceND: every block-th pixel becomes an image of its own, or the other
// way round; what dilated convolutions are made of.
//
// Shapes    images [N, S…, C], block [dimensions of S], margins [dimensions of S, 2] (paddings or
//           crops), pieces [prod(block) * N, T…, C] with T * block = margins + S. S and T have one
//           or two dimensions.
// Math      pieces[(j * block_x + i) * N + n, y, x] = images[n, y * block_y + j - top,
//                                                            x * block_x + i - left]
//           SpaceToBatchND: the zero point (float: 0) where there is no such pixel.
// Memory    needs the whole input. No scratch. Moves bytes of any type, so it has no variants.
#include <cstring>
#include <initializer_list>

#include "kernels/integer_operand.h"
#include "kernels/movable.h"
#include "kernels/paddings.h"
#include "midge/ops.h"

namespace midge {
namespace {

enum : int { kInput = 0, kBlock = 1, kMargins = 2, kInputCount };

struct SpaceBatchState {
  int32_t batches;  // of the images
  int32_t image_height, image_width, piece_height, piece_width;
  int32_t block_y, block_x, top, left;
  int32_t pixel_bytes;
  int32_t padding;  // the value
  int32_t element_bytes;
};

// One dimension of space; the second is 1 where there is none.
Status ReadDimension(const PrepareContext& context, int d, int32_t image, int32_t piece,
                     int32_t* block, int32_t* before) {
  *block = IntegerAt(context.input(kBlock), d);
  *before = IntegerAt(context.input(kMargins), d * 2);
  const int32_t after = IntegerAt(context.input(kMargins), d * 2 + 1);
  if (*block < 1) return context.Error(StatusCode::kBadShape, Operand::Input(kBlock));
  if (*before < 0 || after < 0) {
    return context.Error(StatusCode::kBadShape, Operand::Input(kMargins));
  }
  const int64_t covered = int64_t{piece} * *block;
  return int64_t{*before} + image + after == covered && covered <= INT32_MAX
             ? Status()
             : context.Error(StatusCode::kBadShape, Operand::Output(0));
}

Status Prepare(PrepareContext& context, Operand images_operand, Operand pieces_operand) {
  MIDGE_TRY(context.ExpectOperands(kInputCount, kInputCount, 1));
  MIDGE_TRY(ExpectMovable(context, Operand::Input(kInput)));
  const TensorType type = context.input_type(kInput);
  MIDGE_TRY(context.ExpectType(Operand::Output(0), type));
  const Shape images = context.operand(images_operand).shape();
  const Shape pieces = context.operand(pieces_operand).shape();
  MIDGE_TRY(context.ExpectRank(Operand::Input(0), 3, 4));
  const int rank = context.input_shape(0).rank();
  MIDGE_TRY(context.ExpectRank(Operand::Output(0), rank, rank));
  const int space = images.rank() - 2;
  for (const int i : {kBlock, kMargins}) {
    MIDGE_TRY(ExpectIntegers(context, i));
    if (context.input_shape(i).elements() != (i == kBlock ? space : 2 * space)) {
      return context.Error(StatusCode::kBadShape, Operand::Input(i));
    }
  }
  SpaceBatchState& state = context.NewState<SpaceBatchState>();
  state.block_x = 1;
  state.image_width = state.piece_width = 1;
  state.image_height = images[1];
  state.piece_height = pieces[1];
  MIDGE_TRY(ReadDimension(context, 0, images[1], pieces[1], &state.block_y, &state.top));
  if (space == 2) {
    state.image_width = images[2];
    state.piece_width = pieces[2];
    MIDGE_TRY(ReadDimension(context, 1, images[2], pieces[2], &state.block_x, &state.left));
  }
  state.batches = images[0];
  const int64_t blocks = int64_t{state.block_y} * state.block_x;
  if (images.FromBack(0) != pieces.FromBack(0) || blocks > INT32_MAX ||
      pieces[0] != blocks * images[0]) {
    return context.Error(StatusCode::kBadShape, Operand::Output(0));
  }
  if (pieces.elements() == 0) state.block_y = 0;  // nothing to do
  state.element_bytes = ElementBytes(type);
  state.pixel_bytes = images.FromBack(0) * state.element_bytes;
  return ReadPaddingValue(context, &state.padding);
}

// Calls f(pixel of the pieces, pixel of the images) in the pieces' order; -1 where the image has
// none.
template <typename F>
void ForEachPixel(const SpaceBatchState& s, const F& f) {
  int32_t piece_pixel = 0;
  for (int32_t j = 0; j < s.block_y; ++j) {
    for (int32_t i = 0; i < s.block_x; ++i) {
      for (int32_t n = 0; n < s.batches; ++n) {
        for (int32_t y = j - s.top, rows = s.piece_height; rows > 0; --rows, y += s.block_y) {
          const bool in_rows = y >= 0 && y < s.image_height;
          const int32_t line = in_rows ? (n * s.image_height + y) * s.image_width : 0;
          for (int32_t x = i - s.left, left = s.piece_width; left > 0; --left, x += s.block_x) {
            f(piece_pixel++, in_rows && x >= 0 && x < s.image_width ? line + x : -1);
          }
        }
      }
    }
  }
}

Status PrepareSpaceToBatch(PrepareContext& context) {
  return Prepare(context, Operand::Input(0), Operand::Output(0));
}

Status EvalSpaceToBatch(const EvalContext& context, Rows) {
  const auto& state = context.state<SpaceBatchState>();
  const auto* const input = context.input<uint8_t>(kInput);
  auto* const output = context.output<uint8_t>(0);
  const PaddingElement padding(state.padding);
  ForEachPixel(state, [&](int32_t piece_pixel, int32_t image_pixel) {
    uint8_t* const to = output + piece_pixel * state.pixel_bytes;
    if (image_pixel < 0) {
      FillElements(padding.bytes(), state.element_bytes, to, state.pixel_bytes);
    } else {
      std::memcpy(to, input + image_pixel * state.pixel_bytes,
                  static_cast<size_t>(state.pixel_bytes));
    }
  });
  return {};
}

Status PrepareBatchToSpace(PrepareContext& context) {
  return Prepare(context, Operand::Output(0), Operand::Input(0));
}

Status EvalBatchToSpace(const EvalContext& context, Rows) {
  const auto& state = context.state<SpaceBatchState>();
  const auto* const input = context.input<uint8_t>(kInput);
  auto* const output = context.output<uint8_t>(0);
  ForEachPixel(state, [&](int32_t piece_pixel, int32_t image_pixel) {
    if (image_pixel < 0) return;
    std::memcpy(output + image_pixel * state.pixel_bytes, input + piece_pixel * state.pixel_bytes,
                static_cast<size_t>(state.pixel_bytes));
  });
  return {};
}

}  // namespace

const Op kBatchToSpaceND = {BuiltinOp::kBatchToSpaceND, TensorType::kAny, kInput, nullptr,
                            PrepareBatchToSpace,        EvalBatchToSpace, nullptr};
const Op kSpaceToBatchND = {BuiltinOp::kSpaceToBatchND, TensorType::kAny, kInput, nullptr,
                            PrepareSpaceToBatch,        EvalSpaceToBatch, nullptr};

}  // namespace midge
