// SPDX-License-Identifier: Apache-2.0
#include "plan/planner.h"

#include "tests/support/test.h"

namespace midge::internal {
namespace {

PlanItem Item(uint32_t bytes, uint16_t first, uint16_t last) {
  return {bytes, 0xffffffff, 0xffffffff, 0xffffffff, first, last, 0xffff, PlanItem::kOwn};
}

Result<uint32_t> Place(Span<PlanItem> items) {
  uint16_t lowest;
  uint32_t total;
  MIDGE_TRY(PlaceItems(items, items.size(), &lowest, &total));
  return total;
}

// Every pair that lives at the same time lies apart, aligned, within the total.
void ExpectSound(Span<const PlanItem> items, uint32_t total) {
  for (const PlanItem& a : items) {
    if (a.bytes == 0) continue;
    EXPECT_EQ(a.offset % kArenaAlignment, 0u);
    EXPECT_TRUE(a.offset + a.bytes <= total);
    for (const PlanItem& b : items) {
      if (&a == &b || b.bytes == 0 || a.first > b.last || b.first > a.last) continue;
      EXPECT_TRUE(a.offset + a.bytes <= b.offset || b.offset + b.bytes <= a.offset);
    }
  }
}

TEST(PlaceItems, NothingNeedsNothing) { EXPECT_EQ(*Place({}), 0u); }

TEST(PlaceItems, ChainTakesItsTwoLargestNeighbours) {
  PlanItem items[] = {Item(100, 0, 0), Item(400, 0, 1), Item(300, 1, 2), Item(50, 2, 3)};
  const Result<uint32_t> total = Place(items);
  EXPECT_EQ(*total, 700u);
  ExpectSound(items, *total);
}

TEST(PlaceItems, FillsAGapThatFits) {
  // 1 and 2 leave a gap at the bottom once 0 is dead; 3 fits there exactly.
  PlanItem items[] = {Item(64, 0, 1), Item(48, 1, 3), Item(32, 1, 3), Item(64, 2, 3)};
  const Result<uint32_t> total = Place(items);
  EXPECT_EQ(*total, 144u);
  ExpectSound(items, *total);
}

TEST(PlaceItems, DoesNotUseAGapThatIsTooSmall) {
  PlanItem items[] = {Item(64, 0, 1), Item(80, 1, 3), Item(65, 2, 3)};
  const Result<uint32_t> total = Place(items);
  ExpectSound(items, *total);
  EXPECT_EQ(*total, 145u);
}

TEST(PlaceItems, AChainOfWindowsTakesOneTensorAndTheRowsOfOneWindow) {
  PlanItem items[] = {Item(8000, 0, 1), Item(8000, 1, 2), Item(8000, 2, 3), Item(8000, 3, 4)};
  for (PlanItem& item : items) item.below = item.above = 640;
  EXPECT_EQ(*Place(items), 8640u);
  // Up and down in turn.
  EXPECT_EQ(items[1].offset, 640u);
  EXPECT_EQ(items[2].offset, 0u);
  EXPECT_EQ(items[3].offset, 640u);
}

TEST(PlaceItems, OnlyTheOutputOfADyingInputReachesIntoIt) {
  // 1 is written while 0 must stay.
  PlanItem items[] = {Item(160, 0, 2), Item(160, 1, 2)};
  items[1].below = items[1].above = 16;
  EXPECT_EQ(*Place(items), 320u);
}

TEST(PlaceItems, InPlaceIsTheSamePlaceOrBelow) {
  PlanItem items[] = {Item(160, 0, 1), Item(160, 1, 2)};
  items[1].shares = PlanItem::kInPlaceOf | 0;
  EXPECT_EQ(*Place(items), 160u);
  EXPECT_EQ(items[0].offset, items[1].offset);
}

TEST(PlaceItems, RandomPlansAreSoundAndNotBelowTheBound) {
  uint32_t seed = 1;
  const auto random = [&](uint32_t below) {
    seed = seed * 1664525 + 1013904223;
    return (seed >> 8) % below;
  };
  for (int round = 0; round < 200; ++round) {
    PlanItem items[24];
    uint32_t live[12] = {};
    for (PlanItem& item : items) {
      const auto first = static_cast<uint16_t>(random(12));
      const auto last = static_cast<uint16_t>(first + random(12u - first));
      item = Item(random(300), first, last);
      for (int step = first; step <= last; ++step) live[step] += item.bytes;
    }
    const Result<uint32_t> total = Place(items);
    ExpectSound(items, *total);
    for (const uint32_t bytes : live) EXPECT_TRUE(bytes <= *total);
  }
}

// As in a row of depthwise and pointwise convolutions: the lowest place for item 2 leaves room for
// the scratch of step 3 neither above nor below; next to item 1 there is room below.
TEST(PlaceItems, StaysCloseWhereThatLeavesRoomForScratch) {
  PlanItem items[] = {Item(3584, 1, 2), Item(3072, 2, 3), Item(3072, 3, 4), Item(256, 3, 3)};
  items[1].above = 640;
  items[2].below = items[2].above = 128;
  uint16_t lowest = kEndOfItems;
  uint32_t total = 0;
  EXPECT_TRUE(PlaceRest(items, 3, nullptr, kUnplaced, &lowest, &total).ok());
  EXPECT_EQ(total, 3968u);
  EXPECT_TRUE(PlaceItems(items, 3, &lowest, &total).ok());
  EXPECT_EQ(total, 3712u);
  EXPECT_EQ(items[1].offset, 640u);
  EXPECT_EQ(items[2].offset, 512u);
  EXPECT_EQ(items[3].offset, 0u);
  // Without scratch both are as good, and the lowest is what is kept.
  EXPECT_TRUE(PlaceItems({items, 3}, 3, &lowest, &total).ok());
  EXPECT_EQ(total, 3712u);
  EXPECT_EQ(items[2].offset, 0u);
}

// What is left free while the scratch lives: 64 bytes at 32, 96 at 160, and what is above 320.
struct Gaps {
  PlanItem items[4] = {Item(32, 0, 4), Item(64, 0, 4), Item(64, 0, 4), Item(16, 2, 2)};
  uint32_t total = 320;
  Gaps() {
    items[0].offset = 0;
    items[1].offset = 96;
    items[2].offset = 256;
    items[3].offset = 32;
    items[0].next = 1;
    items[1].next = 2;
  }
  PlanItem& Grow(uint32_t most, uint32_t limit) {
    GrowScratch(items, 0, most, limit, &total, items[3]);
    return items[3];
  }
};

TEST(GrowScratch, TakesTheLowestGapThatHoldsAll) {
  Gaps gaps;
  EXPECT_EQ(gaps.Grow(64, 320).offset, 32u);
  EXPECT_EQ(gaps.items[3].bytes, 64u);
  Gaps other;
  EXPECT_EQ(other.Grow(65, 320).offset, 160u);
  EXPECT_EQ(other.items[3].bytes, 65u);
  EXPECT_EQ(other.total, 320u);
}

TEST(GrowScratch, GoesBeyondTheTotalForAllOfIt) {
  Gaps gaps;
  EXPECT_EQ(gaps.Grow(100, 420).offset, 320u);
  EXPECT_EQ(gaps.total, 420u);
}

TEST(GrowScratch, ElseTakesTheLargestGapBelowTheTotal) {
  Gaps gaps;
  EXPECT_EQ(gaps.Grow(100, 419).offset, 160u);
  EXPECT_EQ(gaps.items[3].bytes, 96u);
  EXPECT_EQ(gaps.total, 320u);
}

TEST(GrowScratch, KeepsWhatItHasWhereThatIsMost) {
  Gaps gaps;
  gaps.items[3].offset = 320;
  gaps.items[3].bytes = 128;
  gaps.total = 448;
  EXPECT_EQ(gaps.Grow(1000, 460).offset, 320u);
  EXPECT_EQ(gaps.items[3].bytes, 128u);
  EXPECT_EQ(gaps.total, 448u);
}

TEST(NodePlan, UnitsOfAScratch) {
  NodePlan plan = {};
  EXPECT_EQ(plan.ScratchUnits(1000), 0u);
  plan.scratch_bytes = 100;
  plan.scratch_unit_bytes = 50;
  plan.scratch_units = 3;
  EXPECT_EQ(plan.ScratchUnits(99), 0u);
  EXPECT_EQ(plan.ScratchUnits(149), 0u);
  EXPECT_EQ(plan.ScratchUnits(150), 1u);
  EXPECT_EQ(plan.ScratchUnits(249), 2u);
  EXPECT_EQ(plan.ScratchUnits(1000), 3u);
  EXPECT_EQ(plan.ScratchBytes(3), 250u);
}

TEST(PlaceItems, RefusesWhatNoLocationCanExpress) {
  PlanItem items[16];
  for (PlanItem& item : items) item = Item(kMaxTensorBytes, 0, 1);
  EXPECT_TRUE(Place(items).status().code() == StatusCode::kTooLarge);
}

}  // namespace
}  // namespace midge::internal
