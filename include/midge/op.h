// SPDX-License-Identifier: Apache-2.0
//
// What an op is: a row {code, types, Prepare, Eval}. Builtin rows are in ops.h; an application adds
// its own the same way (examples/custom_op).
//
//   Prepare  once per node, in AllocateTensors(): checks everything that can be wrong, computes the
//            node's state, says what memory and which rows the node needs.
//   Eval     each Invoke(): arithmetic only. Builtin ops cannot fail here.
#pragma once

#include <cstdint>
#include <new>
#include <type_traits>

#include "midge/builtin_op.h"
#include "midge/op_options.h"
#include "midge/padding.h"
#include "midge/record.h"
#include "midge/rows.h"
#include "midge/status.h"
#include "midge/tensor.h"

namespace midge {

struct QuantParam {
  float scale;         // finite, > 0
  int32_t zero_point;  // within the range of the tensor's type
};

// How much scratch an op wants: `bytes` at least, and up to `units` (at most 15) times `unit_bytes`
// more, as many as cost little. EvalContext::scratch_units() tells what came of it: the same for a
// model, its ops and a kernel variant everywhere.
struct ScratchRequest {
  uint32_t bytes;
  uint32_t unit_bytes;
  int32_t units;

  constexpr ScratchRequest(uint32_t least = 0, uint32_t unit = 0, int32_t most_units = 0)  // NOLINT
      : bytes(least), unit_bytes(unit), units(most_units) {}
};

// What became of a request.
struct Scratch {
  uint8_t* data;  // null if there is none
  int32_t units;
};

class PrepareContext;
class EvalContext;

// One row of an op resolver. A code may have several rows, one per element type: `next` chains
// them, so that registering kConv2D registers all and kConv2DInt8 one. Kernels of rows that
// nobody names are not linked.
struct Op {
  BuiltinOp code;
  // The type of input `key_input` that this row takes; kAny for every type.
  TensorType type;
  uint8_t key_input;
  // For kCustom: the name in the model. Else null.
  const char* custom_name;
  Status (*prepare)(PrepareContext& context);
  // Computes the given rows of the node's output.
  Status (*eval)(const EvalContext& context, Rows rows);
  const Op* next;
  // Of ops with weights (input 1): their type, where rows differ in it; else kAny. Float weights
  // that a DEQUANTIZE makes of a float16 constant count as float16, if all that reads them takes
  // that.
  TensorType weights_type = TensorType::kAny;
};

class Model;
class OpResolverView;

// Why Eval is called: once each by Reset(), in this order, for ops that asked for it, and by
// Invoke().
enum class EvalMoment : uint8_t { kClear, kInitialize, kInvoke };

// A subgraph that a node calls, made by PrepareContext::AppendSubgraph: where its program begins.
struct Subprogram {
  uint32_t offset_bytes;  // from the node's record
};

namespace internal {
struct OptionsTable;
struct PrepareState;

// What the nodes of one Invoke() or Reset() share.
struct RunState {
  const OpResolverView* ops;
  uint32_t iterations_left;
  EvalMoment moment;
  uint8_t *fast, *kept;  // regions (record.h)
};
}  // namespace internal

// What Prepare sees of one node and asks for it.
class PrepareContext {
 public:
  explicit PrepareContext(internal::PrepareState& state) : state_(state) {}

  // The node. An operand that the model omits (index -1, or a list that ends before it) has an
  // empty view: type kAny, no shape, no data. Constants carry their data.
  int input_count() const;
  int output_count() const;
  bool has_input(int i) const;
  TensorView input(int i) const { return ViewAt(i); }
  TensorView output(int i) const { return ViewAt(~i); }
  TensorView operand(Operand operand) const { return ViewAt(PlaceOf(operand)); }
  // Parts of these views, for less code.
  Shape input_shape(int i) const { return ShapeAt(i); }
  Shape output_shape(int i) const { return ShapeAt(~i); }
  TensorType input_type(int i) const { return TypeAt(i); }
  TensorType output_type(int i) const { return TypeAt(~i); }
  Span<const uint8_t> custom_options() const;

  // The model, from the subgraph in which the node is.
  const Model& model() const;
  bool in_main_graph() const;

  // A failure of this node, for Prepare to return.
  Status Error(StatusCode code, Operand operand = Operand::None()) const;

