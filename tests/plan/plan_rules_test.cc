// SPDX-License-Identifier: Apache-2.0
//
// Embedded plans that break one rule of docs/FORMAT.md each.
#include <vector>

#include "embedded_plan.h"
#include "midge/midge.h"
#include "midge/record.h"
#include "plain_model.h"
#include "planned_model.h"
#include "streamed_model.h"
#include "tests/support/rules.h"
#include "tests/support/test.h"

namespace midge {
namespace {

using internal::RecordView;
using internal::StreamNode;
using midge_test::ExpectRule;

constexpr size_t kGuardBytes = 256;
alignas(kArenaAlignment)
    uint8_t arena[planned_model::kArenaBytes + streamed_model::kArenaBytes + 2 * kGuardBytes];

// A copy of a model with a plan, to be damaged.
class Copy {
 public:
  explicit Copy(Span<const uint8_t> model) : storage_(model.size() + kArenaAlignment) {
    uint8_t* begin = storage_.data();
    while (reinterpret_cast<uintptr_t>(begin) % kArenaAlignment != 0) ++begin;
    std::memcpy(begin, model.data(), model.size());
    bytes_ = {begin, model.size()};
    model_ = *Model::Verify(bytes_);
    plan_ = begin + (model_.metadata(internal::kPlanMetadataName).data() - begin);
  }

  const Model& model() const { return model_; }
  internal::EmbeddedPlanHeader& header() {
    return *reinterpret_cast<internal::EmbeddedPlanHeader*>(plan_);
  }
  // The record of node n.
  uint32_t* Record(int n) {
    auto* words = reinterpret_cast<uint32_t*>(plan_ + sizeof(internal::EmbeddedPlanHeader));
    words += model_.inputs().size() + model_.outputs().size();
    while (n-- > 0) words += RecordView(words).size_bytes() / 4;
    return words;
  }
  // The first node of the op; the last if there is none.
  int Find(BuiltinOp code) const {
    int n = 0;
    while (n + 1 < model_.node_count() && model_.node(n).code != code) ++n;
    return n;
  }
  int FindStreamed() {
    int n = 0;
    while (n + 1 < model_.node_count() && !RecordView(Record(n)).streamed()) ++n;
    return n;
  }

  template <typename Ops>
  Interpreter Make(const Ops& ops, Span<uint8_t> memory) const {
    return Interpreter(bytes_, ops, memory);
  }
  template <typename Ops>
  Status Allocate(const Ops& ops) const {
    return Make(ops, arena).AllocateTensorsAsPlanned();
  }

