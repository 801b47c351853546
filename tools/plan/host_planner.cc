// SPDX-License-Identifier: Apache-2.0
#include "host_planner.h"

#include <algorithm>
#include <cfloat>
#include <cstring>
#include <numeric>
#include <random>

#include "midge/ops_by_rows.h"
#include "midge/record.h"
#include "prepare_node.h"
#include "segment.h"

namespace midge_tool {
namespace {

using midge::Model;
using midge::NodeView;
using midge::RowGeometry;
using midge::Shape;
using midge::Status;
using midge::StatusCode;
using midge::TensorView;
using midge::internal::NodePlan;
using midge::internal::PlanItem;
using midge::internal::PlanTables;
using midge::internal::StreamNode;

constexpr uint32_t kDisjoint = PlanItem::kDisjoint;
constexpr int kOrdersTried = 2000;
// What a plan may need beyond the smallest that was found, if it so runs fewer rows one by one.
constexpr double kSlack = 0.03;
// How much larger a plan may be in which every kernel has the scratch that it is fastest with.
constexpr double kMostForScratch = 1.2;
// How much more than whole tensors a plan may cost, as far as more memory helps.
constexpr double kMostSlowdown = 1.02;
// Rough costs in instructions, to choose by: of a call of Eval, of an output element, of a weight
// applied to one pixel, and what of that is left where it is applied to many at once.
constexpr double kCallCost = 250, kElementCost = 15, kRestCost = 2.5, kSharedCost = 0.37;
constexpr double kSumCost = 6;  // of an input element that is added to a sum
constexpr int32_t kBlockPixels = 4;
constexpr int kMostRowsAtOnce = 64;
constexpr size_t kBlockBytes = 65536;  // for records, to begin with

uint64_t AlignUp(uint64_t bytes) {
  return (bytes + midge::kArenaAlignment - 1) & ~uint64_t{midge::kArenaAlignment - 1};
}

uint32_t RowBytes(const TensorView& tensor) {
  const RowGeometry rows = RowGeometry::Of(tensor.shape());
  return static_cast<uint32_t>(midge::BytesOf(tensor.type(), static_cast<uint64_t>(rows.elements)));
}

// How a segment is executed, and what its simulation finds out. Vectors are indexed by place: 0 is
// the fed input, 1 the first node.
struct SegmentNeeds {
  std::vector<int> rows_at_once;  // of each node
  std::vector<int> ring_rows;     // of the fed input and each node's output; 0 for the last's
  uint32_t below;                 // as PlanItem::below, of the last output towards an input
  uint64_t bound_bytes;
};

// What a plan is tried with and without.
struct Variation {
  uint32_t scratch_units;  // of each node at most, beyond what it cannot do without
  bool views;              // ShareViews
};

class Planner {
 public:
  Planner(const Model& model, midge::OpResolverView ops, const HostPlanOptions& options,
          Variation variation, HostPlan* plan)
      : model_(model),
        ops_(ops),
        options_(options),
        variation_(variation),
        plan_(*plan),
        node_count_(model.node_count()) {}

  Status Run() {
    MIDGE_TRY(Prepare());
    MIDGE_TRY(FindItems());
    MIDGE_TRY(FindFedInput());
    MIDGE_TRY(Cut());
    MIDGE_TRY(Place());
    Write();
    return {};
  }

  // After Run(): a guess at the instructions, with the scratch that was found.
  double Cost() const {
    double cost = 0;
    for (size_t s = 0; s < plan_.steps.size(); ++s) {
      const HostPlan::Step& step = plan_.steps[s];
      for (int n = step.first; n <= step.last; ++n) {
        const int scratch = scratch_item_[static_cast<size_t>(n)];
        const uint32_t units =
            scratch < 0 ? 0 : nodes_[static_cast<size_t>(n)].ScratchUnits(item(scratch).bytes);
        const auto place = static_cast<size_t>(n - step.first + 1);
        const int rows =
            step.is_segment ? step_needs_[s].rows_at_once[place] : RowsAtOnce(tables_, n);
        cost += CostOf(n, rows, units);
      }
    }
    return cost;
  }

  // The same of the plan that a device makes for itself.
  midge::Result<double> CostOnDevice() {
    std::vector<uint16_t> item_of_tensor(item_of_tensor_.size());
    std::vector<PlanItem> items(items_.size());
    PlanTables tables = {
        item_of_tensor.data(),          nodes_.data(), items.data(), 0, keeps_variables_,
        midge::internal::ShareVariable, nullptr};
    MIDGE_TRY(FindLifetimes(model_, tables));
    ShareAliases(model_, tables);
    FindDistances(model_, tables);
    int scratch = tables.item_count;
    AddScratch(node_count_, tables);
    uint16_t lowest;
    uint32_t total;
    MIDGE_TRY(midge::internal::PlaceItems({items.data(), static_cast<size_t>(tables.item_count)},
                                          static_cast<size_t>(scratch), &lowest, &total));
    GrowScratches(node_count_, tables, scratch, lowest, &total);
    double cost = 0;
    for (int n = 0; n < node_count_; ++n) {
      const NodePlan& node = nodes_[static_cast<size_t>(n)];
      const uint32_t scratch_bytes =
          node.wants_scratch() ? items[static_cast<size_t>(scratch++)].bytes : 0;
      cost += CostOf(n, RowsAtOnce(tables, n), node.ScratchUnits(scratch_bytes));
    }
    return cost;
  }

  // Of any node.
  uint32_t most_scratch_units() const {
    uint32_t most = 0;
    for (const NodePlan& node : nodes_) most = std::max<uint32_t>(most, node.scratch_units);
    return most;
  }

  // After Run(), whatever came of it.
  bool offers_views() const {
    return std::any_of(nodes_.begin(), nodes_.end(),
                       [](const NodePlan& node) { return node.views() != 0; });
  }

