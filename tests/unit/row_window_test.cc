// SPDX-License-Identifier: Apache-2.0
//
// Networks of windowed ops give the same outputs whether their tensors reach into each other in
// memory (ops that declare their row windows) or lie apart (the same ops, declaring nothing).
#include "midge/midge.h"
#include "tests/support/model_builder.h"
#include "tests/support/test.h"

namespace midge {
namespace {

using midge_test::ModelBuilder;

struct WindowState {
  RowWindow window;
  int32_t input_rows, input_row, output_rows, output_row;
};

// sum_rows, options {stride, span, pad}: output[y, i] = y + sum over the window's rows r of
// (r + 1) * input[r, i mod input_row], modulo 256.
Status PrepareUndeclared(PrepareContext& context) {
  const Span<const uint8_t> options = context.custom_options();
  const RowGeometry in = RowGeometry::Of(context.input(0).shape());
  const RowGeometry out = RowGeometry::Of(context.output(0).shape());
  context.NewState<WindowState>() = {
      {options[0], options[1], options[2]}, in.count, in.elements, out.count, out.elements};
  return {};
}
Status PrepareDeclared(PrepareContext& context) {
  const Span<const uint8_t> options = context.custom_options();
  context.SetRowWindow({options[0], options[1], options[2]});
  return PrepareUndeclared(context);
}
Status EvalSumRows(const EvalContext& context, Rows rows) {
  const auto& state = context.state<WindowState>();
  const RowView<const uint8_t> input = context.InputRows<uint8_t>(0, state.input_row);
  const RowView<uint8_t> output = context.OutputRows<uint8_t>(0, state.output_row);
  rows = rows.Clip(state.output_rows);
  for (int32_t y = rows.begin; y < rows.end; ++y) {
    const int32_t first = y * state.window.stride - state.window.pad;
    for (int32_t i = 0; i < state.output_row; ++i) {
      int32_t sum = y;
      for (int32_t r = first; r < first + state.window.span; ++r) {
        if (r < 0 || r >= state.input_rows) continue;
        sum += (r + 1) * input.Row(r)[i % state.input_row];
      }
      output.Row(y)[i] = static_cast<uint8_t>(sum);
    }
  }
  return {};
}

// add: output = input 0 + 3 * input 1, element by element.
Status PrepareAddUndeclared(PrepareContext& context) {
  const RowGeometry rows = RowGeometry::Of(context.output(0).shape());
  context.NewState<RowGeometry>() = rows;
  return {};
}
Status PrepareAddDeclared(PrepareContext& context) {
  context.SetRowWindow(RowWindow::SameRow());
  context.AllowInPlace(1);
  return PrepareAddUndeclared(context);
}
Status EvalAdd(const EvalContext& context, Rows rows) {
  const auto& geometry = context.state<RowGeometry>();
  rows = rows.Clip(geometry.count);
  for (int32_t i = rows.begin * geometry.elements; i < rows.end * geometry.elements; ++i) {
    context.output<uint8_t>(0)[i] =
        static_cast<uint8_t>(context.input<uint8_t>(0)[i] + 3 * context.input<uint8_t>(1)[i]);
  }
  return {};
}

constexpr Op kDeclaredAdd = {
    BuiltinOp::kCustom, TensorType::kUInt8, 0, "add", PrepareAddDeclared, EvalAdd, nullptr};
constexpr Op kDeclaredSum = {BuiltinOp::kCustom, TensorType::kUInt8, 0,      "sum_rows",
                             PrepareDeclared,    EvalSumRows,        nullptr};
constexpr Op kUndeclaredAdd = {
    BuiltinOp::kCustom, TensorType::kUInt8, 0, "add", PrepareAddUndeclared, EvalAdd, nullptr};
constexpr Op kUndeclaredSum = {BuiltinOp::kCustom, TensorType::kUInt8, 0,      "sum_rows",
                               PrepareUndeclared,  EvalSumRows,        nullptr};
constexpr OpResolver kDeclared{&kDeclaredAdd, &kDeclaredSum};
constexpr OpResolver kUndeclared{&kUndeclaredAdd, &kUndeclaredSum};

alignas(16) uint8_t arena[32768];

// The last output of the network, from an input of a fixed pattern.
std::vector<uint8_t> RunNetwork(Span<const uint8_t> model, OpResolverView ops, uint32_t* bytes) {
  std::memset(arena, 0xee, sizeof arena);
  Interpreter interpreter(model, ops, arena);
  EXPECT_TRUE(interpreter.AllocateTensors().ok());
  *bytes = interpreter.arena_usage().activation_bytes;
  const Span<uint8_t> input = interpreter.input(0).mutable_bytes();
  for (size_t i = 0; i < input.size(); ++i) input[i] = static_cast<uint8_t>(i * i + 7 * i);
  EXPECT_TRUE(interpreter.Invoke().ok());
  const Span<const uint8_t> output = interpreter.output(0).bytes();
  return {output.begin(), output.end()};
}

TEST(RowWindows, ReachingIntoInputsChangesNoBits) {
  uint32_t seed = 20261121;
  const auto random = [&](int32_t below) {
    seed = seed * 1664525 + 1013904223;
    return static_cast<int32_t>((seed >> 9) % static_cast<uint32_t>(below));
  };
  uint32_t apart = 0, together = 0;
  for (int round = 0; round < 300; ++round) {
    ModelBuilder builder;
    const auto tensor = [&](int32_t rows, int32_t width) {
      return builder.Activation({1, rows, width, 4}, TensorType::kUInt8);
    };
    int32_t rows = 2 + random(20), width = 1 + random(12);
    int last = tensor(rows, width);
    builder.inputs = {last};
    int residual = -1;  // an earlier tensor of the same shape as `last`
    for (int n = 0; n < 6; ++n) {
      if (residual >= 0 && residual != last && random(2) == 0) {
        const int sum = tensor(rows, width);
        builder.Custom("add", {last, residual}, {sum});
        last = sum;
        continue;
      }
      const int32_t stride = 1 + random(2), span = stride + random(4), pad = random(span);
      const int32_t output_rows = (rows + 2 * pad - span) / stride + 1;
      if (rows + 2 * pad < span) continue;
      const bool same_shape = output_rows == rows && random(2) == 0;
      const int32_t output_width = same_shape ? width : 1 + random(12);
      const int output = tensor(output_rows, output_width);
      builder.Custom("sum_rows", {last}, {output}).custom_options = {
          static_cast<uint8_t>(stride), static_cast<uint8_t>(span), static_cast<uint8_t>(pad)};
      if (same_shape && residual < 0) {
        residual = last;
      } else if (!same_shape) {
        residual = -1;
      }
      rows = output_rows;
      width = output_width;
      last = output;
    }
    builder.outputs = {last};
    if (builder.nodes.empty()) continue;
    const Span<const uint8_t> model = builder.Finish();
    uint32_t bytes_apart, bytes_together;
    const std::vector<uint8_t> expected = RunNetwork(model, kUndeclared, &bytes_apart);
    const std::vector<uint8_t> actual = RunNetwork(model, kDeclared, &bytes_together);
    EXPECT_TRUE(expected == actual);
    apart += bytes_apart;
    together += bytes_together;
  }
  // The declarations were worth something.
  EXPECT_TRUE(together < apart / 100 * 80);
}

}  // namespace
}  // namespace midge