 private:
  std::vector<uint8_t> storage_;
  Span<const uint8_t> bytes_;
  Model model_;
  uint8_t* plan_;
};

constexpr auto ops = planned_model::Ops();

Status At(StatusCode code, int node) { return {code, node, Operand::None()}; }

// All of the input by rows, if it is taken so.
bool Run(Interpreter& interpreter) {
  if (interpreter.input(0).has_data()) {
    const Span<uint8_t> bytes = interpreter.input(0).mutable_bytes();
    std::memset(bytes.data(), 1, bytes.size());
    return interpreter.Invoke().ok();
  }
  const int8_t row[8] = {};
  while (interpreter.input_bytes_left() != 0) {
    if (!interpreter.InvokeRows(Span<const int8_t>(row)).ok()) return false;
  }
  return true;
}

TEST(PlanRules, ThePlansAreGood) {
  EXPECT_TRUE(Copy(planned_model::g_model).Allocate(ops).ok());
  EXPECT_TRUE(Copy(streamed_model::g_model).Allocate(streamed_model::Ops()).ok());
}

TEST(PlanRules, Header) {
  Interpreter plain(plain_model::g_model, ops, arena);
  ExpectRule("plan_present", StatusCode::kNoPlan, plain.AllocateTensorsAsPlanned());
  {
    Copy copy(planned_model::g_model);
    ++copy.header().format;
    ExpectRule("plan_header", StatusCode::kBadPlan, copy.Allocate(ops));
  }
  {
    Copy copy(planned_model::g_model);
    copy.header().program_bytes += 1 << 20;
    ExpectRule("plan_header", StatusCode::kBadPlan, copy.Allocate(ops));
  }
  {
    // Whatever the program is cut short by, and less than it takes to check it.
    Copy copy(planned_model::g_model);
    while (copy.header().program_bytes != 0) {
      copy.header().program_bytes -= 4;
      EXPECT_TRUE(copy.Allocate(ops).code() == StatusCode::kBadPlan);
    }
    Copy unchecked(planned_model::g_model);
    unchecked.header().work_bytes = 16;
    EXPECT_TRUE(unchecked.Allocate(ops) == At(StatusCode::kBadPlan, 0));
  }
}

TEST(PlanRules, Records) {
  Copy copy(planned_model::g_model);
  const int n = copy.Find(BuiltinOp::kFullyConnected);
  uint32_t* const words = copy.Record(n);
  const RecordView record(words);
  words[2 + record.input_count() + record.output_count()] ^= 1;  // in its state
  ExpectRule("plan_records", At(StatusCode::kBadPlan, n), copy.Allocate(ops));
}

TEST(PlanRules, Places) {
  {
    Copy copy(planned_model::g_model);
    const int n = copy.Find(BuiltinOp::kFullyConnected);
    uint32_t* const words = copy.Record(n);
    words[2 + RecordView(words).input_count()] = (copy.header().activation_bytes + 15) & ~15u;
    ExpectRule("plan_locations", At(StatusCode::kBadPlan, n), copy.Allocate(ops));
  }
  {
    Copy copy(planned_model::g_model);
    const int n = copy.Find(BuiltinOp::kFullyConnected);
    uint32_t* const words = copy.Record(n);
    words[2 + RecordView(words).input_count()] = words[2];  // over its input
    ExpectRule("plan_overlaps", At(StatusCode::kBadPlan, n), copy.Allocate(ops));
  }
}

TEST(PlanRules, Segments) {
  Copy copy(planned_model::g_model);
  const int n = copy.FindStreamed();
  uint32_t* const words = copy.Record(n);
  const RecordView record(words);
  ASSERT_TRUE(record.streamed());
  const uint32_t end = record.size_bytes() / 4 - (record.has_scratch() ? 1 : 0);
  StreamNode stream;
  std::memcpy(&stream, words + end - sizeof stream / 4, sizeof stream);
  stream.rows_at_once = 0;
  std::memcpy(words + end - sizeof stream / 4, &stream, sizeof stream);
  ExpectRule("plan_segments", At(StatusCode::kBadPlan, n), copy.Allocate(ops));
}

TEST(PlanRules, FedInput) {
  Copy copy(streamed_model::g_model);
  copy.header().fed_counts_bytes = 0;
  int n = copy.FindStreamed();
  while (!RecordView(copy.Record(n)).end_of_segment()) ++n;
  ExpectRule("plan_fed_input", At(StatusCode::kBadPlan, n), copy.Allocate(streamed_model::Ops()));
}

// What the planner decides, and so may decide otherwise: places, and how rows are gone about.
bool IsPlanners(const RecordView& record, uint32_t word, uint32_t change) {
  const auto operands = static_cast<uint32_t>(record.input_count() + record.output_count());
  const uint32_t stream = record.streamed() ? sizeof(StreamNode) / 4 : 0;
  const uint32_t end = record.size_bytes() / 4 - (record.has_scratch() ? 1 : 0) - stream;
  if (word == 1) return change > internal::kAtReset && change != internal::kHasScratch;
  return (word >= 2 && word < 2 + operands) || word >= end;
}

// Whatever bit is changed in a plan, it is refused, or runs inside its arena.
template <typename Ops>
void ChangeEveryWord(Span<const uint8_t> model, const Ops& model_ops, size_t arena_bytes) {
  constexpr uint8_t kCanary = 0xa5;
  constexpr int kStep = sizeof(void*) > 4 ? 1 : 7;  // boards are slower
  Copy copy(model);
  int accepted = 0;
  for (int n = 0; n < copy.model().node_count(); ++n) {
    const RecordView record(copy.Record(n));
    const uint32_t words = record.size_bytes() / 4;
    for (uint32_t word = 0; word < words; ++word) {
      for (uint32_t change = 1; change != 0; change <<= kStep) {
        uint32_t* const at = copy.Record(n) + word;
        const bool is_planners = IsPlanners(record, word, change);
        *at ^= change;
        std::memset(arena, kCanary, sizeof arena);
        Interpreter interpreter = copy.Make(model_ops, {arena + kGuardBytes, arena_bytes});
        const Status status = interpreter.AllocateTensorsAsPlanned();
        if (status.ok()) {
          ++accepted;
          EXPECT_TRUE(is_planners);
          EXPECT_TRUE(Run(interpreter));
        } else {
          EXPECT_TRUE(status.code() == StatusCode::kBadPlan);
        }
        for (size_t i = 0; i < kGuardBytes; ++i) {
          ASSERT_EQ(arena[i], kCanary);
          ASSERT_EQ(arena[kGuardBytes + arena_bytes + i], kCanary);
        }
        *at ^= change;
      }
    }
  }
  EXPECT_TRUE(accepted > 0);
}

TEST(PlanRules, EveryWordChanged) {
  ChangeEveryWord(planned_model::g_model, ops, planned_model::kArenaBytes);
  ChangeEveryWord(streamed_model::g_model, streamed_model::Ops(), streamed_model::kArenaBytes);
}

}  // namespace
}  // namespace midge
