// SPDX-License-Identifier: Apache-2.0
#include "midge/interpreter.h"

#include <initializer_list>

#include "midge/record.h"
#include "plan/planner.h"
#include "prepare_node.h"
#include "segment.h"

namespace midge {
namespace {

using internal::NodePlan;
using internal::PlanItem;
using internal::PlanTables;
using internal::PrepareState;
using internal::RecordView;

constexpr uint32_t AlignUp(uint64_t bytes, uint32_t alignment) {
  return static_cast<uint32_t>((bytes + alignment - 1) & ~uint64_t{alignment - 1});
}

int CountActivations(const Model& model) {
  int count = 0;
  for (int t = 0; t < model.tensor_count(); ++t) count += !model.is_constant(t);
  return count;
}

// What AllocateTensors() does in a block of memory: the program grows from its bottom, the
// planner's tables lie at its top.
class Builder {
 public:
  // With `keep_program` false the block is for the tables alone and nothing but `usage` results.
  Builder(const Model& model, const OpResolverView& ops, Span<uint8_t> block, bool keep_program,
          ArenaUsage& usage)
      : model_(model), ops_(ops), block_(block), keep_program_(keep_program), usage_(usage) {}

  // kArenaTooSmall if the block is. Then `usage` is what is needed if planned(), else the part that
  // is known without planning, for which the block was too small as well.
  Status Build() {
    usage_ = {};
    int scratches = 0;
    MIDGE_TRY(PrepareNodes(&scratches));
    MIDGE_TRY(Plan(scratches));
    if (!keep_program_ || usage_.total_bytes() > block_.size()) return StatusCode::kArenaTooSmall;
    Locate();
    return {};
  }
  bool planned() const { return planned_; }

 private:
  // The last `size_bytes` of the block, 4-byte aligned.
  uint8_t* FromTop(uint32_t size_bytes) const {
    const size_t aligned = block_.size() & ~size_t{3};
    return size_bytes <= aligned ? block_.data() + aligned - size_bytes : nullptr;
  }

  Status PrepareNodes(int* scratches) {
    const uint32_t nodes_bytes =
        static_cast<uint32_t>(model_.node_count()) * uint32_t{sizeof(NodePlan)};
    uint8_t* const nodes = FromTop(nodes_bytes);
    tables_.nodes = reinterpret_cast<NodePlan*>(nodes);

    PrepareState state = {};
    state.model = &model_;
    state.program.begin = block_.data();
    state.program.capacity_bytes =
        keep_program_ && nodes != nullptr ? static_cast<uint32_t>(nodes - block_.data()) : 0;
    const size_t graph_operands = model_.inputs().size() + model_.outputs().size();
    state.program.Append(graph_operands * sizeof(uint32_t));
    NodePlan unkept;
    for (int n = 0; n < model_.node_count(); ++n) {
      state.node_index = n;
      state.node = model_.node(n);
      state.plan = nodes != nullptr ? &tables_.nodes[n] : &unkept;
      MIDGE_TRY(internal::PrepareNode(ops_, state));
      *scratches += state.plan->scratch_bytes != 0;
    }
    usage_.program_bytes =
        AlignUp(state.program.size_bytes, static_cast<uint32_t>(kArenaAlignment));
    return {};
  }

  Status Plan(int scratches) {
    const uint32_t nodes_bytes =
        static_cast<uint32_t>(model_.node_count()) * uint32_t{sizeof(NodePlan)};
    const uint32_t map_bytes =
        AlignUp(static_cast<uint32_t>(model_.tensor_count()) * sizeof(uint16_t), 4);
    const uint32_t items_bytes =
        static_cast<uint32_t>(CountActivations(model_) + scratches) * uint32_t{sizeof(PlanItem)};
    usage_.planning_bytes = nodes_bytes + map_bytes + items_bytes;
    uint8_t* const tables = FromTop(usage_.planning_bytes);
    if (tables == nullptr) return StatusCode::kArenaTooSmall;
    tables_.items = reinterpret_cast<PlanItem*>(tables);
    tables_.item_of_tensor = reinterpret_cast<uint16_t*>(tables + items_bytes);

    MIDGE_TRY(FindLifetimes(model_, tables_));
    ShareAliases(model_, tables_);
    FindDistances(model_, tables_);
    AddScratch(model_.node_count(), tables_);
    const Result<uint32_t> activation_bytes =
        internal::PlaceItems({tables_.items, static_cast<size_t>(tables_.item_count)});
    MIDGE_TRY(activation_bytes.status());
    usage_.activation_bytes = *activation_bytes;
    planned_ = true;
    return {};
  }

