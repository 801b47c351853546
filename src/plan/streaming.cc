// SPDX-License-Identifier: Apache-2.0
//
// Nothing is executed to find out what a segment needs: a window of windows is a window again, so
// how far nodes are ahead of each other, which sizes rings, and how far a segment is behind with
// its inputs, which its output may overwrite, follow from strides, spans and pads. `lead` and
// `dead` in StreamStep are these windows' ends. Where several paths lead from a tensor to where
// they meet again (a residual branch), its ring holds what lies between the path that is furthest
// ahead and the one that is furthest behind.
#include "plan/streaming.h"

#include <cstring>
#include <initializer_list>

#include "graph_builder.h"
#include "midge/record.h"

namespace midge::internal {
namespace {

constexpr uint32_t kUnlimited = 0xffffffff;
// The smallest plan may become a 32nd larger if it so has fewer nodes in segments.
constexpr uint32_t kSlack = 32;
// A row should be worth its call of Eval, so that segments take at most some 2 % more instructions:
// by a guess at those for a byte of output, and for two weights applied to one pixel.
constexpr uint32_t kByteCost = 16;
constexpr uint32_t kLeastRowCost = 6000;
// What windows of segments are at most: then no sum or product of `lead` and `dead` overflows.
constexpr int kMostWindow = 255;
constexpr int32_t kMostLead = 1 << 20;
constexpr int kMostNodes = 8;  // of a segment, for the time it takes to consider more
static_assert(kMostNodes <= kMaxSegmentNodes);

bool IsSegment(const StreamStep* steps, int s, int last_step) {
  return steps[s].from != s || (s < last_step && steps[s + 1].from == s);
}

// Nodes of segments have all scratch that makes them faster: they are called more often.
uint32_t SegmentScratch(const NodePlan& plan) {
  return plan.wants_scratch() ? plan.ScratchBytes(plan.scratch_units) : 0;
}

class Cutter {
 public:
  Cutter(const Model& model, PlanTables& tables, StreamStep* steps, int first_scratch,
         uint32_t least_row_cost)
      : model_(model),
        tables_(tables),
        steps_(steps),
        first_scratch_(first_scratch),
        end_(model.node_count() + 1),
        least_row_cost_(least_row_cost) {}

  int Cut() {
    if (!FitRings()) return 0;
    Describe();
    for (int s = 1; s < end_; ++s) FindRing(s);
    CountLive();
    // No steps need less than what runs alone, nor less than the graph's inputs.
    uint32_t whole = 0, floor = steps_[0].live_bytes;
    for (int s = 1; s < end_; ++s) {
      const uint32_t bytes = steps_[s].alone_bytes = AloneBytes(s);
      if (bytes > whole) whole = bytes;
      if (!IsStreamable(steps_[s]) && bytes > floor) floor = bytes;
    }
    const uint32_t least = Choose(floor, kUnlimited);
    const uint32_t limit = least + least / kSlack;
    if (limit >= whole) return 0;
    Choose(limit, limit);
    const int streamed = steps_[end_ - 1].streamed;
    for (int last = end_ - 1; last > 0;) {
      const int from = steps_[last].from;
      for (int s = from; s < last; ++s) steps_[s].from = static_cast<uint16_t>(from);
      if (from < last) MakeSegment(from, last);
      last = from - 1;
    }
    for (int i = 0; i < tables_.item_count; ++i) {
      PlanItem& item = tables_.items[i];
      item.first = StepAt(item.first);
      item.last = StepAt(item.last);
    }
    ShareScratch();
    return streamed;
  }

 private:
  // No placement needs more than all tensors side by side.
  bool FitRings() const {
    uint64_t bytes = 0;
    for (int i = 0; i < first_scratch_; ++i) bytes += AlignToArena(tables_.items[i].bytes);
    return bytes <= uint64_t{kRingOffsetMask} * kArenaAlignment;
  }