 private:
  // Every node's record, with tensor indices, and what it asks of the planner.
  Status Prepare() {
    nodes_.resize(static_cast<size_t>(node_count_));
    std::vector<uint32_t> block(kBlockBytes / sizeof(uint32_t));
    for (int n = 0; n < node_count_; ++n) {
      midge::internal::PrepareState state;
      for (;; block.resize(2 * block.size())) {
        const size_t block_bytes = block.size() * sizeof(uint32_t);
        MIDGE_TRY(PrepareIn(reinterpret_cast<uint8_t*>(block.data()), block_bytes, n, &state));
        const uint64_t work_bytes =
            std::max<uint64_t>(state.program.size_bytes, state.planning_bytes);
        plan_.work_bytes = std::max(plan_.work_bytes, static_cast<uint32_t>(work_bytes));
        if (work_bytes <= block_bytes) break;
      }
      const auto words = static_cast<ptrdiff_t>(state.program.size_bytes / sizeof(uint32_t));
      run_parts_ = state.run_parts;
      uses_rows_ |= state.plan_parts.rows != nullptr;
      records_.emplace_back(block.begin(), block.begin() + words);
      if (state.relocate != nullptr) {
        relocate_ = state.relocate;
        locate_variables_ = state.locate_variables;
      }
    }
    keeps_variables_ = run_parts_.reset != nullptr;
    // As on the device, which then has nothing that would use them.
    if (!uses_rows_) {
      for (midge::internal::NodePlan& node : nodes_) node.window = midge::RowWindow::Whole();
    }
    return {};
  }

  // As the check of an embedded plan does.
  Status PrepareIn(uint8_t* block, size_t block_bytes, int n,
                   midge::internal::PrepareState* state) {
    *state = {};
    state->model = &model_;
    state->run_parts = run_parts_;
    state->node_index = n;
    state->node = model_.node(n);
    state->plan = &nodes_[static_cast<size_t>(n)];
    state->ops = &ops_;
    state->block = state->program.begin = block;
    state->keep_program = true;
    state->nodes_left = midge::kMaxNodes;
    state->LowerTables(block + block_bytes);
    return midge::internal::PrepareNode(ops_, *state);
  }

  Status FindItems() {
    item_of_tensor_.resize(static_cast<size_t>(model_.tensor_count()));
    items_.resize(static_cast<size_t>(model_.tensor_count() + node_count_));
    tables_ = {item_of_tensor_.data(),         nodes_.data(), items_.data(), 0, keeps_variables_,
               midge::internal::ShareVariable, nullptr};
    MIDGE_TRY(FindLifetimes(model_, tables_));
    ShareAliases(model_, tables_);
    is_viewed_.assign(static_cast<size_t>(tables_.item_count), false);
    if (variation_.views) {
      const std::vector<PlanItem> before = items_;
      ShareViews(model_, tables_);
      for (int i = 0; i < tables_.item_count; ++i) {
        if (item(i).shares == before[static_cast<size_t>(i)].shares) continue;
        is_viewed_[static_cast<size_t>(i)] = true;
        is_viewed_[static_cast<size_t>(RootItem(tables_, i))] = true;
      }
    }
    FindDistances(model_, tables_);
    return {};
  }

  // The activation inputs of a node; then the same, and its output, by item.
  std::vector<int32_t> ActivationInputs(int n) const {
    std::vector<int32_t> result;
    for (const int32_t t : model_.node(n).inputs) {
      if (t >= 0 && !model_.is_constant(t)) result.push_back(t);
    }
    return result;
  }
  std::vector<int> InputItems(int n) const {
    std::vector<int> result;
    for (const int32_t t : ActivationInputs(n)) {
      const int root = RootItem(tables_, item_of_tensor_[static_cast<size_t>(t)]);
      if (items_[static_cast<size_t>(root)].shares != PlanItem::kConstant) result.push_back(root);
    }
    return result;
  }
  int OutputItem(int n) const {
    return item_of_tensor_[static_cast<size_t>(model_.node(n).outputs[0])];
  }
  const PlanItem& item(int i) const { return items_[static_cast<size_t>(i)]; }
  static bool IsAlias(const NodePlan& plan) {
    return plan.sharing >= NodePlan::kAlias && plan.sharing < NodePlan::kVariable;
  }

  // Whether a node can run row by row in a segment.
  bool IsStreamable(int n) const {
    const NodePlan& plan = nodes_[static_cast<size_t>(n)];
    const NodeView node = model_.node(n);
    const bool takes_input_rows = midge::TakesInputRows(plan.window);
    if ((plan.window.is_whole() && !takes_input_rows) || node.outputs.size() != 1 ||
        (plan.sharing & NodePlan::kAlias) != 0 || is_viewed_[static_cast<size_t>(OutputItem(n))]) {
      return false;
    }
    int inputs = 0;
    int32_t rows = -1;
    for (const int32_t t : ActivationInputs(n)) {
      const int32_t count = RowGeometry::Of(model_.tensor_shape(t)).count;
      if (rows >= 0 && rows != count) return false;
      rows = count;
      ++inputs;
    }
    const int32_t output_rows =
        takes_input_rows ? rows : RowGeometry::Of(model_.tensor_shape(node.outputs[0])).count;
    return inputs >= 1 && inputs <= midge::internal::kMaxStreamInputs && rows >= 1 &&
           rows <= UINT16_MAX && output_rows >= 1 && output_rows <= UINT16_MAX;
  }

  // The input that is fed by rows: itself, or the shape that leading aliases give it.
  Status FindFedInput() {
    if (!options_.stream_input) return {};
    if (model_.inputs().empty()) return StatusCode::kUnsupportedOption;
    fed_tensor_ = model_.inputs()[0];
    fed_item_ = RootItem(tables_, item_of_tensor_[static_cast<size_t>(fed_tensor_)]);
    for (; begin_ < node_count_; ++begin_) {
      const uint16_t sharing = nodes_[static_cast<size_t>(begin_)].sharing;
      const NodeView node = model_.node(begin_);
      if (!IsAlias(nodes_[static_cast<size_t>(begin_)]) ||
          node.inputs[sharing & NodePlan::kInputMask] != fed_tensor_) {
        break;
      }
      fed_tensor_ = node.outputs[0];
    }
    return begin_ < node_count_ ? Status() : Status(StatusCode::kUnsupportedOption);
  }
  bool IsFedSegment(int first) const { return fed_item_ >= 0 && first == begin_; }

