// SPDX-License-Identifier: Apache-2.0
//
// Four cells at a time, as int32 lanes.
#include <cstring>
#include <type_traits>

#include "kernels/arm_mve/arm_mve.h"
#include "kernels/arm_mve/dot_s8.h"
#include "kernels/sigmoid_table.h"

namespace midge::arm_mve {
namespace {

constexpr int32_t kBlock = 24;  // cells
constexpr int32_t kNothing[kBlock] = {};

inline S32x4 SaturateToS16(S32x4 x) {
  return Min(Max(x, SplatS32(INT16_MIN)), SplatS32(INT16_MAX));
}

// InterpolatedSigmoid of numbers that are three times an int16, so that its last segment is not
// reached.
inline S32x4 Sigmoid(S32x4 x) {
  const S32x4 sign = SignOf(x), magnitude = Abs(x), i = Shift(magnitude, -9);
  const S32x4 low = GatherU16AsS32(kSigmoidTable.values, i);
  const S32x4 high = GatherU16AsS32(kSigmoidTable.values + 1, i);
  const S32x4 part = Multiply(And(magnitude, SplatS32(0x1ff)), Subtract(high, low));
  const S32x4 y = Add(Shift(low, 9), part);
  return Shift(Add(Add(Xor(y, sign), And(sign, SplatS32(1 << 25))), 0x200), -10);
}

// InterpolatedTanh. Past the table's end the last segment gives its end.
inline S32x4 Tanh(S32x4 x) {
  const S32x4 magnitude = Abs(x), i = Min(Shift(magnitude, -8), SplatS32(254));
  const S32x4 low = GatherU16AsS32(kSigmoidTable.values, i);
  const S32x4 high = GatherU16AsS32(kSigmoidTable.values + 1, i);
  const S32x4 fraction = Min(Subtract(magnitude, Shift(i, 8)), SplatS32(256));
  const S32x4 y = Add(Shift(low, 8), Multiply(fraction, Subtract(high, low)));
  return Shift(Add(Xor(Add(y, -(1 << 23)), SignOf(x)), 0x80), -8);
}

// Of whole quads.
template <typename F>
inline void MakeGate(QuantizedMultiplier weights, const int32_t* sums,
                     QuantizedMultiplier recurrent, const int32_t* recurrent_sums, int32_t rows,
                     int32_t* gate, const F& f) {
  const RequantizerS32 of_weights(weights), of_recurrent(recurrent);
  for (int32_t i = 0; i < rows; i += 4) {
    const S32x4 a = SaturateToS16(of_weights.Apply(LoadS32(sums + i)));
    const S32x4 b = SaturateToS16(of_recurrent.Apply(LoadS32(recurrent_sums + i)));
    StoreS32(gate + i, f(Multiply(SaturateToS16(Add(a, b)), 3)));
  }
}

// The gates of cells [s, s + rows), in Q0.15.
[[gnu::noinline]] void MakeGates(const LstmQuantizedParams& params,
                                 const LstmWeights<int8_t, int32_t>& weights, int32_t s,
                                 int32_t rows, const DotInput& x, const DotInput& h,
                                 int32_t (*gates)[kBlock]) {
  const int32_t inputs = params.shape.inputs, cells = params.shape.cells;
  for (int k = 0; k < kLstmGates; ++k) {
    int32_t sums[kBlock], recurrent[kBlock];
    for (int32_t i = rows & ~3; i < rows; i += 4) {  // lanes behind the last cell
      StoreS32(sums + i, SplatS32(0)), StoreS32(recurrent + i, SplatS32(0));
    }
    x.Products(weights.bias[k] + s, weights.weights[k] + s * inputs, rows, sums);
    h.Products(kNothing, weights.recurrent[k] + s * cells, rows, recurrent);
    const QuantizedMultiplier of_weights = {params.weights_multiplier_q31[k],
                                            params.weights_exponent[k]};
    const QuantizedMultiplier of_recurrent = {params.recurrent_multiplier_q31[k],
                                              params.recurrent_exponent[k]};
    if (k == kCellGate) {
      MakeGate(of_weights, sums, of_recurrent, recurrent, rows, gates[k], Tanh);
    } else {
      MakeGate(of_weights, sums, of_recurrent, recurrent, rows, gates[k], Sigmoid);
    }
  }
}

// The new cell states and the new hidden states.
[[gnu::noinline]] void UpdateCells(const LstmQuantizedParams& params, int32_t rows,
                                   const int32_t (*gates)[kBlock], int16_t* cell, int8_t* hidden) {
  const RequantizerS32 cell_scale(params.cell_multiplier);
  const RequantizerS32 hidden_scale(params.hidden_multiplier);
  const int32_t shift = params.cell_shift;
  const int32_t left = shift > 0 ? shift : 0, right = shift < 0 ? shift : 0;
  for (int32_t i = 0; i < rows; i += 4) {
    const int32_t count = rows - i;
    // As the portable kernel rounds it.
    const S32x4 product = Multiply(LoadS32(gates[kForgetGate] + i), LoadS16AsS32(cell + i, count));
    const S32x4 half = RoundingShift(product, -1);
    const S32x4 kept = SaturateToS16(RoundingShift(Add(half, SignOf(half)), -14));
    const S32x4 added = SaturateToS16(
        cell_scale.Apply(Multiply(LoadS32(gates[kInputGate] + i), LoadS32(gates[kCellGate] + i))));
    const S32x4 c = Min(Max(SaturateToS16(Add(kept, added)), SplatS32(params.cell_clip.min)),
                        SplatS32(params.cell_clip.max));
    StoreS32AsS16(cell + i, c, count);
    const S32x4 scaled = RoundingShift(Multiply(c, 3 * (1 << left)), right);
    const S32x4 h =
        SaturateToS16(hidden_scale.Apply(Multiply(Tanh(scaled), LoadS32(gates[kOutputGate] + i))));
    StoreS32AsS8(hidden + i, SaturateToS8(Add(h, params.hidden_zero_point)), count);
  }
}

}  // namespace

static_assert(std::is_same_v<decltype(UnidirectionalSequenceLstmS8),
                             decltype(portable::UnidirectionalSequenceLstmS8)>);

void UnidirectionalSequenceLstmS8(const LstmQuantizedParams& params,
                                  const LstmWeights<int8_t, int32_t>& weights, const int8_t* input,
                                  int8_t* hidden, int16_t* cell, int8_t* output) {
  const LstmShape& shape = params.shape;
  const int32_t cells = shape.cells;
  for (int32_t b = 0; b < shape.batches; ++b, hidden += cells, cell += cells) {
    for (int32_t t = 0; t < shape.steps; ++t) {
      const int32_t step = shape.Step(b, t);
      const DotInput x(input + step * shape.inputs, params.input_zero_point, shape.inputs);
      const DotInput h(hidden, params.hidden_zero_point, cells);
      int8_t* const out = output + step * cells;  // h is still needed while the next h is made
      for (int32_t s = 0; s < cells; s += kBlock) {
        int32_t gates[kLstmGates][kBlock];
        const int32_t rows = cells - s < kBlock ? cells - s : kBlock;
        MakeGates(params, weights, s, rows, x, h, gates);
        UpdateCells(params, rows, gates, cell + s, out + s);
      }
      std::memcpy(hidden, out, static_cast<size_t>(cells));
    }
  }
}

}  // namespace midge::arm_mve
