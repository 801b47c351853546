// SPDX-License-Identifier: Apache-2.0
#include "embedded_plan.h"

#include <cstring>

#include "midge/interpreter.h"
#include "midge/ops_by_rows.h"
#include "midge/record.h"
#include "prepare_node.h"
#include "segment.h"

namespace midge {
namespace {

using internal::NodePlan;
using internal::PrepareState;
using internal::RecordView;
using internal::StreamNode;

// Checks a program from the model, record by record, against this machine's Prepare: what Prepare
// decides must be equal, byte by byte; what the planner decides must keep every access inside the
// activations. A plan that is sound in this sense but wrong gives wrong results, not wild accesses.
class Checker {
 public:
  Checker(const Model& model, const OpResolverView& ops, Span<uint8_t> work,
          const internal::EmbeddedPlanHeader& header, const uint32_t* program)
      : model_(model),
        ops_(ops),
        work_(work),
        activation_bytes_(header.activation_bytes),
        variable_bytes_(header.variable_bytes),
        fed_counts_bytes_(header.fed_counts_bytes),
        words_(program),
        words_left_(header.program_bytes / 4) {}

  Status Check() {
    MIDGE_TRY(FindFedInput());
    MIDGE_TRY(CheckGraphOperands(model_.inputs(), true));
    MIDGE_TRY(CheckGraphOperands(model_.outputs(), false));
    records_ = {words_, words_left_};
    for (int n = 0; n < model_.node_count(); ++n) MIDGE_TRY(CheckNode(n));
    const bool ended = segment_nodes_ == 0 && words_left_ == 0;
    const bool fed = is_fed() ? fed_places_ != 0 : fed_counts_bytes_ == 0;
    const bool runs = !has_descending_ || parts_.run_descending != nullptr;
    return ended && fed && runs ? Status() : Status(StatusCode::kBadPlan);
  }
  const internal::RunParts& run_parts() const { return parts_; }
  bool has_segments() const { return has_segments_; }
  // Of the graph's input that is fed by rows; 0 if none is.
  uint32_t fed_row_bytes() const { return fed_row_bytes_; }

 private:
  Status Bad() const { return Status(StatusCode::kBadPlan, node_, Operand::None()); }

  bool Fits(uint64_t offset, uint64_t bytes) const {
    return offset % kArenaAlignment == 0 && offset >= variable_bytes_ &&
           offset + bytes <= activation_bytes_;
  }
  bool FitsVariable(uint64_t offset, uint64_t bytes) const {
    return offset % kArenaAlignment == 0 && offset + bytes <= variable_bytes_;
  }

  // Where an operand's bytes are; nowhere if it is absent or in the model.
  struct Extent {
    uint64_t begin, end;
    bool overlaps(const Extent& other) const { return begin < other.end && other.begin < end; }
  };
  Extent ExtentOf(uint32_t location, int32_t t) const {
    if (location == internal::kAbsent || (location & internal::kInModel) != 0) return {0, 0};
    const uint64_t begin = internal::ActivationOffset(location);
    const TensorView tensor = model_.tensor(t);
    const auto ring_rows = static_cast<uint64_t>(internal::RingRows(location));
    if (ring_rows == 0) return {begin, begin + tensor.size_bytes()};
    const RowGeometry rows = RowGeometry::Of(tensor.shape());
    return {begin,
            begin + ring_rows * BytesOf(tensor.type(), static_cast<uint64_t>(rows.elements))};
  }

  // Whether an operand may be where the plan says. Rings only where the op looks at rows, and the
  // model's bytes only to be read, or as the alias that nobody writes.
  bool IsLocation(uint32_t location, int32_t t, bool by_rows, bool only_read) const {
    if (t < 0) return location == internal::kAbsent;
    const TensorView tensor = model_.tensor(t);
    if (tensor.is_constant()) {
      const auto offset = static_cast<uint32_t>(tensor.bytes().data() - model_.bytes().data());
      return location == (internal::kInModel | offset);
    }
    const int32_t halves = parts_.float16_source == nullptr ? -1 : parts_.float16_source(model_, t);
    if (halves >= 0) {
      const auto offset = model_.tensor(halves).bytes().data() - model_.bytes().data();
      return location == (internal::kInModel | static_cast<uint32_t>(offset));
    }
    if ((location & internal::kInModel) != 0) {
      const uint64_t offset = location & ~internal::kInModel;
      return only_read && !model_.is_variable(t) && offset % 4 == 0 &&
             offset + tensor.size_bytes() <= model_.bytes().size();
    }
    if ((location & internal::kInRing) != 0 && (!by_rows || internal::RingRows(location) == 0)) {
      return false;
    }
    // How much there is of a variable is known where it is used.
    if (tensor.type() == TensorType::kResource) return FitsVariable(location, 0);
    const Extent extent = ExtentOf(location, t);
    return Fits(extent.begin, extent.end - extent.begin);
  }