  // The StreamNode of node n in a segment that begins with node `first`.
  StreamNode StreamOf(int n, int first, int rows_at_once) const {
    const NodeView node = model_.node(n);
    const midge::RowWindow window =
        TakesInputRows(n) ? midge::RowWindow::SameRow() : nodes_[static_cast<size_t>(n)].window;
    StreamNode stream = {
        window.stride, window.span, window.pad, static_cast<uint16_t>(rows_at_once), 0, 0, {}};
    int input = 0;
    for (const int32_t t : ActivationInputs(n)) {
      stream.input_rows = static_cast<uint16_t>(RowGeometry::Of(model_.tensor_shape(t)).count);
      uint8_t& producer = stream.producers[input++];
      for (int p = n - 1; p >= first; --p) {
        if (model_.node(p).outputs[0] == t) producer = static_cast<uint8_t>(n - p);
      }
      if (IsFedSegment(first) && t == fed_tensor_) producer = static_cast<uint8_t>(n - first + 1);
    }
    stream.output_rows =
        TakesInputRows(n)
            ? stream.input_rows
            : static_cast<uint16_t>(RowGeometry::Of(model_.tensor_shape(node.outputs[0])).count);
    return stream;
  }

  bool TakesInputRows(int n) const {
    return midge::TakesInputRows(nodes_[static_cast<size_t>(n)].window);
  }

  // Whether nodes [first, last] can be one segment: what is made inside is used inside, but for the
  // last output, and so is a fed input.
  bool IsSegment(int first, int last) const {
    if (last - first + 1 > midge::internal::kMaxSegmentNodes) return false;
    bool reads_fed = false;
    for (int n = first; n <= last; ++n) {
      if (!IsStreamable(n)) return false;
      const PlanItem& output = item(OutputItem(n));
      if (n < last && (output.last > last + 1 || output.last <= n + 1 || TakesInputRows(n))) {
        return false;
      }
      if (!IsFedSegment(first)) continue;
      for (const int32_t t : ActivationInputs(n)) {
        const int root = RootItem(tables_, item_of_tensor_[static_cast<size_t>(t)]);
        if (root == fed_item_ && t != fed_tensor_) return false;
        reads_fed |= t == fed_tensor_;
      }
    }
    return !IsFedSegment(first) || (reads_fed && item(fed_item_).last <= last + 1);
  }

  // Runs the segment as RunSegment does, but counts instead of computing. Each node makes
  // `rows_at_once` rows at a time.
  bool Simulate(int first, int last, SegmentNeeds* needs) const {
    const int count = last - first + 1;
    const bool fed = IsFedSegment(first);
    std::vector<StreamNode> nodes(1);
    for (int n = first; n <= last; ++n) {
      const int at_once = needs->rows_at_once[static_cast<size_t>(n - first + 1)];
      nodes.push_back(StreamOf(n, first, at_once));
    }
    std::vector<int32_t> made(nodes.size(), 0);
    needs->ring_rows.assign(nodes.size(), 0);

    // The first row of the tensor made at place p (-1: of the segment's inputs that are whole) that
    // is still needed.
    const auto first_needed = [&](int p) {
      int32_t low = INT32_MAX;
      for (int c = 1; c <= count; ++c) {
        const StreamNode& node = nodes[static_cast<size_t>(c)];
        const int32_t y = made[static_cast<size_t>(c)];
        bool reads = false;
        if (p < 0) {
          size_t inside = 0;
          for (const uint8_t back : node.producers) inside += back != 0;
          reads = inside < InputItems(first + c - 1).size();
        } else {
          for (const uint8_t back : node.producers) reads |= back != 0 && c - back == p;
        }
        if (!reads) continue;
        const int32_t from = y == node.output_rows ? node.input_rows : y * node.stride - node.pad;
        low = std::min(low, std::max(0, from));
      }
      return low;
    };
    const auto keep = [&](int p, midge::Rows rows) {
      int& ring = needs->ring_rows[static_cast<size_t>(p)];
      ring = std::max(ring, rows.end - std::min(rows.begin, first_needed(p)));
    };

    const TensorView output = model_.tensor(model_.node(last).outputs[0]);
    const int64_t output_row = RowBytes(output);
    const std::vector<int> inputs = ExternalInputs(first, last);
    int64_t below = 0;
    const auto run = [&](int p, midge::Rows rows) {
      if (p < count) {
        keep(p, rows);
        return true;
      }
      // Towards each input from outside: rows before the first that is needed are dead.
      const int64_t dead = first_needed(-1);
      for (const int i : inputs) {
        below = std::max(below, rows.end * output_row - dead * ExternalRowBytes(first, last, i));
      }
      return true;
    };
    const auto run_all = [&] {
      midge::internal::RunInOrder(
          count, made.data(),
          [&](int p) -> const StreamNode& { return nodes[static_cast<size_t>(p)]; }, run);
    };
    run_all();
    const int32_t fed_rows = fed ? RowGeometry::Of(model_.tensor_shape(fed_tensor_)).count : 0;
    while (made[0] < fed_rows) {
      keep(0, {made[0], made[0] + 1});
      ++made[0];
      run_all();
    }
    const bool reaches = !inputs.empty() && below < midge::kMaxTensorBytes && !TakesInputRows(last);
    needs->below = reaches ? static_cast<uint32_t>(below) : kDisjoint;

    for (int c = 1; c <= count; ++c) {
      const StreamNode& node = nodes[static_cast<size_t>(c)];
      // What the check of an embedded plan asks for, that need not know where the tensor ends.
      const int read =
          std::min<int>(node.input_rows, (node.rows_at_once - 1) * node.stride + node.span);
      for (const uint8_t back : node.producers) {
        if (back == 0) continue;
        int& ring = needs->ring_rows[static_cast<size_t>(c - back)];
        ring = std::max(ring, read);
      }
    }
    for (const int rows : needs->ring_rows) {
      if (rows > static_cast<int>(midge::internal::kRingRowsMask)) return false;
    }
    return true;
  }

  std::vector<int> ExternalInputs(int first, int last) const {
    std::vector<int> result;
    for (int n = first; n <= last; ++n) {
      for (const int i : InputItems(n)) {
        if (IsFedSegment(first) && i == fed_item_) continue;
        if (item(i).first <= first && std::find(result.begin(), result.end(), i) == result.end()) {
          result.push_back(i);
        }
      }
    }
    return result;
  }
  // Of tensors that share that item, the least: then no row begins before this says it does.
  uint32_t ExternalRowBytes(int first, int last, int wanted) const {
    uint32_t bytes = UINT32_MAX;
    for (int n = first; n <= last; ++n) {
      for (const int32_t t : ActivationInputs(n)) {
        if (RootItem(tables_, item_of_tensor_[static_cast<size_t>(t)]) == wanted) {
          bytes = std::min(bytes, RowBytes(model_.tensor(t)));
        }
      }
    }
    return bytes;
  }