  uint16_t StepAt(uint16_t time) const {
    return time == 0 || time >= end_ ? time : steps_[time].from;
  }
  PlanItem& OutputOf(int s) const { return tables_.items[steps_[s].item]; }
  static bool IsStreamable(const StreamStep& step) { return step.input_rows != 0; }

  void SetOutput(int s, int32_t t, const RowGeometry& rows) {
    StreamStep& step = steps_[s];
    step.item = tables_.item_of_tensor[t];
    step.last_use = tables_.items[RootItem(tables_, step.item)].last;
    if (rows.count > UINT16_MAX) return;
    step.rows = static_cast<uint16_t>(rows.count);
    step.row_bytes =
        static_cast<uint32_t>(BytesOf(model_.tensor_type(t), static_cast<uint64_t>(rows.elements)));
  }

  bool IsInput(int32_t t) const { return model_.inputs().size() == 1 && t == model_.inputs()[0]; }

  void Describe() {
    for (int s = 0; s < end_; ++s) {
      steps_[s] = {};
      for (uint16_t& producer : steps_[s].producers) producer = StreamStep::kNoStep;
      steps_[s].in_place = StreamStep::kNoStep;
      steps_[s].join = StreamStep::kNoStep;
      steps_[s].from = static_cast<uint16_t>(s);
    }
    if (model_.inputs().size() == 1) {
      const int32_t t = model_.inputs()[0];
      SetOutput(0, t, RowGeometry::Of(model_.tensor_shape(t)));
    }
    for (int s = 1; s < end_; ++s) DescribeNode(s);
  }

  void DescribeNode(int s) {
    StreamStep& step = steps_[s];
    const NodeView node = model_.node(s - 1);
    const NodePlan& plan = tables_.nodes[s - 1];
    if (node.outputs.size() != 1) return;
    const int32_t output = node.outputs[0];
    const Shape shape = model_.tensor_shape(output);
    const RowGeometry rows = RowGeometry::Of(shape);
    SetOutput(s, output, rows);
    int inputs = 0;
    uint32_t input_rows = 0;
    bool alike = true;
    for (size_t i = 0; i < node.inputs.size(); ++i) {
      const int32_t t = node.inputs[i];
      const uint16_t item = tables_.ItemOf(t);
      if (item == PlanTables::kNoItem) continue;
      if (inputs == kMaxStreamInputs) return;
      const uint16_t producer = tables_.items[item].first;
      const uint32_t count = steps_[producer].rows;
      alike &= (producer != 0 || IsInput(t)) && (inputs == 0 || count == input_rows);
      input_rows = count;
      step.producers[inputs++] = producer;
      if (plan.sharing == (NodePlan::kInPlace | i)) step.in_place = producer;
    }
    const RowWindow& window = plan.window;
    if (window.is_whole() || (plan.sharing & NodePlan::kAlias) != 0 || !alike || step.rows == 0 ||
        window.stride > kMostWindow || window.span > kMostWindow || window.pad > kMostWindow) {
      return;
    }
    const auto pixels = static_cast<uint32_t>(rows.elements / shape.FromBack(0));
    if (IsWorthCalls(node, step.row_bytes, pixels)) {
      step.input_rows = static_cast<uint16_t>(input_rows);
    }
  }

  // By the node's weights, if it has any, applied to so many pixels a row.
  bool IsWorthCalls(const NodeView& node, uint32_t row_bytes, uint32_t pixels) const {
    uint64_t cost = uint64_t{row_bytes} * kByteCost;
    for (size_t i = 0; i < node.inputs.size() && cost < least_row_cost_; ++i) {
      if (node.inputs[i] >= 0)
        cost += uint64_t{model_.constant_bytes(node.inputs[i]).size()} * pixels / 2;
    }
    return cost >= least_row_cost_;
  }

