// SPDX-License-Identifier: Apache-2.0
//
// AveragePool2D and MaxPool2D whose window is as high as the image, and Mean over all rows: taking
// the rows of their input as they come (ops_by_rows.h).
//
// Shapes    input [H, W, C], output [Wo, C]; of a mean Wo = W, or 1 if columns are combined too.
// Math      that of average_pool_2d.h, max_pool_2d.h and mean.h; sums are made in the order of the
//           rows, as the kernels of those make them, so floats have the same bits too.
// Memory    row window: kTakesInputRows where the op's shapes are those above, else what the op
//           says. Scratch: a sum for each output, from the first row to the last.
// Variants  portable.
#include "kernels/pool_2d.h"
#include "kernels/portable/mean.h"
#include "kernels/portable/pool.h"
#include "kernels/reduction.h"
#include "kernels/unary_map.h"
#include "midge/ops.h"
#include "midge/ops_by_rows.h"

namespace midge {
namespace {

// What Eval sees of a node, for either kind: the rows of its input, and which of their pixels an
// output pixel combines.
struct Image {
  int32_t rows, row_elements, channels;
  int32_t output_w;
};

void TakeInputRows(PrepareContext& context) {
  const auto outputs = static_cast<uint32_t>(context.output_shape(0).elements());
  context.SetRowWindow(kTakesInputRows);
  context.RequestScratch(outputs * 4);  // of int32 or float
}

// Of a node that takes rows of its input; others have none.
template <typename Sum>
Sum* SumsOf(const EvalContext& context) {
  static_assert(sizeof(Sum) == 4);
  return context.scratch<Sum>();
}

// Adds rows to the sums and, with the last of them, writes the output. `pixels_of(x)` are those
// that output pixel x combines: [begin, end).
template <typename T, typename Kernel, typename Pixels>
void AddRows(const EvalContext& context, Rows rows, const Image& image, const Kernel& kernel,
             const Pixels& pixels_of) {
  auto* const all_sums = SumsOf<typename Kernel::Sum>(context);
  const int32_t channels = image.channels;
  const RowView<const T> input = context.InputRows<T>(0, image.row_elements);
  rows = rows.Clip(image.rows);
  for (int32_t y = rows.begin; y < rows.end; ++y) {
    auto* sums = all_sums;
    for (int32_t x = 0; x < image.output_w; ++x, sums += channels) {
      if (y == 0) {
        for (int32_t c = 0; c < channels; ++c) sums[c] = kernel.First(c);
      }
      const Rows pixels = pixels_of(x);
      const T* in = input.Row(y) + pixels.begin * channels;
      for (int32_t p = pixels.begin; p < pixels.end; ++p, in += channels) {
        for (int32_t c = 0; c < channels; ++c) sums[c] = kernel.Next(sums[c], in[c], 0);
      }
    }
  }
  if (rows.end != image.rows) return;
  T* out = context.output<T>(0);
  const auto* sums = all_sums;
  for (int32_t x = 0; x < image.output_w; ++x) {
    const Rows pixels = pixels_of(x);
    const int32_t count = image.rows * (pixels.end - pixels.begin);
    for (int32_t c = 0; c < channels; ++c) *out++ = kernel.Last(*sums++, c, count);
  }
}

// Pools: `kOp` is the row whose Prepare and, for other shapes, Eval this one has too.
template <typename T, const Op* kOp, template <typename> class Kernel>
struct PoolByRows {
  using Clamps = decltype(Kernel<T>::clamp);
  using State = WindowedState<Clamps>;

  static Status Prepare(PrepareContext& context) {
    MIDGE_TRY(kOp->prepare(context));
    Pool2DOptions options;
    MIDGE_TRY(context.Options(&options));
    WindowedShape shape;
    MIDGE_TRY(MakeWindow(context, 0,
                         {options.padding, options.filter_h, options.filter_w, options.stride_h,
                          options.stride_w, 1, 1},
                         &shape));
    const Window2D& window = shape.window;
    const RowGeometry rows = RowGeometry::Of(context.input_shape(0));
    const Window2D::Taps taps = window.RowTaps(0);
    if (shape.images == 1 && window.output_h == 1 && rows.count == window.input_h &&
        rows.elements == shape.input_row_elements() && taps.end - taps.begin == rows.count) {
      TakeInputRows(context);
    }
    return {};
  }