  uint32_t UnitsOf(int n) const {
    return std::min<uint32_t>(nodes_[static_cast<size_t>(n)].scratch_units,
                              variation_.scratch_units);
  }
  uint32_t ScratchOf(int n) const {
    return nodes_[static_cast<size_t>(n)].ScratchBytes(UnitsOf(n));
  }

  // How many rows node n of a plan makes by one call of Eval, outside segments.
  int RowsAtOnce(const PlanTables& tables, int n) const {
    const uint32_t flags = DescendingFlags(model_, tables, n);
    const uint32_t words[] = {0, flags};
    return flags == 0 ? INT32_MAX : midge::internal::RecordView(words).descending_rows();
  }

  uint64_t RingBytes(int32_t t, int rows) const {
    return AlignUp(uint64_t{RowBytes(model_.tensor(t))} * static_cast<uint64_t>(rows));
  }

  // A lower bound of the memory alive while nodes [first, last] run as one step: `needs` says how,
  // and gets the rest.
  bool StepNeeds(int first, int last, SegmentNeeds* needs) const {
    const PlanItem nothing = {0, 0, kDisjoint, kDisjoint, 0, 0, 0, PlanItem::kOwn};
    const PlanItem& output = model_.node(last).outputs.empty() ? nothing : item(OutputItem(last));
    uint64_t bytes = 0, scratch = 0;
    needs->below = output.below;
    if (IsSegmentStep(first, last)) {
      if (!Simulate(first, last, needs)) return false;
      if (IsFedSegment(first)) bytes += RingBytes(fed_tensor_, needs->ring_rows[0]);
      for (int n = first; n < last; ++n) {
        const int rows = needs->ring_rows[static_cast<size_t>(n - first + 1)];
        bytes += RingBytes(model_.node(n).outputs[0], rows);
      }
    }
    for (int n = first; n <= last; ++n) {
      const uint64_t scratch_bytes = AlignUp(ScratchOf(n));
      if (KeepsScratch(first, last, n)) {
        bytes += scratch_bytes;
      } else {
        scratch = std::max(scratch, scratch_bytes);
      }
    }
    bytes += scratch;
    std::vector<bool> inside(static_cast<size_t>(tables_.item_count), false);  // kept in rings
    for (int n = first; n < last; ++n) inside[static_cast<size_t>(OutputItem(n))] = true;
    if (IsFedSegment(first)) inside[static_cast<size_t>(fed_item_)] = true;
    for (int i = 0; i < tables_.item_count; ++i) {
      const PlanItem& other = item(i);
      const bool alive = other.first <= last + 1 && other.last >= first + 1;
      if (alive && !inside[static_cast<size_t>(i)]) bytes += AlignUp(other.bytes);
    }
    // The best overlap of the output with one dying input.
    uint64_t saved = 0;
    const auto offer = [&](uint64_t input_bytes, uint64_t together) {
      const uint64_t apart = input_bytes + AlignUp(output.bytes);
      if (together < apart) saved = std::max(saved, apart - together);
    };
    for (const int i : ExternalInputs(first, last)) {
      const PlanItem& input = item(i);
      if (input.last > last + 1 || output.bytes == 0) continue;
      const uint64_t in = AlignUp(input.bytes), out = AlignUp(output.bytes);
      if (needs->below != kDisjoint) offer(in, std::max(AlignUp(needs->below) + in, out));
      if (IsSegmentStep(first, last)) continue;
      if (output.above != kDisjoint) offer(in, std::max(AlignUp(output.above) + out, in));
      if (output.shares == (PlanItem::kInPlaceOf | i)) offer(in, std::max(in, out));
    }
    needs->bound_bytes = bytes - saved;
    return true;
  }

  // Whether node n needs its scratch from one call of Eval to the next in a step.
  bool KeepsScratch(int first, int last, int n) const {
    return IsSegmentStep(first, last) && TakesInputRows(n);
  }
  bool IsSegmentStep(int first, int last) const { return last > first || IsFedSegment(first); }

  // Chooses the steps: the largest as small as possible, and then as few streamed nodes as
  // possible; in what memory is left, segments make several rows at a time. If that would still
  // cost too many instructions, with more memory.
  Status Cut() {
    FindPossibleSteps();
    const std::vector<Choice> smallest = Solve(0);
    if (smallest.back().peak == UINT64_MAX) {
      return Status(StatusCode::kUnsupportedOption, begin_, midge::Operand::None());
    }
    const uint64_t peak = smallest.back().peak;
    plan_.bound_bytes = static_cast<uint32_t>(peak);
    for (int n = 0; n < node_count_; ++n) whole_cost_ += CostOf(n, INT32_MAX);
    for (limit_ = std::max<uint64_t>(1, WithSlack(peak));;
         limit_ = WithSlack(AlignUp(limit_ + 1))) {
      TakeSteps(Solve(limit_));
      steps_cost_ = SpendRest(limit_);
      if (IsFastEnough(steps_cost_) || limit_ >= whole_bytes_) break;
    }
    for (int n = begin_ - 1; n >= 0; --n) {
      plan_.steps.insert(plan_.steps.begin(), {n, n, false, 0});
      step_needs_.insert(step_needs_.begin(), SegmentNeeds());
    }
    if (IsFedSegment(begin_)) {
      const HostPlan::Step& fed = plan_.steps[static_cast<size_t>(begin_)];
      const int places = fed.last - fed.first + 2;
      plan_.fed_counts_bytes = static_cast<uint32_t>(places) * uint32_t{sizeof(uint16_t)};
    }
    return {};
  }

  uint64_t WithSlack(uint64_t bytes) const {
    if (options_.smallest) return bytes;
    return bytes + static_cast<uint64_t>(kSlack * static_cast<double>(bytes));
  }
  bool IsFastEnough(double cost) const {
    return options_.smallest || cost <= kMostSlowdown * whole_cost_;
  }