  // Tells those that make the inputs of step s, in a segment that ends with `last`, what s needs.
  void Follow(int s, int last) {
    const StreamStep& step = steps_[s];
    const RowWindow& window = tables_.nodes[s - 1].window;
    const bool is_last = s == last;
    const int32_t lead = is_last ? 1 : step.lead;
    const int32_t stride = (is_last ? 1 : step.stride) * window.stride;
    const int32_t needs = (lead - 1) * window.stride - window.pad + window.span;
    const int32_t rows = is_last ? step.rows : step.end;
    const int32_t all = (rows - 1) * window.stride - window.pad + window.span;
    const auto end = static_cast<uint16_t>(all < step.input_rows ? all : step.input_rows);
    const bool simple =
        stride <= kMostWindow && needs <= kMostLead && needs >= -kMostLead && all > 0;
    for (const uint16_t p : step.producers) {
      if (p == StreamStep::kNoStep) break;
      // The last node has not made its row yet, but for an input that this is made over.
      const int32_t made = is_last && p != step.in_place ? 0 : lead;
      const int32_t dead = made * window.stride - window.pad;
      StreamStep& producer = steps_[p];
      if (producer.seen != last) {
        producer.seen = static_cast<uint16_t>(last);
        producer.stride = static_cast<uint16_t>(stride);
        producer.lead = needs;
        producer.dead = dead;
        producer.end = end;
      }
      // Who is ahead must not be content with fewer rows in the end: the others would then be
      // behind what is said here.
      const bool behind =
          needs > producer.lead ? end < producer.end : needs < producer.lead && end > producer.end;
      if (!simple || behind || producer.stride != stride) producer.stride = StreamStep::kNoStride;
      if (needs > producer.lead) producer.lead = needs;
      if (dead < producer.dead) producer.dead = dead;
      if (end > producer.end) producer.end = end;
    }
  }

  // The ring of what step s makes: from the last step where its uses have led, back to it.
  void FindRing(int s) {
    StreamStep& step = steps_[s];
    int join = step.last_use;
    if (!IsStreamable(step) || join == s || join >= end_) return;
    for (int m = s + 1; m <= join; ++m) {
      if (!IsStreamable(steps_[m])) return;
      if (m < join && steps_[m].last_use > join) join = steps_[m].last_use;
      if (join >= end_ || join - s >= kMostNodes) return;
    }
    for (int m = s; m < join; ++m) steps_[m].seen = 0;
    for (int m = join; m > s; --m) {
      if (m < join && (steps_[m].seen != join || steps_[m].stride == StreamStep::kNoStride)) return;
      Follow(m, join);
    }
    if (step.seen != join || step.stride == StreamStep::kNoStride) return;
    // What `join` needs of one row more may be made for one of those that use it while the others
    // are where they were with the row before, or have not begun.
    int32_t behind = step.lead;
    int uses = 0;
    for (int m = s + 1; m <= join; ++m) {
      const RowWindow& window = tables_.nodes[m - 1].window;
      const int32_t lead = m == join ? 1 : steps_[m].lead;
      const int32_t first = lead * window.stride - window.pad - step.stride;
      for (const uint16_t p : steps_[m].producers) {
        if (p != s) continue;
        if (first < behind) behind = first;
        ++uses;
        break;
      }
    }
    if (uses > 1 && behind > 0) behind = 0;
    const int32_t rows = step.lead - behind;
    if (rows > static_cast<int32_t>(kRingRowsMask)) return;
    step.join = static_cast<uint16_t>(join);
    step.ring_rows = rows < step.rows ? static_cast<uint16_t>(rows) : step.rows;
  }

  void CountLive() {
    for (int i = 0; i < first_scratch_; ++i) {
      const PlanItem& item = tables_.items[i];
      const uint32_t bytes = AlignToArena(item.bytes);
      steps_[item.first].live_bytes += bytes;
      if (item.last + 1 < end_) steps_[item.last + 1].live_bytes -= bytes;
    }
    for (int s = 1; s < end_; ++s) steps_[s].live_bytes += steps_[s - 1].live_bytes;
  }