  bool is_fed() const { return fed_location_ != internal::kAbsent; }

  // A ring as the graph's first input says that the input is fed by rows.
  Status FindFedInput() {
    if (model_.inputs().empty()) return {};
    if (words_left_ == 0) return Bad();
    if ((*words_ & internal::kInModel) == 0 && internal::RingRows(*words_) != 0) {
      fed_location_ = *words_;
      fed_tensor_ = model_.inputs()[0];
    }
    return {};
  }

  Status CheckGraphOperands(Span<const int32_t> tensors, bool inputs) {
    for (const int32_t& t : tensors) {
      // The ring's extent is checked where it is read.
      const bool fed = inputs && is_fed() && &t == tensors.begin();
      if (words_left_ == 0 || (!fed && !IsLocation(*words_, t, false, true))) return Bad();
      ++words_;
      --words_left_;
    }
    return {};
  }

  // Of a fed input as it is, or under the shape that aliases before the first segment give it.
  bool IsFed(int32_t t, uint32_t location) const {
    return t >= 0 && t == fed_tensor_ && location == fed_location_;
  }

  static bool IsAlias(const NodePlan& plan) {
    return plan.sharing >= NodePlan::kAlias && plan.sharing < NodePlan::kVariable;
  }

  // An alias of the fed input, before anything is executed.
  bool FollowFedAlias(const RecordView& record, const NodePlan& plan) {
    const NodeView node = model_.node(node_);
    const auto input = static_cast<size_t>(plan.sharing & NodePlan::kInputMask);
    if (fed_row_bytes_ != 0 || !IsAlias(plan) || record.streamed() || node.outputs.size() != 1 ||
        !IsFed(node.inputs[input], record.location(static_cast<int>(input))) ||
        record.location(record.input_count()) != fed_location_) {
      return false;
    }
    for (size_t i = 0; i < node.inputs.size(); ++i) {
      const uint32_t location = record.location(static_cast<int>(i));
      if (i != input && !IsLocation(location, node.inputs[i], false, true)) return false;
    }
    fed_tensor_ = node.outputs[0];
    return true;
  }

  Status CheckNode(int n) {
    node_ = n;
    NodePlan plan;
    PrepareState state = {};
    state.model = &model_;
    state.node_index = n;
    state.node = model_.node(n);
    state.plan = &plan;
    // For subgraphs, whose own plans are the device's.
    state.ops = &ops_;
    state.block = state.program.begin = work_.data();
    state.keep_program = true;
    state.nodes_left = kMaxNodes;
    state.LowerTables(work_.data() + work_.size());
    state.run_parts = parts_;
    MIDGE_TRY(internal::PrepareNode(ops_, state));
    parts_ = state.run_parts;
    const auto made_bytes = static_cast<uint32_t>(state.program.size_bytes);
    if (made_bytes > work_.size() || state.planning_bytes > work_.size()) return Bad();
    auto* const made = reinterpret_cast<uint32_t*>(work_.data());
    const RecordView record(words_);
    const uint32_t record_words = words_left_ < 2 ? 0 : record.size_bytes() / 4;
    if (record_words < 2 || record_words > words_left_) return Bad();

    const uint32_t streamed_words = record.streamed() ? sizeof(StreamNode) / 4 : 0;
    if (record.size_bytes() != made_bytes + streamed_words * sizeof(uint32_t) ||
        words_[0] != made[0] || record.has_scratch() != RecordView(made).has_scratch() ||
        record.at_reset() != RecordView(made).at_reset()) {
      return Bad();
    }
    if (RecordView(made).calls()) {
      state.relocate(made, record.scratch_location(), nullptr);
      state.locate_variables(made, records_);
    }
    if (!FollowFedAlias(record, plan)) MIDGE_TRY(CheckOperands(record, plan));
    if (!FitVariables(record, plan)) return Bad();
    MIDGE_TRY(CheckOverlaps(record, plan));
    const auto operands = static_cast<uint32_t>(record.input_count() + record.output_count());
    const uint32_t scratch_words = record.has_scratch() ? 1 : 0;
    const uint32_t state_end = made_bytes / 4 - scratch_words;
    if (std::memcmp(words_ + 2 + operands, made + 2 + operands,
                    (state_end - 2 - operands) * sizeof(uint32_t)) != 0) {
      return Bad();
    }
    if (record.has_scratch() &&
        (static_cast<uint32_t>(record.scratch_units()) > plan.scratch_units ||
         !Fits(record.scratch_location(), ScratchBytes(record, plan)))) {
      return Bad();
    }
    MIDGE_TRY(CheckOrder(record, plan, words_ + state_end));
    words_ += record_words;
    words_left_ -= record_words;
    return {};
  }