  // What each step that is possible would need: cost_[first][last - first].
  void FindPossibleSteps() {
    needs_.resize(static_cast<size_t>(node_count_));
    bytes_.resize(static_cast<size_t>(node_count_));
    for (int first = begin_; first < node_count_; ++first) {
      for (int last = first; last < node_count_; ++last) {
        if (last > first && (!IsStreamable(first) || !IsStreamable(last))) break;
        if (last - first + 1 > midge::internal::kMaxSegmentNodes) break;
        SegmentNeeds need;
        need.rows_at_once.assign(static_cast<size_t>(last - first + 2), 1);
        const bool possible = (!IsSegmentStep(first, last) || IsSegment(first, last)) &&
                              StepNeeds(first, last, &need);
        if (possible && !IsSegmentStep(first, last)) {
          whole_bytes_ = std::max(whole_bytes_, need.bound_bytes);
        }
        bytes_[static_cast<size_t>(first)].push_back(possible ? need.bound_bytes : UINT64_MAX);
        needs_[static_cast<size_t>(first)].push_back(std::move(need));
      }
    }
  }

  struct Choice {
    uint64_t peak = UINT64_MAX;
    int streamed = 0;
    int from = 0;
  };
  // For each node the best steps before it: with the smallest peak, or of those whose peak is
  // within a limit above 0 with the fewest streamed nodes.
  std::vector<Choice> Solve(uint64_t limit) const {
    std::vector<Choice> best(static_cast<size_t>(node_count_) + 1);
    best[static_cast<size_t>(begin_)] = {0, 0, 0};
    for (int first = begin_; first < node_count_; ++first) {
      const Choice& here = best[static_cast<size_t>(first)];
      if (here.peak == UINT64_MAX) continue;
      for (size_t k = 0; k < bytes_[static_cast<size_t>(first)].size(); ++k) {
        const uint64_t bytes = bytes_[static_cast<size_t>(first)][k];
        if (bytes == UINT64_MAX) continue;
        const uint64_t peak = std::max(here.peak, bytes);
        const int streamed = here.streamed + (k > 0 ? static_cast<int>(k) + 1 : 0);
        Choice& there = best[static_cast<size_t>(first) + k + 1];
        const bool better =
            limit == 0 ? peak < there.peak
                       : peak <= limit && (there.peak == UINT64_MAX || streamed < there.streamed);
        if (better) there = {peak, streamed, first};
      }
    }
    return best;
  }

  void TakeSteps(const std::vector<Choice>& best) {
    plan_.steps.clear();
    step_needs_.clear();
    for (int end = node_count_; end > begin_; end = best[static_cast<size_t>(end)].from) {
      const int first = best[static_cast<size_t>(end)].from;
      const SegmentNeeds& need =
          needs_[static_cast<size_t>(first)][static_cast<size_t>(end - 1 - first)];
      plan_.steps.insert(plan_.steps.begin(), {first, end - 1, IsSegmentStep(first, end - 1),
                                               static_cast<uint32_t>(need.bound_bytes)});
      step_needs_.insert(step_needs_.begin(), need);
    }
  }

  // Lets nodes of segments make more rows at a time, as long as their steps stay within `limit`.
  // Returns what all nodes cost then.
  double SpendRest(uint64_t limit) {
    double cost = 0;
    for (size_t s = 0; s < plan_.steps.size(); ++s) {
      HostPlan::Step& step = plan_.steps[s];
      if (!step.is_segment) {
        cost += CostOf(step.first, INT32_MAX);
        continue;
      }
      SegmentNeeds& needs = step_needs_[s];
      while (DoubleRows(step, limit, &needs)) {
      }
      step.bound_bytes = static_cast<uint32_t>(needs.bound_bytes);
      for (int n = step.first; n <= step.last; ++n) {
        cost += CostOf(n, needs.rows_at_once[static_cast<size_t>(n - step.first + 1)]);
      }
    }
    return cost;
  }

  // Doubles the rows of the node that gains the most by it for what it takes; false if none gains.
  bool DoubleRows(const HostPlan::Step& step, uint64_t limit, SegmentNeeds* needs) const {
    double best_gain = 0;
    SegmentNeeds best;
    for (int n = step.first; n <= step.last; ++n) {
      const auto place = static_cast<size_t>(n - step.first + 1);
      const int rows = needs->rows_at_once[place];
      const double gain = CostOf(n, rows) - CostOf(n, 2 * rows);
      if (gain <= 0 || rows > kMostRowsAtOnce / 2) continue;
      SegmentNeeds trial = *needs;
      trial.rows_at_once[place] = 2 * rows;
      if (!StepNeeds(step.first, step.last, &trial) || trial.bound_bytes > limit) continue;
      const double bytes =
          static_cast<double>(trial.bound_bytes) - static_cast<double>(needs->bound_bytes);
      const double gain_per_byte = gain / std::max(bytes, 1.0);
      if (gain_per_byte > best_gain) {
        best_gain = gain_per_byte;
        best = std::move(trial);
      }
    }
    if (best_gain <= 0) return false;
    *needs = std::move(best);
    return true;
  }

  // A guess at the instructions of node n, made so many rows at a time with that many units of
  // scratch, each of which is for one more pixel at once.
  double CostOf(int n, int rows_at_once) const { return CostOf(n, rows_at_once, UnitsOf(n)); }
  double CostOf(int n, int rows_at_once, uint32_t units) const {
    const NodeView node = model_.node(n);
    if (node.outputs.empty() || (nodes_[static_cast<size_t>(n)].sharing & NodePlan::kAlias) != 0) {
      return 0;
    }
    if (TakesInputRows(n)) {
      const RowGeometry rows = RowGeometry::Of(model_.tensor_shape(node.inputs[0]));
      const int32_t calls = (rows.count - 1) / std::min(rows_at_once, rows.count) + 1;
      return kCallCost * calls + kSumCost * rows.count * rows.elements;
    }
    const Shape shape = model_.tensor_shape(node.outputs[0]);
    const RowGeometry rows = RowGeometry::Of(shape);
    if (rows.count == 0 || rows.elements == 0) return 0;
    double weights = 0;
    for (const int32_t t : node.inputs) {
      if (t < 0 || !model_.is_constant(t)) continue;
      weights = std::max(weights, static_cast<double>(model_.tensor_shape(t).elements()));
    }
    const int32_t pixels = rows.elements / std::max(shape.FromBack(0), 1);
    int32_t block = kBlockPixels;
    if (nodes_[static_cast<size_t>(n)].scratch_units != 0) {
      block = std::min(block, 1 + static_cast<int32_t>(units));
    }
    // What a weight costs in a block, between one that has the pixels to itself and a full one.
    const double together = kSharedCost + (kRestCost - kSharedCost) / block;
    const auto call = [&](int32_t count) {
      const int32_t rest = count * pixels % block, in_blocks = count * pixels - rest;
      return kCallCost + kElementCost * count * rows.elements +
             weights * (together * in_blocks + kRestCost * rest);
    };
    const int32_t at_once = std::min(rows_at_once, rows.count);
    const int32_t rest = rows.count % at_once;
    return rows.count / at_once * call(at_once) + (rest != 0 ? call(rest) : 0);
  }