  uint32_t LocationOf(int32_t tensor) const {
    if (tensor < 0) return internal::kAbsent;
    const TensorView view = model_.tensor(tensor);
    if (view.is_constant()) {
      return internal::kInModel |
             static_cast<uint32_t>(view.bytes().data() - model_.bytes().data());
    }
    return LocationOfItem(tables_, tables_.item_of_tensor[tensor]);
  }

  // Completes the program: tensor indices become locations.
  void Locate() {
    auto* words = reinterpret_cast<uint32_t*>(block_.data());
    for (const int32_t t : model_.inputs()) *words++ = LocationOf(t);
    for (const int32_t t : model_.outputs()) *words++ = LocationOf(t);
    int scratch_item = tables_.item_count;
    for (int n = 0; n < model_.node_count(); ++n) {
      scratch_item -= tables_.nodes[n].scratch_bytes != 0;
    }
    for (int n = 0; n < model_.node_count(); ++n) {
      const RecordView record(words);
      const int operands = record.input_count() + record.output_count();
      for (int i = 0; i < operands; ++i) {
        words[2 + i] = LocationOf(static_cast<int32_t>(words[2 + i]));
      }
      words[1] |= internal::DescendingFlags(model_, tables_, n);
      words += record.size_bytes() / 4;
      if (tables_.nodes[n].scratch_bytes != 0) {
        words[-1] = LocationOfItem(tables_, scratch_item++);
      }
    }
  }