  static bool IsStreamable(const NodePlan& plan) {
    return !plan.window.is_whole() || TakesInputRows(plan.window);
  }

  static uint64_t ScratchBytes(const RecordView& record, const NodePlan& plan) {
    return plan.scratch_bytes +
           static_cast<uint64_t>(record.scratch_units()) * plan.scratch_unit_bytes;
  }

  Status CheckOperands(const RecordView& record, const NodePlan& plan) const {
    const NodeView node = model_.node(node_);
    const bool by_rows = record.streamed() && IsStreamable(plan);
    const bool alias = IsAlias(plan);
    for (int i = 0; i < record.input_count(); ++i) {
      if (!IsLocation(record.location(i), node.inputs[static_cast<size_t>(i)], by_rows, true)) {
        return Bad();
      }
    }
    for (int i = 0; i < record.output_count(); ++i) {
      const int32_t t = node.outputs[static_cast<size_t>(i)];
      if (model_.is_constant(t) ||
          !IsLocation(record.location(record.input_count() + i), t,
                      by_rows && i == 0 && !TakesInputRows(plan.window), alias)) {
        return Bad();
      }
    }
    return {};
  }

  // That the variable a node has, reads or assigns, which is as large as its value, is all there.
  bool FitVariables(const RecordView& record, const NodePlan& plan) const {
    const NodeView node = model_.node(node_);
    if (plan.sharing >= NodePlan::kVariable) {
      return FitsVariable(record.location(0), plan.scratch_bytes);
    }
    if (node.inputs.empty() || node.inputs[0] < 0 ||
        model_.tensor_type(node.inputs[0]) != TensorType::kResource) {
      return true;
    }
    for (int i = 1; i < record.input_count() + record.output_count(); ++i) {
      const Extent value = ExtentOfOperand(record, i);
      if (!FitsVariable(record.location(0), value.end - value.begin)) return false;
    }
    return true;
  }

  // What a node writes lies over what it reads only as FindDistances allows: kernels may rely on
  // their inputs to stay as they are.
  Status CheckOverlaps(const RecordView& record, const NodePlan& plan) const {
    if ((plan.sharing & NodePlan::kAlias) != 0) return {};
    const int inputs = record.input_count(), operands = inputs + record.output_count();
    const auto extent = [&](int i) { return ExtentOfOperand(record, i); };
    Extent scratch = {0, 0};
    if (record.has_scratch()) {
      scratch = {record.scratch_location(), record.scratch_location() + ScratchBytes(record, plan)};
    }
    for (int i = 0; i < operands; ++i) {
      if (extent(i).overlaps(scratch)) return Bad();
      for (int o = i < inputs ? inputs : i + 1; o < operands; ++o) {
        if (extent(i).overlaps(extent(o)) && !MayOverlap(record, plan, i, o - inputs)) return Bad();
      }
    }
    return {};
  }

  // Whether output `o` may reach into operand `i`, given that it does.
  bool MayOverlap(const RecordView& record, const NodePlan& plan, int i, int o) const {
    const uint32_t from = record.location(i), to = record.location(record.input_count() + o);
    const bool rings = ((from | to) & internal::kInRing) != 0;
    if (i >= record.input_count() || rings) return false;
    if (plan.views() != 0 && IsInView(record, plan, i, o)) return true;
    if (o != 0) return false;
    const bool in_place =
        (plan.sharing & NodePlan::kInPlace) != 0 &&
        from == record.location(static_cast<int>(plan.sharing & NodePlan::kInputMask));
    if (in_place && to <= from && !record.descending()) return true;
    if (plan.window.is_whole()) return false;
    const NodeView node = model_.node(node_);
    const internal::RowDistances distances =
        internal::DistancesOf(plan.window, model_, node.inputs[static_cast<size_t>(i)],
                              node.outputs[0], record.descending() ? record.descending_rows() : 1);
    return record.descending() ? to >= from + static_cast<uint32_t>(distances.above)
                               : to + static_cast<uint32_t>(distances.below) <= from;
  }