  // From lifetimes in nodes to lifetimes in steps, tensors inside segments to rings, and then
  // offsets.
  Status Place() {
    std::vector<uint16_t> step_of_node(static_cast<size_t>(node_count_));
    ring_rows_.assign(static_cast<size_t>(tables_.item_count), 0);
    for (size_t s = 0; s < plan_.steps.size(); ++s) {
      const HostPlan::Step& step = plan_.steps[s];
      for (int n = step.first; n <= step.last; ++n) {
        step_of_node[static_cast<size_t>(n)] = static_cast<uint16_t>(s + 1);
      }
    }
    const auto end = static_cast<uint16_t>(plan_.steps.size() + 1);
    const auto step_at = [&](uint16_t time) {
      if (time == 0) return uint16_t{0};
      return time > node_count_ ? end : step_of_node[static_cast<size_t>(time - 1)];
    };
    for (size_t s = 0; s < plan_.steps.size(); ++s) {
      const HostPlan::Step& step = plan_.steps[s];
      if (!step.is_segment) continue;
      const std::vector<int>& rows = step_needs_[s].ring_rows;
      if (IsFedSegment(step.first)) MakeRing(fed_item_, fed_tensor_, rows[0]);
      for (int n = step.first; n < step.last; ++n) {
        MakeRing(OutputItem(n), model_.node(n).outputs[0],
                 rows[static_cast<size_t>(n - step.first + 1)]);
      }
      PlanItem& output = items_[static_cast<size_t>(OutputItem(step.last))];
      output.below = step_needs_[s].below;
      output.above = kDisjoint;
      output.shares = PlanItem::kOwn;
    }
    for (int i = 0; i < tables_.item_count; ++i) {
      PlanItem& it = items_[static_cast<size_t>(i)];
      it.first = step_at(it.first);
      it.last = step_at(it.last);
      // Rows are fed in the step that uses them; other inputs are written before the first.
      const auto fed_step = static_cast<uint16_t>(begin_ + 1);
      if (i == fed_item_) it.first = fed_step;
      if (fed_item_ >= 0 && it.first == 0) it.last = std::max(it.last, fed_step);
    }
    // One scratch per step: its nodes use it in turn, but for those that keep theirs.
    tensor_items_ = tables_.item_count;
    scratch_item_.assign(static_cast<size_t>(node_count_), -1);
    for (size_t s = 0; s < plan_.steps.size(); ++s) {
      const HostPlan::Step& step = plan_.steps[s];
      int shared = -1;
      for (int n = step.first; n <= step.last; ++n) {
        if (!nodes_[static_cast<size_t>(n)].wants_scratch()) continue;
        const bool keeps = KeepsScratch(step.first, step.last, n);
        int& own = scratch_item_[static_cast<size_t>(n)];
        own = keeps || shared < 0 ? NewScratch(static_cast<uint16_t>(s + 1)) : shared;
        if (!keeps) shared = own;
        uint32_t& bytes = items_[static_cast<size_t>(own)].bytes;
        bytes = std::max(bytes, ScratchOf(n));
      }
    }
    return Search();
  }

  int NewScratch(uint16_t step) {
    items_[static_cast<size_t>(tables_.item_count)] = {0,
                                                       kDisjoint,
                                                       kDisjoint,
                                                       kDisjoint,
                                                       step,
                                                       step,
                                                       midge::internal::kEndOfItems,
                                                       PlanItem::kOwn};
    return tables_.item_count++;
  }

  void MakeRing(int i, int32_t t, int rows) {
    ring_rows_[static_cast<size_t>(i)] = rows;
    PlanItem& ring = items_[static_cast<size_t>(i)];
    ring.bytes = static_cast<uint32_t>(RingBytes(t, rows));
    ring.below = ring.above = kDisjoint;
    ring.shares = PlanItem::kOwn;
  }

  // Tries orders of placement, all with named variables first: by size, as the device does; then by
  // size with a random factor each. Of those within the limit of the steps, keeps the one in which
  // writing in descending order costs the least; if that is still too much, with more memory.
  Status Search() {
    std::vector<int> order;
    is_variable_.assign(static_cast<size_t>(tables_.item_count), false);
    for (int n = 0; n < node_count_; ++n) {
      const uint16_t sharing = nodes_[static_cast<size_t>(n)].sharing;
      if (sharing != (NodePlan::kVariable | n)) continue;
      is_variable_[static_cast<size_t>(OutputItem(n))] = true;
      plan_.variable_bytes += static_cast<uint32_t>(AlignUp(item(OutputItem(n)).bytes));
    }
    for (int i = 0; i < tables_.item_count; ++i) {
      if (item(i).bytes != 0) {
        order.push_back(i);
      } else if (RootItem(tables_, i) == i && item(i).shares != PlanItem::kConstant) {
        // Without bytes, but where the variables are is no place for it all the same.
        items_[static_cast<size_t>(i)].offset = plan_.variable_bytes;
      }
    }
    if (order.empty()) return {};
    const std::vector<PlanItem> fresh = items_;
    std::vector<PlanItem> best;
    const auto keep = [&](uint64_t bytes) {
      best = items_;
      plan_.activation_bytes = static_cast<uint32_t>(bytes);
    };
    uint64_t least = midge::internal::kInRing;
    std::mt19937 random(1);
    for (int attempt = 0; attempt < kOrdersTried && least > plan_.bound_bytes; ++attempt) {
      std::copy(fresh.begin(), fresh.end(), items_.begin());
      uint64_t bytes = 0;
      MIDGE_TRY(PlaceInOrder(attempt, least, &random, &order, &bytes));
      if (bytes >= least) continue;
      least = bytes;
      keep(bytes);
    }
    double best_cost = DBL_MAX;
    for (uint64_t limit = std::max(least, limit_);; limit = WithSlack(AlignUp(limit + 1))) {
      random.seed(1);
      for (int attempt = 0; attempt < kOrdersTried && best_cost > 0; ++attempt) {
        std::copy(fresh.begin(), fresh.end(), items_.begin());
        uint64_t bytes = 0;
        MIDGE_TRY(PlaceInOrder(attempt, limit, &random, &order, &bytes));
        const double cost = bytes > limit ? DBL_MAX : DescendingCost();
        if (cost >= best_cost) continue;
        best_cost = cost;
        keep(bytes);
      }
      if (IsFastEnough(steps_cost_ + best_cost) || limit >= whole_bytes_) break;
    }
    std::copy(best.begin(), best.end(), items_.begin());
    GrowAllScratch();
    // The bound counts whole blocks of kArenaAlignment; what is highest needs no rest of one.
    plan_.bound_bytes = std::min(plan_.bound_bytes, plan_.activation_bytes);
    return {};
  }

