// SPDX-License-Identifier: Apache-2.0
//
// MirrorPad: a tensor that goes on beyond its ends as its own mirror image.
//
// Shapes    input [d0, …], paddings [rank, 2], output [paddings[0, 0] + d0 + paddings[0, 1], …].
// Math      in each dimension output[i] = input[j], j = i - paddings before; beyond an end j is
//           mirrored there: at the edge (SYMMETRIC) or at the element next to it (REFLECT).
// Requires  paddings no longer than what there is to be mirrored, established by Prepare.
// Memory    needs the whole input. No scratch. Moves bytes of any type, so it has no variants.
#include <cstring>

#include "kernels/movable.h"
#include "kernels/paddings.h"
#include "midge/ops.h"

namespace midge {
namespace {

enum : int { kInput = 0, kPaddings = 1, kInputCount };

// The dimensions follow, outermost first; those inside the last padded one make up a unit.
struct MirrorState {
  int32_t lines, unit_bytes;
  uint8_t rank;
  uint8_t left_out;  // elements of an edge that its mirror image leaves out
};

Status Prepare(PrepareContext& context) {
  MIDGE_TRY(context.ExpectOperands(kInputCount, kInputCount, 1));
  MIDGE_TRY(ExpectMovable(context, Operand::Input(kInput)));
  const TensorView input = context.input(kInput), output = context.output(0);
  MIDGE_TRY(context.ExpectType(Operand::Output(0), input.type()));
  MirrorPadOptions options;
  MIDGE_TRY(context.Options(&options));
  PadDimension dimensions[kMaxRank];
  MIDGE_TRY(ReadPaddings(context, kInput, kPaddings, dimensions));
  const int32_t left_out = options.reflect ? 1 : 0;
  int rank = 0;
  for (int d = 0; d < input.shape().rank(); ++d) {
    const PadDimension& p = dimensions[d];
    if (p.before == 0 && p.after == 0) continue;
    rank = d + 1;
    if (p.before > p.size - left_out || p.after > p.size - left_out) {
      return context.Error(StatusCode::kBadShape, Operand::Input(kPaddings));
    }
  }
  MirrorState& state = context.NewState<MirrorState>();
  const Shape shape = output.shape();
  state.lines = output.size_bytes() == 0 ? 0 : rank == 0 ? 1 : shape.Product(0, rank - 1);
  state.unit_bytes = shape.Product(rank, shape.rank()) * ElementBytes(input.type());
  state.rank = static_cast<uint8_t>(rank);
  state.left_out = static_cast<uint8_t>(left_out);
  PadDimension* const kept = context.NewArray<PadDimension>(rank);
  for (int d = 0; kept != nullptr && d < rank; ++d) kept[d] = dimensions[d];
  return {};
}

// The input's index behind output index `i`.
int32_t Mirror(const PadDimension& d, int32_t left_out, int32_t i) {
  const int32_t at = i - d.before;
  if (at < 0) return left_out - 1 - at;
  if (at >= d.size) return 2 * d.size - 1 - left_out - at;
  return at;
}

Status Eval(const EvalContext& context, Rows) {
  const auto& state = context.state<MirrorState>();
  const auto* const dimensions = context.StateArray<PadDimension>(sizeof(MirrorState));
  const auto* const input = context.input<uint8_t>(kInput);
  auto* out = context.output<uint8_t>(0);
  const auto unit_bytes = static_cast<size_t>(state.unit_bytes);
  const PadDimension line = state.rank == 0 ? PadDimension{0, 1, 0} : dimensions[state.rank - 1];
  for (int32_t l = 0; l < state.lines; ++l) {
    int32_t index = l, unit = 0, step = line.size;
    for (int d = state.rank - 2; d >= 0; --d) {
      const int32_t outer = index / dimensions[d].extent();
      unit += Mirror(dimensions[d], state.left_out, index - outer * dimensions[d].extent()) * step;
      step *= dimensions[d].size;
      index = outer;
    }
    const uint8_t* const in = input + unit * state.unit_bytes;
    const auto mirror = [&](int32_t begin, int32_t end) {
      for (int32_t i = begin; i < end; ++i, out += unit_bytes) {
        std::memcpy(out, in + Mirror(line, state.left_out, i) * state.unit_bytes, unit_bytes);
      }
    };
    mirror(0, line.before);
    std::memcpy(out, in, static_cast<size_t>(line.size) * unit_bytes);
    out += static_cast<size_t>(line.size) * unit_bytes;
    mirror(line.before + line.size, line.extent());
  }
  return {};
}

}  // namespace

const Op kMirrorPad = {
    BuiltinOp::kMirrorPad, TensorType::kAny, kInput, nullptr, Prepare, Eval, nullptr};

}  // namespace midge