  const Model& model_;
  const OpResolverView& ops_;
  Span<uint8_t> block_;
  bool keep_program_;
  ArenaUsage& usage_;
  PlanTables tables_ = {};
  bool planned_ = false;
};

Status RunDescending(const Op& op, const EvalContext& context, int32_t rows, int32_t at_once) {
  for (int32_t y = rows; y > 0; y -= at_once) {
    MIDGE_TRY(op.eval(context, {y > at_once ? y - at_once : 0, y}));
  }
  return {};
}

// An arena that has no room even for the planner's tables: they go on the stack, so that the need
// can be told exactly all the same. Enough for some 60 nodes and 60 activations; for a larger model
// the first answer is the room for the tables, and with that the next one is exact.
[[gnu::noinline]] Status Measure(const Model& model, const OpResolverView& ops, ArenaUsage& usage) {
  alignas(PlanItem) uint8_t tables[2048];
  return Builder(model, ops, tables, false, usage).Build();
}

}  // namespace

// What every way to allocate begins with.
Status Interpreter::Begin() {
  allocated_ = false;
  fed_row_bytes_ = 0;
  usage_ = {};
  if (!verified_) {
    const Result<Model> model = Model::Verify(bytes_);
    MIDGE_TRY(model.status());
    model_ = *model;
  }
  if (reinterpret_cast<uintptr_t>(arena_.data()) % kArenaAlignment != 0) {
    return StatusCode::kArenaMisaligned;
  }
  return {};
}

Status Interpreter::AllocateTensors() {
  MIDGE_TRY(Begin());
  const size_t most = internal::kInModel;
  const Span<uint8_t> block(arena_.data(), arena_.size() < most ? arena_.size() : most);
  Builder builder(model_, ops_, block, true, usage_);
  Status status = builder.Build();
  if (status.code() == StatusCode::kArenaTooSmall && !builder.planned()) {
    status = Measure(model_, ops_, usage_);
  }
  if (!status.ok()) {
    if (status.code() != StatusCode::kArenaTooSmall) usage_ = {};
    return status;
  }
  program_ = reinterpret_cast<const uint32_t*>(arena_.data());
  allocated_ = true;
  return Reset();
}

int32_t Interpreter::OutputRowCount(int node) const {
  return RowGeometry::Of(model_.tensor(model_.node(node).outputs[0]).shape()).count;
}

// From node n on, whose record begins at `words`.
template <bool kMonitored>
Status Interpreter::Run(int n, const uint32_t* words, const Monitor* monitor) {
  uint8_t* const activations = arena_.data() + usage_.program_bytes;
  const int node_count = model_.node_count();
  while (n < node_count) {
    if constexpr (kMonitored) {
      if (!monitor->callback(monitor->context, *this, Monitor::Moment::kBeforeNode, n)) {
        return Status(StatusCode::kStopped, n, Operand::None());
      }
    }
    const RecordView record(words);
    Status status;
    int done = n;  // the last node that is executed now
    if (record.streamed()) {
      const internal::SegmentResult segment = run_segment_(ops_, words, bytes_.data(), activations);
      status = segment.status;
      done += segment.status.ok() ? segment.node_count - 1 : segment.status.node();
      words = segment.after;
    } else {
      const Op& op = internal::OpOf(ops_, record);
      const EvalContext context(words, bytes_.data(), activations);
      status = record.descending()
                   ? RunDescending(op, context, OutputRowCount(n), record.descending_rows())
                   : op.eval(context, Rows::All());
      words += record.size_bytes() / 4;
    }
    if (!status.ok()) return Status(status.code(), done, status.operand());
    if constexpr (kMonitored) {
      if (!monitor->callback(monitor->context, *this, Monitor::Moment::kAfterNode, done)) {
        return Status(StatusCode::kStopped, done, Operand::None());
      }
    }
    n = done + 1;
  }
  return {};
}

Status Interpreter::CanInvoke() const {
  if (!allocated_) return StatusCode::kNotAllocated;
  return fed_row_bytes_ == 0 ? StatusCode::kOk : StatusCode::kInputIsFed;
}

Status Interpreter::Invoke() {
  MIDGE_TRY(CanInvoke());
  return Continue(0, FirstRecord());
}

Status Interpreter::Invoke(const Monitor& monitor) {
  MIDGE_TRY(CanInvoke());
  return Run<true>(0, FirstRecord(), &monitor);
}

Status Interpreter::Continue(int n, const uint32_t* words) { return Run<false>(n, words, nullptr); }

const uint32_t* Interpreter::FirstRecord() const {
  return program_ + model_.inputs().size() + model_.outputs().size();
}

Status Interpreter::Reset() {
  if (!allocated_) return StatusCode::kNotAllocated;
  for (int t = 0; t < model_.tensor_count(); ++t) {
    if (!model_.is_variable(t)) continue;
    const TensorView variable = tensor(t);
    const Span<uint8_t> bytes = variable.mutable_bytes();
    // What the field starts with: the real number 0 in int8, zero bytes in all other types.
    const int value = variable.type() == TensorType::kInt8 ? variable.zero_point() : 0;
    if (!bytes.empty()) std::memset(bytes.data(), value, bytes.size());
  }
  return RestartRows();
}

Status Interpreter::RestartRows() {
  if (!allocated_) return StatusCode::kNotAllocated;
  fed_bytes_ = 0;
  // The counts of rows, where there are any, lie below the activations of a fed plan.
  if (fed_row_bytes_ != 0) std::memset(arena_.data(), 0, usage_.program_bytes);
  return {};
}

TensorView Interpreter::input(int i) const {
  if (i < 0 || i >= input_count()) return {};
  return ViewAt(model_.inputs()[static_cast<size_t>(i)], allocated_ ? program_ + i : nullptr);
}

TensorView Interpreter::output(int i) const {
  if (i < 0 || i >= output_count()) return {};
  return ViewAt(model_.outputs()[static_cast<size_t>(i)],
                allocated_ ? program_ + input_count() + i : nullptr);
}

TensorView Interpreter::tensor(int index) const {
  if (index < 0 || model_.bytes().empty() || index >= model_.tensor_count()) return {};
  return ViewAt(index, allocated_ ? FindLocation(index) : nullptr);
}

// Locations are kept where they are used: with the graph's operands and with each node's.
const uint32_t* Interpreter::FindLocation(int tensor) const {
  const uint32_t* words = program_;
  for (const auto& list : {model_.inputs(), model_.outputs()}) {
    for (const int32_t t : list) {
      if (t == tensor) return words;
      ++words;
    }
  }
  for (int n = 0; n < model_.node_count(); ++n) {
    const NodeView node = model_.node(n);
    const uint32_t* location = words + internal::kRecordHeaderBytes / sizeof(uint32_t);
    for (const auto& list : {node.inputs, node.outputs}) {
      for (const int32_t t : list) {
        if (t == tensor) return location;
        ++location;
      }
    }
    words += RecordView(words).size_bytes() / sizeof(uint32_t);
  }
  return nullptr;
}

TensorView Interpreter::ViewAt(int tensor, const uint32_t* location) const {
  TensorView view = model_.tensor(tensor);
  if (location == nullptr || view.is_constant()) return view;
  if ((*location & internal::kInModel) != 0) {
    view.set_constant_data(bytes_.data() + (*location & ~internal::kInModel));
  } else if ((*location & internal::kInRing) == 0) {  // a ring never holds the whole tensor
    view.set_data(arena_.data() + usage_.program_bytes + *location);
  }
  return view;
}

}  // namespace midge