  // Gives the steps' scratch what else their nodes asked for, as the device does.
  void GrowAllScratch() {
    std::vector<uint16_t> placed;
    for (int i = 0; i < tables_.item_count; ++i) {
      if (item(i).bytes != 0) placed.push_back(static_cast<uint16_t>(i));
    }
    std::stable_sort(placed.begin(), placed.end(),
                     [&](int a, int b) { return item(a).offset < item(b).offset; });
    uint16_t lowest = midge::internal::kEndOfItems;
    for (auto i = placed.rbegin(); i != placed.rend(); ++i) {
      items_[*i].next = lowest;
      lowest = *i;
    }
    const uint32_t limit = midge::internal::WithRoomForScratch(plan_.activation_bytes);
    std::vector<uint32_t> most(items_.size(), 0);
    for (int n = 0; n < node_count_; ++n) {
      const int scratch = scratch_item_[static_cast<size_t>(n)];
      if (scratch < 0) continue;
      const NodePlan& plan = nodes_[static_cast<size_t>(n)];
      uint32_t& bytes = most[static_cast<size_t>(scratch)];
      bytes = std::max(bytes, plan.ScratchBytes(plan.scratch_units));
    }
    for (int i = tensor_items_; i < tables_.item_count; ++i) {
      GrowScratch({items_.data(), static_cast<size_t>(tables_.item_count)}, lowest,
                  most[static_cast<size_t>(i)], limit, &plan_.activation_bytes,
                  items_[static_cast<size_t>(i)]);
    }
  }

  // One placement; gives up once it needs more than `limit`.
  Status PlaceInOrder(int attempt, uint64_t limit, std::mt19937* random, std::vector<int>* order,
                      uint64_t* bytes) {
    const double spread = attempt == 0 ? 0.0 : 0.2 + 0.8 * (attempt % 16) / 15.0;
    std::vector<double> weight(static_cast<size_t>(tables_.item_count));
    for (const int i : *order) {
      const double factor = 1.0 - spread * static_cast<double>((*random)()) / 4294967296.0;
      weight[static_cast<size_t>(i)] =
          is_variable_[static_cast<size_t>(i)] ? DBL_MAX : item(i).bytes * factor;
    }
    std::stable_sort(order->begin(), order->end(), [&](int a, int b) {
      return weight[static_cast<size_t>(a)] > weight[static_cast<size_t>(b)];
    });
    uint16_t lowest = midge::internal::kEndOfItems;
    for (const int i : *order) {
      PlanItem& it = items_[static_cast<size_t>(i)];
      const midge::Span<PlanItem> items = {items_.data(), items_.size()};
      const uint32_t offset = LowestOffset(items, lowest, it);
      if (offset + it.bytes >= midge::internal::kInFast) return midge::StatusCode::kTooLarge;
      it.offset = offset;
      Insert(items, &lowest, it);
      *bytes = std::max<uint64_t>(*bytes, uint64_t{it.offset} + it.bytes);
      if (*bytes > limit) break;
    }
    return {};
  }

  // What writing in descending order, a few rows at a time, costs.
  double DescendingCost() const {
    double cost = 0;
    for (const HostPlan::Step& step : plan_.steps) {
      if (step.is_segment) continue;
      const int n = step.first;
      cost += CostOf(n, RowsAtOnce(tables_, n)) - CostOf(n, INT32_MAX);
    }
    return cost;
  }

  uint32_t LocationOf(int32_t t) const {
    if (t < 0) return midge::internal::kAbsent;
    const TensorView view = model_.tensor(t);
    if (view.is_constant()) {
      return midge::internal::kInModel |
             static_cast<uint32_t>(view.bytes().data() - model_.bytes().data());
    }
    const int i = item_of_tensor_[static_cast<size_t>(t)];
    const uint32_t location = LocationOfItem(tables_, i);
    const int rows = ring_rows_[static_cast<size_t>(RootItem(tables_, i))];
    if (rows == 0) return location;
    return midge::internal::kInRing |
           static_cast<uint32_t>(rows) << midge::internal::kRingRowsShift |
           location / static_cast<uint32_t>(midge::kArenaAlignment);
  }

  void Write() {
    std::vector<uint32_t> words;
    for (const int32_t t : model_.inputs()) words.push_back(LocationOf(t));
    for (const int32_t t : model_.outputs()) words.push_back(LocationOf(t));
    for (size_t s = 0; s < plan_.steps.size(); ++s) {
      const HostPlan::Step& step = plan_.steps[s];
      for (int n = step.first; n <= step.last; ++n) WriteNode(s, n, &words);
    }
    LocateVariables(&words);
    const auto* const bytes = reinterpret_cast<const uint8_t*>(words.data());
    plan_.program.assign(bytes, bytes + words.size() * 4);
    WriteBoxes();
  }

  // In subgraphs, now that all records are there.
  void LocateVariables(std::vector<uint32_t>* words) const {
    const size_t begin = model_.inputs().size() + model_.outputs().size();
    const midge::Span<const uint32_t> records = {words->data() + begin, words->size() - begin};
    size_t at = begin;
    for (int n = 0; n < node_count_; ++n) {
      const midge::internal::RecordView record(words->data() + at);
      if (record.calls()) locate_variables_(words->data() + at, records);
      at += record.size_bytes() / 4;
    }
  }