  // Checks that Prepare functions share; each returns the error with its place.
  // Inputs [0, required) are present, no more than `most` are listed, outputs are exactly
  // `outputs`.
  Status ExpectOperands(int required, int most, int outputs) const;
  Status ExpectType(Operand operand, TensorType expected) const;
  Status ExpectRank(Operand operand, int least, int most) const;
  Status ExpectShape(Operand operand, const Shape& expected) const;
  Status ExpectConstant(Operand operand) const;
  // Whether input i is a float tensor that is not made: Eval finds the float16 constant that a
  // DEQUANTIZE would make it of. So are weights for a row of that type, and maybe their bias.
  bool IsFloat16(int i) const;
  // Of a DEQUANTIZE: whether its output is not made, as above.
  bool IsReadAsFloat16() const;
  // A variable: no constant, kept between one Invoke() and the next, and Eval may write it.
  Status ExpectVariable(Operand operand) const;
  // One scale (finite, > 0) and one zero point in the type's range (0 if the file gives none).
  Result<QuantParam> PerTensor(Operand operand) const;
  // `channels` scales, or 1 (the same for all), finite and > 0; zero points, which symmetric
  // weights ignore, are not read. The dimension must be `dimension` where there are several.
  Result<Span<const float>> PerChannelScales(Operand operand, int dimension, int channels) const;

  // The node's builtin options; kMissingOptions if they are absent,
  // kForeignOptions if of another op, kBadOptions if out of range.
  Status Options(Conv2DOptions* options) const;
  Status Options(DepthwiseConv2DOptions* options) const;
  Status Options(FullyConnectedOptions* options) const;
  Status Options(Pool2DOptions* options) const;
  Status Options(SoftmaxOptions* options) const;
  Status Options(AddOptions* options) const;
  Status Options(MulOptions* options) const;
  Status Options(SubOptions* options) const;
  Status Options(DivOptions* options) const;
  Status Options(L2NormOptions* options) const;
  Status Options(LeakyReluOptions* options) const;
  Status Options(GeluOptions* options) const;
  Status Options(ReducerOptions* options) const;
  Status Options(SvdfOptions* options) const;
  Status Options(TransposeConvOptions* options) const;
  Status Options(BatchMatMulOptions* options) const;
  Status Options(UnidirectionalSequenceLstmOptions* options) const;
  Status Options(ConcatenationOptions* options) const;
  Status Options(PackOptions* options) const;
  Status Options(UnpackOptions* options) const;
  Status Options(StridedSliceOptions* options) const;
  Status Options(SpaceToDepthOptions* options) const;
  Status Options(DepthToSpaceOptions* options) const;
  Status Options(MirrorPadOptions* options) const;
  Status Options(GatherOptions* options) const;
  Status Options(OneHotOptions* options) const;
  Status Options(ResizeBilinearOptions* options) const;
  Status Options(ResizeNearestNeighborOptions* options) const;
  Status Options(CumSumOptions* options) const;

  Status Options(IfOptions* options) const;
  Status Options(WhileOptions* options) const;
  Status Options(CallOnceOptions* options) const;
  Status Options(VarHandleOptions* options) const;

  // The node's state: one T, then arrays, kept in the arena as they are until the next
  // AllocateTensors(). T holds no pointers and fixed-width members only, so that the arena is the
  // same on every machine; what lies between them is 0. Call NewState once, before NewArray.
  template <typename T>
  T& NewState() {
    static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>);
    static_assert(alignof(T) <= 4 && sizeof(T) <= kMaxStateBytes);
    static_assert(std::is_trivially_default_constructible_v<T>);
    return *static_cast<T*>(AppendState(sizeof(T), internal::ClearPadding<T>));
  }
  // Appends room for `count` elements to the state, 4-byte aligned; find it again in Eval with
  // StateArray. Null while the arena is too small and AllocateTensors() only counts: the caller
  // then skips filling it in.
  template <typename T>
  T* NewArray(int count) {
    static_assert(std::is_trivially_copyable_v<T> && alignof(T) <= 4);
    static_assert(!internal::HasPadding<T>());
    return static_cast<T*>(Append(static_cast<uint32_t>(count) * sizeof(T)));
  }

  // Memory that Eval may use, contents undefined before and after. At most one request per node.
  void RequestScratch(ScratchRequest request);
  // The window through which rows of output 0 see the rows of every input that is not a constant:
  // Eval reads no other input row when it writes row y. The planner relies on it: it may ask for
  // rows in any order, and other rows of the input may be gone. Without a call it is
  // RowWindow::Whole().
  void SetRowWindow(RowWindow window);
  // The same, for ops that gain by it only beside others: what the window offers is made use of if
  // any node of the model calls SetRowWindow. An image of such ops alone does not link the use.
  void MentionRowWindow(RowWindow window);
  // Eval stays correct if output 0 begins where input `i` does, or below: elements are read in
  // ascending order, each before anything is written at or above its place.
  void AllowInPlace(int i);
  // Prepares and plans another subgraph of the model and appends its program to the node's record,
  // behind the state and its arrays. Its tensors lie in the node's scratch, over those of other
  // subgraphs of the node: RequestScratch must not be called.
  Status AppendSubgraph(int index, Subprogram* program);
  // Eval is called by Reset() as well, at both of its moments.
  void RunAtReset();
  // Output 0 is the variable of this name: memory that keeps its value, the same for all nodes with
  // the name. `*value` is like the tensors that are assigned to it; it has no bytes if there are
  // none.
  Status DeclareVariable(const VarHandleOptions& name, TensorView* value);
  // The operand is like the tensors that are assigned to the variable that input `handle` is.
  Status ExpectLikeVariable(int handle, Operand operand) const;

