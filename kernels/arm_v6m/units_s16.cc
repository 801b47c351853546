// SPDX-License-Identifier: Apache-2.0
#include "kernels/arm_v6m/units_s16.h"

namespace midge::arm_v6m {
namespace {

// |w * (x - zero point)| < 2^23, so that the sum of this many products fits 32 bits.
constexpr int32_t kMostProducts = 255;

}  // namespace

template <typename Bias>
UnitSumsS16<Bias>::UnitSumsS16(const UnitsS16<Bias>& units, int32_t first, SumS16<Bias> more)
    : units_(units),
      first_(first),
      count_(units.units - first < kMost ? units.units - first : kMost),
      more_(more) {
  for (int32_t k = 0; k < count_; ++k) parts_[k] = 0;
}

template <typename Bias>
void UnitSumsS16<Bias>::Add(const int16_t* x, int32_t count, int32_t place) {
  while (count > 0) {
    const auto room = static_cast<int32_t>(taps_ + kMostTaps - end_);
    int32_t some = kMostProducts - products_;
    if (some > room) some = room;
    if (some > count) some = count;
    end_ = ListTaps(x, some, place, units_.zero_point, end_);
    x += some;
    place += some;
    count -= some;
    products_ += some;
    if (end_ == taps_ + kMostTaps) AddListed();
    if (products_ == kMostProducts) MoveParts();
  }
}

template <typename Bias>
void UnitSumsS16<Bias>::AddListed() {
  AddTaps(taps_, end_, units_.filter + first_ * units_.depth, units_.depth, count_, parts_);
  end_ = taps_;
}

// Moves what the parts hold to the sums.
template <typename Bias>
void UnitSumsS16<Bias>::MoveParts() {
  AddListed();
  products_ = 0;
  for (int32_t k = 0; k < count_; ++k) {
    if (!moved_) {
      sums_[k] = units_.bias != nullptr ? units_.bias[first_ + k] : Bias{};
      AddTo(sums_[k], more_);
    }
    AddTo(sums_[k], parts_[k]);
    parts_[k] = 0;
  }
  moved_ = true;
}

template <typename Bias>
void UnitSumsS16<Bias>::Finish(int16_t* out) {
  if (!moved_ && (units_.bias == nullptr || more_ != 0)) MoveParts();
  AddListed();
  FinishS16(units_.output, first_, count_, moved_ ? sums_ : units_.bias + first_, parts_, out);
}

template class UnitSumsS16<int32_t>;
template class UnitSumsS16<PackedInt64>;

}  // namespace midge::arm_v6m