  // What is saved by an output over an input of so many bytes that dies, if they may begin that far
  // apart.
  static uint32_t Saved(uint32_t input, uint32_t output, uint32_t below) {
    if (below == PlanItem::kDisjoint) return 0;
    const uint32_t reach = AlignToArena(below) + input;
    const uint32_t together = reach > output ? reach : output;
    return together < input + output ? input + output - together : 0;
  }

  // PlanItem::below of the last step's output towards what step p made for a segment.
  uint32_t Below(int p, int last) const {
    const StreamStep& input = steps_[p];
    if (input.stride == StreamStep::kNoStride) return PlanItem::kDisjoint;
    const StreamStep& output = steps_[last];
    int32_t below = 0;
    const int32_t bend = input.dead < 0 ? -input.dead / input.stride : 0;
    for (const int32_t y : std::initializer_list<int32_t>{0, bend, bend + 1, output.rows - 1}) {
      if (y >= output.rows) continue;
      int32_t dead = y * input.stride + input.dead;
      dead = dead < 0 ? 0 : dead < input.rows ? dead : input.rows;
      const auto distance = static_cast<int32_t>(static_cast<uint32_t>(y + 1) * output.row_bytes -
                                                 static_cast<uint32_t>(dead) * input.row_bytes);
      if (distance > below) below = distance;
    }
    return static_cast<uint32_t>(below);
  }

  // The same for an output of a single node.
  uint32_t SavedAlone(int s) const {
    const PlanItem& output = OutputOf(s);
    uint32_t best = 0;
    for (const uint16_t p : steps_[s].producers) {
      if (p == StreamStep::kNoStep) break;
      if (steps_[p].last_use != s) continue;
      const uint32_t in = OutputBytes(p);
      const uint32_t out = AlignToArena(output.bytes);
      const bool in_place =
          (output.shares & PlanItem::kInPlaceOf) != 0 && output.shares < PlanItem::kConstant;
      const uint32_t below = Saved(in, out, in_place ? 0 : output.below);
      const uint32_t above = Saved(out, in, output.above);
      if (below > best) best = below;
      if (above > best) best = above;
    }
    return best;
  }
  uint32_t SavedBySegment(int first, int last) const {
    uint32_t best = 0;
    for (const uint16_t p : steps_[first].producers) {
      if (p == StreamStep::kNoStep) break;
      if (steps_[p].last_use > last || steps_[p].rows == 0) continue;
      const uint32_t in = OutputBytes(p);
      const uint32_t saved = Saved(in, OutputBytes(last), Below(p, last));
      if (saved > best) best = saved;
    }
    return best;
  }
  uint32_t OutputBytes(int s) const { return AlignToArena(steps_[s].rows * steps_[s].row_bytes); }

  // What node s needs as a step of its own.
  uint32_t AloneBytes(int s) const {
    const NodePlan& plan = tables_.nodes[s - 1];
    const uint32_t bytes =
        steps_[s].live_bytes + (plan.wants_scratch() ? AlignToArena(plan.scratch_bytes) : 0);
    return steps_[s].rows == 0 ? bytes : bytes - SavedAlone(s);
  }