  // Works out the shapes of the main graph's tensors that the file leaves open, once for all nodes:
  // those that nodes compute from the extents of others. For SHAPE, where all of that begins.
  Status FindShapes();

  // Output 0 is input `i` under another shape: same bytes, and Eval does nothing.
  void AliasOutput(int i);
  // All outputs follow each other in input `i`, from `offset_bytes` on, or all inputs in output 0:
  // the same bytes. The planner may let them lie there, so Eval copies only what does not.
  void OfferOutputViews(int i, uint32_t offset_bytes = 0);
  void OfferInputViews();

  static constexpr int kMaxStateBytes = 128;

 private:
  // An operand's place: i of input i, ~i of output i, of which there are more than Operand counts.
  static constexpr int PlaceOf(Operand operand) {
    return operand.is_output() ? ~operand.index() : operand.index();
  }
  int32_t TensorAt(int place) const;  // -1 if the operand is absent
  TensorView ViewAt(int place) const;
  Shape ShapeAt(int place) const;
  TensorType TypeAt(int place) const;

  void UseRows();
  Status ReadOptions(const internal::OptionsTable& table, void* options) const;
  Status CheckOptions(bool good) const;
  // Error(), and what would have been right, which Describe asks for.
  Status Needs(uint32_t needed, StatusCode code, Operand operand) const;
  void* AppendState(uint32_t size_bytes, void (*clear_padding)(void* state));
  void* Append(uint32_t size_bytes);

  internal::PrepareState& state_;
};

// What Eval sees of one node: its state, operands and scratch.
class EvalContext {
 public:
  // For a node with operands in rings: the first input row and the output row that it is about to
  // see.
  EvalContext(const uint32_t* record, const uint8_t* model, uint8_t* activations,
              int32_t first_input_row = 0, int32_t output_row = 0,
              internal::RunState* run = nullptr)
      : record_(record),
        run_(run),
        model_(model),
        activations_(activations),
        first_input_row_(first_input_row),
        output_row_(output_row) {}

  int input_count() const { return record_.input_count(); }
  int output_count() const { return record_.output_count(); }

  // Element 0 of an operand; null if it is absent, whether by the index -1 or by a shorter list.
  template <typename T>
  const T* input(int i) const {
    return static_cast<const T*>(InputData(i));
  }
  template <typename T>
  T* output(int i) const {
    return static_cast<T*>(OutputData(i));
  }
  // The same of an input that is a variable, as Prepare has made sure: Eval may write it.
  template <typename T>
  T* variable(int i) const {
    return const_cast<T*>(input<T>(i));
  }
  // The operand as rows of `row_elements` elements. The way to reach an operand seen through a row
  // window, whose rows may be kept in a ring.
  template <typename T>
  RowView<const T> InputRows(int i, int32_t row_elements) const {
    return {input<T>(i), Places(i, row_elements, first_input_row_)};
  }
  template <typename T>
  RowView<T> OutputRows(int i, int32_t row_elements) const {
    return {output<T>(i), Places(input_count() + i, row_elements, output_row_)};
  }

  // What NewState made.
  template <typename T>
  const T& state() const {
    return *reinterpret_cast<const T*>(record_.state());
  }
  // What NewArray made, `offset_bytes` after the beginning of the state.
  template <typename T>
  const T* StateArray(uint32_t offset_bytes) const {
    return reinterpret_cast<const T*>(record_.state() + offset_bytes);
  }
  // What RequestScratch asked for; null if that was nothing.
  template <typename T>
  T* scratch() const {
    return static_cast<T*>(ScratchData());
  }
  // The units that RequestScratch was granted beyond the least.
  int32_t scratch_units() const { return record_.has_scratch() ? record_.scratch_units() : 0; }

  // Of a node that writes its rows downwards: how many by one call of Eval.
  int32_t descending_rows() const { return record_.descending_rows(); }
  EvalMoment moment() const { return run_->moment; }
  // Runs a subgraph. Operands are its inputs, then its outputs: written before, read after.
  Status RunSubgraph(Subprogram program) const;
  void* SubgraphOperand(Subprogram program, int i) const;
  // To be called for each round of a loop: kTooManyIterations where it might never end.
  Status CountIteration() const {
    if (run_->iterations_left == 0) return StatusCode::kTooManyIterations;
    --run_->iterations_left;
    return {};
  }

 private:
  // What the templates above have in common: an image holds each once.
  const void* InputData(int i) const;
  void* OutputData(int i) const;
  void* ScratchData() const;
  const void* Address(uint32_t location) const;
  internal::RowPlaces Places(int operand, int32_t row_elements, int32_t first_row) const;

  internal::RecordView record_;
  internal::RunState* run_;
  const uint8_t* model_;
  uint8_t* activations_;
  int32_t first_input_row_, output_row_;
};

}  // namespace midge