  void WriteNode(size_t s, int n, std::vector<uint32_t>* words) const {
    const HostPlan::Step& step = plan_.steps[s];
    std::vector<uint32_t> record = records_[static_cast<size_t>(n)];
    const midge::internal::RecordView view(record.data());
    const bool has_scratch = view.has_scratch();
    uint32_t flags = record[1] & ~midge::internal::kRecordBytesMask;
    const int operands = view.input_count() + view.output_count();
    for (int i = 0; i < operands; ++i) {
      uint32_t& word = record[static_cast<size_t>(2 + i)];
      word = LocationOf(static_cast<int32_t>(word));
    }
    if (has_scratch) record.pop_back();
    if (step.is_segment) {
      flags |= midge::internal::kStreamed;
      if (n == step.last) flags |= midge::internal::kEndOfSegment;
      const StreamNode stream = StreamOf(
          n, step.first, step_needs_[s].rows_at_once[static_cast<size_t>(n - step.first + 1)]);
      uint32_t tail[sizeof stream / 4];
      std::memcpy(tail, &stream, sizeof stream);
      record.insert(record.end(), std::begin(tail), std::end(tail));
    } else {
      flags |= DescendingFlags(model_, tables_, n);
    }
    if (has_scratch) {
      const int scratch = scratch_item_[static_cast<size_t>(n)];
      record.push_back(LocationOfItem(tables_, scratch) |
                       nodes_[static_cast<size_t>(n)].ScratchUnits(item(scratch).bytes));
    }
    record[1] = static_cast<uint32_t>(record.size() * 4) | flags;
    const midge::internal::RecordView written(record.data());
    if (written.calls()) relocate_(record.data(), written.scratch_location(), nullptr);
    words->insert(words->end(), record.begin(), record.end());
  }

  void WriteBoxes() {
    const auto add = [&](const std::string& label, int i, int rows, int tensor) {
      const PlanItem& it = item(i);
      if (it.bytes == 0) return;
      plan_.boxes.push_back({label, it.offset, it.bytes, it.first, it.last, rows, tensor});
    };
    for (int t = 0; t < model_.tensor_count(); ++t) {
      const int i = item_of_tensor_[static_cast<size_t>(t)];
      if (i == PlanTables::kNoItem) continue;
      const midge::Span<const char> name = model_.tensor_name(t);
      add(std::string(name.data(), name.size()), i, ring_rows_[static_cast<size_t>(i)], t);
    }
    for (int i = tensor_items_; i < tables_.item_count; ++i) add("scratch", i, 0, -1);
    std::stable_sort(plan_.boxes.begin(), plan_.boxes.end(),
                     [](const auto& a, const auto& b) { return a.first_step < b.first_step; });
  }

  const Model& model_;
  const midge::OpResolverView ops_;
  const HostPlanOptions options_;
  const Variation variation_;
  HostPlan& plan_;
  const int node_count_;
  std::vector<NodePlan> nodes_;
  std::vector<std::vector<uint32_t>> records_;
  std::vector<uint16_t> item_of_tensor_;
  std::vector<PlanItem> items_;  // room for every tensor and a scratch per node
  PlanTables tables_ = {};
  midge::internal::RunParts run_parts_ = {};
  bool keeps_variables_ = false, uses_rows_ = false;
  void (*relocate_)(uint32_t*, uint32_t, const midge::internal::GraphBuilder*) = nullptr;
  void (*locate_variables_)(uint32_t*, midge::Span<const uint32_t>) = nullptr;
  std::vector<bool> is_variable_;  // by item: named
  std::vector<bool> is_viewed_;    // by item: a view, or what it is a view of
  int begin_ = 0;            // the first node that is planned; before it, aliases of the fed input
  int32_t fed_tensor_ = -1;  // as the first segment sees it; -1: no input is fed
  int fed_item_ = -1;
  std::vector<std::vector<SegmentNeeds>> needs_;  // [first][last - first]
  std::vector<std::vector<uint64_t>> bytes_;      // the same: bound_bytes, or UINT64_MAX
  uint64_t whole_bytes_ = 0;                      // of the largest step if nothing is streamed
  uint64_t limit_ = 0;                            // of each step that was taken
  double whole_cost_ = 0;                         // a guess at the instructions then
  double steps_cost_ = 0;                         // the same for the steps that were taken
  std::vector<SegmentNeeds> step_needs_;
  std::vector<int> ring_rows_;     // by item; 0: no ring
  std::vector<int> scratch_item_;  // by node; -1: none
  int tensor_items_ = 0;
};

// The smallest plan, or one with all scratch if that is not much larger. If it would cost more
// than a device's own plan, the smallest with more scratch that does not, or comes closest.
Status Choose(const Model& model, midge::OpResolverView ops, const HostPlanOptions& options,
              bool views, HostPlan* plan, bool* offers_views) {
  *plan = {};
  HostPlan fast = {};
  Planner smallest(model, ops, options, {0, views}, plan);
  const Status status = smallest.Run();
  *offers_views = smallest.offers_views();
  MIDGE_TRY(status);
  if (options.smallest) return {};
  const midge::Result<double> device_cost = smallest.CostOnDevice();
  MIDGE_TRY(device_cost.status());
  const uint32_t most_units = smallest.most_scratch_units();
  double cost = smallest.Cost();
  Planner fastest(model, ops, options, {most_units, views}, &fast);
  MIDGE_TRY(fastest.Run());
  if (fast.activation_bytes <= kMostForScratch * plan->activation_bytes) {
    *plan = std::move(fast);
    return {};
  }
  for (uint32_t units = 1; units <= most_units && cost > kMostSlowdown * *device_cost; ++units) {
    HostPlan more = {};
    Planner planner(model, ops, options, {units, views}, &more);
    MIDGE_TRY(planner.Run());
    if (planner.Cost() >= cost) continue;
    cost = planner.Cost();
    *plan = std::move(more);
  }
  return {};
}

}  // namespace

Status MakeHostPlan(const Model& model, midge::OpResolverView ops, const HostPlanOptions& options,
                    HostPlan* plan) {
  bool offers_views;
  const Status status = Choose(model, ops, options, false, plan, &offers_views);
  if (!offers_views) return status;
  // What is made of views lives as long as all of them, and is whole.
  HostPlan viewed = {};
  if (!Choose(model, ops, options, true, &viewed, &offers_views).ok()) return status;
  if (!status.ok() || viewed.activation_bytes <= plan->activation_bytes) *plan = std::move(viewed);
  return {};
}

}  // namespace midge_tool