  // For each node the best steps up to it: those with the smallest peak above `floor`, or, of those
  // whose peak is within `limit`, with the fewest nodes in segments. Only segments with a node that
  // alone would exceed the floor, or that limit, are of any use. Returns the peak of all. Sums may
  // wrap for tensors that fill the address space, and then choose badly.
  uint32_t Choose(uint32_t floor, uint32_t limit) {
    for (int s = 0; s < end_; ++s) steps_[s].seen = 0;
    int exceeding = 0;  // the last step up to `last` that alone would exceed
    for (int last = 1; last < end_; ++last) {
      StreamStep& best = steps_[last];
      if (best.alone_bytes > floor) exceeding = last;
      const StreamStep& before_alone = steps_[last - 1];
      best.peak_bytes =
          before_alone.peak_bytes > best.alone_bytes ? before_alone.peak_bytes : best.alone_bytes;
      best.streamed = before_alone.streamed;
      best.from = static_cast<uint16_t>(last);
      if (best.peak_bytes > limit) best.streamed = UINT16_MAX;
      if (!IsStreamable(best) || last - exceeding >= kMostNodes) continue;
      uint32_t rings = 0, scratch = 0;
      for (int first = last; first > 0 && last - first < kMostNodes; --first) {
        const StreamStep& step = steps_[first];
        if (first < last) {
          if (step.join > last || step.stride == StreamStep::kNoStride) break;
          rings += AlignToArena(step.ring_rows * step.row_bytes);
        }
        const uint32_t own_scratch = AlignToArena(SegmentScratch(tables_.nodes[first - 1]));
        if (own_scratch > scratch) scratch = own_scratch;
        Follow(first, last);
        const StreamStep& before = steps_[first - 1];
        if (first == last || first > exceeding || before.peak_bytes > best.peak_bytes) continue;
        uint32_t bytes = step.live_bytes + scratch + rings + OutputBytes(last) - OutputBytes(first);
        bytes -= SavedBySegment(first, last);
        const uint32_t peak = before.peak_bytes > bytes ? before.peak_bytes : bytes;
        const int streamed = before.streamed + last - first + 1;
        const bool fewer = streamed < best.streamed;
        if (limit == kUnlimited ? peak < best.peak_bytes || (peak == best.peak_bytes && fewer)
                                : peak <= limit && fewer) {
          best.peak_bytes = peak;
          best.streamed = static_cast<uint16_t>(streamed);
          best.from = static_cast<uint16_t>(first);
        }
      }
    }
    return steps_[end_ - 1].peak_bytes;
  }

  void MakeSegment(int first, int last) {
    for (int s = first; s < last; ++s) {
      PlanItem& ring = OutputOf(s);
      ring.bytes = steps_[s].ring_rows * steps_[s].row_bytes;
      ring.below = ring.above = PlanItem::kDisjoint;
      ring.shares = PlanItem::kOwn;
    }
    PlanItem& output = OutputOf(last);
    output.above = PlanItem::kDisjoint;
    output.shares = PlanItem::kOwn;
    output.below = 0;
    for (int s = 0; s < last; ++s) steps_[s].seen = 0;
    for (int s = last; s >= first; --s) Follow(s, last);
    for (int s = first; s <= last; ++s) {
      for (const uint16_t p : steps_[s].producers) {
        if (p >= first) continue;  // made inside; or none
        const uint32_t below = Below(p, last);
        if (below > output.below) output.below = below;
      }
    }
  }

  // Nodes of a segment use one scratch in turn: that of the node which wants the most.
  void ShareScratch() {
    int i = first_scratch_, largest = i;
    for (int s = 1; s < end_; ++s) {
      const NodePlan& plan = tables_.nodes[s - 1];
      if (!plan.wants_scratch()) continue;
      PlanItem& item = tables_.items[i];
      if (IsSegment(steps_, s, end_ - 1)) item.bytes = SegmentScratch(plan);
      const bool same_step = largest != i && tables_.items[largest].first == item.first;
      if (same_step) {
        const bool is_larger = item.bytes > tables_.items[largest].bytes;
        PlanItem& smaller = is_larger ? tables_.items[largest] : item;
        if (is_larger) largest = i;
        // Not alive together with anything, it is placed at offset 0 of the other, wherever it
        // grows.
        smaller.bytes = 0;
        smaller.shares = static_cast<uint16_t>(largest);
        smaller.first = smaller.last = UINT16_MAX;
      } else {
        largest = i;
      }
      ++i;
    }
  }