  // Of input i, then of output i - input_count().
  Extent ExtentOfOperand(const RecordView& record, int i) const {
    const NodeView node = model_.node(node_);
    const int inputs = record.input_count();
    return ExtentOf(record.location(i), i < inputs ? node.inputs[static_cast<size_t>(i)]
                                                   : node.outputs[static_cast<size_t>(i - inputs)]);
  }

  // Whether what operand `i` shares with output `o` is where a view is and so will not be written:
  // of these two, or of another part that operand `i` lies in.
  bool IsInView(const RecordView& record, const NodePlan& plan, int i, int o) const {
    const Extent whole = ExtentOfOperand(record, i);
    for (int k = 0; k < record.input_count(); ++k) {
      const uint32_t distance = record.location(record.input_count() + o) - record.location(k);
      const Extent view = ExtentOfOperand(record, k);
      if (distance == ViewDistance(plan, k, o) && whole.begin >= view.begin &&
          whole.end <= view.end) {
        return true;
      }
    }
    return false;
  }

  // How far above input `i` output `o` begins where one is the other's view; no distance that two
  // locations have if they are not.
  uint32_t ViewDistance(const NodePlan& plan, int i, int o) const {
    const NodeView node = model_.node(node_);
    const bool parts_are_inputs = plan.views() == NodePlan::kInputViews;
    const int whole = parts_are_inputs ? o : i, part = parts_are_inputs ? i : o;
    if (whole != (parts_are_inputs ? 0 : static_cast<int>(plan.views() - NodePlan::kOutputViews))) {
      return internal::kAbsent;
    }
    uint32_t offset = plan.view_offset();
    const Span<const int32_t> parts = parts_are_inputs ? node.inputs : node.outputs;
    for (int k = 0; k < part; ++k) {
      offset += model_.tensor(parts[static_cast<size_t>(k)]).size_bytes();
    }
    return parts_are_inputs ? 0 - offset : offset;
  }

  // Rows of a streamed or descending node: that the loops over them end where the tensors do.
  Status CheckOrder(const RecordView& record, const NodePlan& plan, const uint32_t* stream_words) {
    // The first segment is fed if any is; nothing runs before it.
    const bool before_fed = is_fed() && fed_places_ == 0 && (plan.sharing & NodePlan::kAlias) == 0;
    if (record.descending() && (record.streamed() || plan.window.is_whole())) return Bad();
    has_descending_ |= record.descending();
    if (!record.streamed()) return segment_nodes_ == 0 && !before_fed ? Status() : Bad();
    const bool takes_input_rows = TakesInputRows(plan.window);
    if (!IsStreamable(plan) || record.output_count() != 1 ||
        segment_nodes_ == internal::kMaxSegmentNodes ||
        (takes_input_rows && !record.end_of_segment())) {
      return Bad();
    }
    const RowWindow window = takes_input_rows ? RowWindow::SameRow() : plan.window;
    StreamNode stream;
    std::memcpy(&stream, stream_words, sizeof stream);
    if (stream.stride != window.stride || stream.span != window.span || stream.pad != window.pad ||
        stream.rows_at_once == 0) {
      return Bad();
    }
    MIDGE_TRY(CheckProducers(record, stream));
    // Rings hold what one call of Eval reads and writes.
    const NodeView node = model_.node(node_);
    const uint64_t read = (stream.rows_at_once - uint64_t{1}) * stream.stride + stream.span;
    for (int i = 0; i < record.input_count(); ++i) {
      const auto ring_rows = static_cast<uint64_t>(internal::RingRows(record.location(i)));
      if (ring_rows != 0 && ring_rows < read && ring_rows < stream.input_rows) return Bad();
    }
    const int32_t ring_rows = internal::RingRows(record.location(record.input_count()));
    const int32_t output_rows = takes_input_rows
                                    ? stream.input_rows
                                    : RowGeometry::Of(model_.tensor_shape(node.outputs[0])).count;
    if (stream.output_rows != output_rows ||
        (ring_rows != 0 && ring_rows < stream.rows_at_once && ring_rows < stream.output_rows)) {
      return Bad();
    }
    has_segments_ = true;
    ++segment_nodes_;
    if (!record.end_of_segment()) return {};
    if (is_fed() && fed_places_ == 0) {
      fed_places_ = segment_nodes_ + 1;
      if (fed_row_bytes_ == 0 ||
          fed_counts_bytes_ != static_cast<uint32_t>(fed_places_) * sizeof(uint16_t)) {
        return Bad();
      }
    }
    segment_nodes_ = 0;
    return {};
  }

