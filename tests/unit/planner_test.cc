// SPDX-License-Identifier: Apache-2.0
#include "plan/planner.h"

#include "tests/support/test.h"

namespace midge::internal {
namespace {

PlanItem Item(uint32_t bytes, uint16_t first, uint16_t last) {
  return {bytes, 0xffffffff, 0xffffffff, 0xffffffff, first, last, 0xffff, PlanItem::kOwn};
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

TEST(PlaceItems, NothingNeedsNothing) { EXPECT_EQ(*PlaceItems({}), 0u); }

TEST(PlaceItems, ChainTakesItsTwoLargestNeighbours) {
  PlanItem items[] = {Item(100, 0, 0), Item(400, 0, 1), Item(300, 1, 2), Item(50, 2, 3)};
  const Result<uint32_t> total = PlaceItems(items);
  EXPECT_EQ(*total, 700u);
  ExpectSound(items, *total);
}

TEST(PlaceItems, FillsAGapThatFits) {
  // 1 and 2 leave a gap at the bottom once 0 is dead; 3 fits there exactly.
  PlanItem items[] = {Item(64, 0, 1), Item(48, 1, 3), Item(32, 1, 3), Item(64, 2, 3)};
  const Result<uint32_t> total = PlaceItems(items);
  EXPECT_EQ(*total, 144u);
  ExpectSound(items, *total);
}

TEST(PlaceItems, DoesNotUseAGapThatIsTooSmall) {
  PlanItem items[] = {Item(64, 0, 1), Item(80, 1, 3), Item(65, 2, 3)};
  const Result<uint32_t> total = PlaceItems(items);
  ExpectSound(items, *total);
  EXPECT_EQ(*total, 145u);
}

TEST(PlaceItems, AChainOfWindowsTakesOneTensorAndTheRowsOfOneWindow) {
  PlanItem items[] = {Item(8000, 0, 1), Item(8000, 1, 2), Item(8000, 2, 3), Item(8000, 3, 4)};
  for (PlanItem& item : items) item.below = item.above = 640;
  EXPECT_EQ(*PlaceItems(items), 8640u);
  // Up and down in turn.
  EXPECT_EQ(items[1].offset, 640u);
  EXPECT_EQ(items[2].offset, 0u);
  EXPECT_EQ(items[3].offset, 640u);
}

TEST(PlaceItems, OnlyTheOutputOfADyingInputReachesIntoIt) {
  // 1 is written while 0 must stay.
  PlanItem items[] = {Item(160, 0, 2), Item(160, 1, 2)};
  items[1].below = items[1].above = 16;
  EXPECT_EQ(*PlaceItems(items), 320u);
}

TEST(PlaceItems, InPlaceIsTheSamePlaceOrBelow) {
  PlanItem items[] = {Item(160, 0, 1), Item(160, 1, 2)};
  items[1].shares = PlanItem::kInPlaceOf | 0;
  EXPECT_EQ(*PlaceItems(items), 160u);
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
    const Result<uint32_t> total = PlaceItems(items);
    ExpectSound(items, *total);
    for (const uint32_t bytes : live) EXPECT_TRUE(bytes <= *total);
  }
}

TEST(PlaceItems, RefusesWhatNoLocationCanExpress) {
  PlanItem items[16];
  for (PlanItem& item : items) item = Item(kMaxTensorBytes, 0, 1);
  EXPECT_TRUE(PlaceItems(items).status().code() == StatusCode::kTooLarge);
}

}  // namespace
}  // namespace midge::internal