  const Model& model_;
  PlanTables& tables_;
  StreamStep* const steps_;
  const int first_scratch_;
  const int end_;  // behind the last step
  const uint32_t least_row_cost_;
};

int CutSegments(const Model& model, PlanTables& tables, StreamStep* steps, int first_scratch) {
  return Cutter(model, tables, steps, first_scratch, kLeastRowCost).Cut();
}

int CutSegmentsOfAnyRows(const Model& model, PlanTables& tables, StreamStep* steps,
                         int first_scratch) {
  return Cutter(model, tables, steps, first_scratch, 0).Cut();
}

constexpr uint32_t kStreamWords = sizeof(StreamNode) / sizeof(uint32_t);

// Makes room for StreamNodes in the records at `words`, `size` words in all.
void WidenRecords(int node_count, const StreamStep* steps, uint32_t* words, size_t size) {
  uint32_t extra = 0;
  for (int s = 1; s <= node_count; ++s) {
    if (IsSegment(steps, s, node_count)) extra += kStreamWords;
  }
  // Everything up, and then down what is not that far from where it began.
  const uint32_t* from = words + extra;
  for (size_t i = size; i-- > 0;) words[i + extra] = words[i];
  for (int s = 1; from != words; ++s) {
    const RecordView record(from);
    const uint32_t behind = record.has_scratch() ? 1 : 0;
    const uint32_t record_words = record.size_bytes() / 4;
    uint32_t* const begin = words;
    for (uint32_t i = behind; i < record_words; ++i) *words++ = *from++;
    if (IsSegment(steps, s, node_count)) {
      words += kStreamWords;
      begin[1] += uint32_t{sizeof(StreamNode)} | kStreamed;
      if (s == node_count || steps[s + 1].from != steps[s].from) begin[1] |= kEndOfSegment;
    }
    if (behind != 0) *words++ = *from++;
  }
}

// Fills them, and makes locations of rings.
void CompleteRecords(const Model& model, const PlanTables& tables, const StreamStep* steps,
                     uint32_t* words) {
  const auto to_ring = [&](uint32_t* location, int s) {
    const StreamStep& step = steps[s];
    if (step.ring_rows == step.rows) return;  // whole after all
    *location = kInRing | uint32_t{step.ring_rows} << kRingRowsShift |
                *location / static_cast<uint32_t>(kArenaAlignment);
  };
  for (int s = 1; s <= model.node_count(); ++s) {
    const RecordView record(words);
    const uint32_t record_words = record.size_bytes() / 4;
    if (record.streamed()) {
      const StreamStep& step = steps[s];
      const NodeView node = model.node(s - 1);
      const RowWindow& window = tables.nodes[s - 1].window;
      StreamNode stream = {window.stride,   window.span, window.pad, 1,
                           step.input_rows, step.rows,   {}};
      int input = 0;
      for (size_t i = 0; i < node.inputs.size(); ++i) {
        if (tables.ItemOf(node.inputs[i]) == PlanTables::kNoItem) continue;
        const uint16_t producer = step.producers[input];
        if (producer >= step.from) {
          stream.producers[input] = static_cast<uint8_t>(s - producer);
          to_ring(words + 2 + i, producer);
        }
        ++input;
      }
      if (!record.end_of_segment()) to_ring(words + 2 + node.inputs.size(), s);
      uint32_t* const end = words + record_words - (record.has_scratch() ? 1 : 0);
      std::memcpy(end - kStreamWords, &stream, sizeof stream);
    }
    words += record_words;
  }
}

void Locate(GraphBuilder& builder, uint32_t* words, uint32_t program_bytes) {
  const Model& model = builder.model();
  uint32_t* const records = words + model.inputs().size() + model.outputs().size();
  const uint32_t* const end = words + program_bytes / sizeof(uint32_t);
  WidenRecords(model.node_count(), builder.steps(), records, static_cast<size_t>(end - records));
  builder.Locate(words, records);
  CompleteRecords(model, builder.tables(), builder.steps(), records);
}

}  // namespace

const StreamingParts kStreamingParts = {CutSegments, Locate, RunSegment};
const StreamingParts kStreamingOfAnyRows = {CutSegmentsOfAnyRows, Locate, RunSegment};

}  // namespace midge::internal