  // That each activation input is where the order of the segment expects it.
  Status CheckProducers(const RecordView& record, const StreamNode& stream) {
    const NodeView node = model_.node(node_);
    int input = 0;
    for (int i = 0; i < record.input_count(); ++i) {
      const int32_t t = node.inputs[static_cast<size_t>(i)];
      if (t < 0 || model_.is_constant(t)) continue;
      const RowGeometry rows = RowGeometry::Of(model_.tensor_shape(t));
      if (input == internal::kMaxStreamInputs || stream.input_rows != rows.count) return Bad();
      const int back = stream.producers[input++];
      const int place = segment_nodes_ + 1;
      if (back == place) {
        if (fed_places_ != 0 || !IsFed(t, record.location(i))) return Bad();
        fed_row_bytes_ = static_cast<uint32_t>(
            BytesOf(model_.tensor_type(t), static_cast<uint64_t>(rows.elements)));
      } else if (back > place || (back != 0 && model_.node(node_ - back).outputs[0] != t)) {
        return Bad();
      }
    }
    for (; input < internal::kMaxStreamInputs; ++input) {
      if (stream.producers[input] != 0) return Bad();
    }
    return {};
  }

  const Model& model_;
  const OpResolverView& ops_;
  const Span<uint8_t> work_;
  const uint32_t activation_bytes_, variable_bytes_, fed_counts_bytes_;
  const uint32_t* words_;
  uint32_t words_left_;
  Span<const uint32_t> records_;
  int node_ = Status::kNoNode;
  int segment_nodes_ = 0;  // of the segment that is open
  uint32_t fed_location_ = internal::kAbsent;
  int32_t fed_tensor_ = -1;
  uint32_t fed_row_bytes_ = 0;
  int fed_places_ = 0;  // in the segment that is fed; 0 until it ends
  internal::RunParts parts_ = {};
  bool has_segments_ = false, has_descending_ = false;
};

}  // namespace

Status Interpreter::AllocateTensorsAsPlanned() {
  MIDGE_TRY(Begin());
  const Span<const uint8_t> plan = model_.metadata(internal::kPlanMetadataName);
  if (plan.empty()) return StatusCode::kNoPlan;
  internal::EmbeddedPlanHeader header;
  if (plan.size() < sizeof header || reinterpret_cast<uintptr_t>(plan.data()) % 4 != 0) {
    return StatusCode::kBadPlan;
  }
  std::memcpy(&header, plan.data(), sizeof header);
  if (header.format != internal::kPlanFormat || header.program_bytes % 4 != 0 ||
      header.program_bytes > plan.size() - sizeof header ||
      header.activation_bytes >= internal::kInFast || header.work_bytes >= internal::kInFast ||
      header.fed_counts_bytes > internal::kMaxPlaces * sizeof(uint16_t)) {
    return StatusCode::kBadPlan;
  }
  constexpr uint32_t kRest = kArenaAlignment - 1;
  usage_ = {(header.fed_counts_bytes + kRest) & ~kRest,
            header.activation_bytes,
            header.work_bytes,
            0,
            0,
            false};
  if (usage_.total_bytes() > arena_.size()) return StatusCode::kArenaTooSmall;
  const auto* program = reinterpret_cast<const uint32_t*>(plan.data() + sizeof header);
  Checker checker(model_, ops_, {arena_.data(), header.work_bytes}, header, program);
  if (const Status status = checker.Check(); !status.ok()) {
    usage_ = {};
    return status;
  }
  program_ = program;
  parts_ = checker.run_parts();
  run_segment_ = checker.has_segments() ? internal::RunSegment : nullptr;
  fed_row_bytes_ = checker.fed_row_bytes();
  return End();
}

}  // namespace midge