  static Status Eval(const EvalContext& context, Rows rows) {
    if (context.scratch<uint8_t>() == nullptr) return kOp->eval(context, rows);
    WindowedShape shape;
    State::ReadShape(context, &shape);
    const Window2D& window = shape.window;
    const Image image = {window.input_h, shape.input_row_elements(), shape.input_channels,
                         window.output_w};
    AddRows<T>(context, rows, image, Kernel<T>{context.state<State>().of_op}, [&](int32_t x) {
      const Window2D::Taps taps = window.ColumnTaps(x);
      return Rows{taps.origin + taps.begin, taps.origin + taps.end};
    });
    return {};
  }
};

template <typename T>
struct MeanOf {
  using Params = QuantizedMeanParams;
  using Sum = int32_t;
  const Params& params;

  int32_t First(int32_t) const { return 0; }
  int32_t Next(int32_t sum, T x, int32_t) const { return sum + x; }
  T Last(int32_t sum, int32_t, int32_t) const { return portable::FinishMean<T>(params, sum); }
};
template <>
struct MeanOf<float> {
  using Params = MeanF32Params;
  using Sum = float;
  const Params& params;

  float First(int32_t) const { return 0.f; }
  float Next(float sum, float x, int32_t) const { return sum + x; }
  float Last(float sum, int32_t, int32_t) const { return sum / params.divisor; }
};

// The rows of the input follow the state of a mean that takes them.
template <typename T, const Op* kOp>
struct MeanByRows {
  using State = ReductionState<typename MeanOf<T>::Params>;

  static Status Prepare(PrepareContext& context) {
    MIDGE_TRY(kOp->prepare(context));
    ReducerOptions options;
    MIDGE_TRY(context.Options(&options));
    ReductionPlan plan;
    MIDGE_TRY(PlanReduction(context, kTypeOf<T>, options.keep_dims, &plan));
    // The input as `run` lines of `columns`, whose sum is the output; as many to each row.
    const ReductionMap& map = plan.map;
    const RowGeometry rows = RowGeometry::Of(context.input_shape(0));
    if (map.kept_loops != 0 || map.reduced_loops != 0 || map.run_step != map.columns ||
        map.columns == 0 || rows.elements % map.columns != 0 || rows.count < 2) {
      return {};
    }
    if (auto* const kept = context.NewArray<RowGeometry>(1)) *kept = rows;
    TakeInputRows(context);
    return {};
  }

  static Status Eval(const EvalContext& context, Rows rows) {
    if (context.scratch<uint8_t>() == nullptr) return kOp->eval(context, rows);
    const auto& state = context.state<State>();
    const RowGeometry input = *context.StateArray<RowGeometry>(sizeof(State));
    const int32_t lines = input.elements / state.map.columns;
    const Image image = {input.count, input.elements, state.map.columns, 1};
    AddRows<T>(context, rows, image, MeanOf<T>{state.params}, [&](int32_t) {
      return Rows{0, lines};
    });
    return {};
  }
};

template <typename ByRows>
constexpr Op RowOf(BuiltinOp code, TensorType type) {
  return {code, type, 0, nullptr, ByRows::Prepare, ByRows::Eval, nullptr};
}

template <typename T, const Op* kOp>
constexpr Op kAverageByRows =
    RowOf<PoolByRows<T, kOp, portable::AverageOf>>(BuiltinOp::kAveragePool2D, kTypeOf<T>);
template <typename T, const Op* kOp>
constexpr Op kMaximumByRows = RowOf<PoolByRows<T, kOp, portable::MaximumOf>>(BuiltinOp::kMaxPool2D,
                                                                             kTypeOf<T>);
template <typename T, const Op* kOp>
constexpr Op kMeanByRows = RowOf<MeanByRows<T, kOp>>(BuiltinOp::kMean, kTypeOf<T>);

}  // namespace

const Op kAveragePool2DInt8ByRows = kAverageByRows<int8_t, &kAveragePool2DInt8>;
const Op kAveragePool2DInt16ByRows = kAverageByRows<int16_t, &kAveragePool2DInt16>;
const Op kAveragePool2DFloat32ByRows = kAverageByRows<float, &kAveragePool2DFloat32>;
const Op kMaxPool2DInt8ByRows = kMaximumByRows<int8_t, &kMaxPool2DInt8>;
const Op kMaxPool2DInt16ByRows = kMaximumByRows<int16_t, &kMaxPool2DInt16>;
const Op kMaxPool2DFloat32ByRows = kMaximumByRows<float, &kMaxPool2DFloat32>;
const Op kMeanInt8ByRows = kMeanByRows<int8_t, &kMeanInt8>;
const Op kMeanInt16ByRows = kMeanByRows<int16_t, &kMeanInt16>;
const Op kMeanFloat32ByRows = kMeanByRows<float, &kMeanFloat32>;

}  // namespace midge
