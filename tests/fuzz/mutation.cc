// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/mutation.h"

#include <algorithm>
#include <cstring>

#include "midge/model.h"

namespace midge_fuzz {

// splitmix64 spreads neighbouring seeds and indices.
Random::Random(uint64_t seed, uint64_t index) {
  uint64_t z = seed * 0x9e3779b97f4a7c15u + index + 0x632be59bd9b4e019u;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  state_ = (z ^ (z >> 31)) | 1;
}

uint32_t Random::Next() {
  state_ ^= state_ >> 12;
  state_ ^= state_ << 25;
  state_ ^= state_ >> 27;
  return static_cast<uint32_t>((state_ * 0x2545f4914f6cdd1du) >> 32);
}

Mutator::Mutator(midge::Span<const uint8_t> model) : model_(model) {
  const auto size = static_cast<uint32_t>(model.size());
  std::vector<Range> weights;
  const midge::Result<midge::Model> verified = midge::Model::Verify(model);
  if (verified.ok()) {
    for (int t = 0; t < verified->tensor_count(); ++t) {
      const midge::Span<const uint8_t> bytes = verified->tensor(t).bytes();
      if (bytes.empty()) continue;
      const auto begin = static_cast<uint32_t>(bytes.data() - model.data());
      weights.push_back({begin, begin + static_cast<uint32_t>(bytes.size())});
    }
  }
  std::sort(weights.begin(), weights.end(),
            [](const Range& a, const Range& b) { return a.begin < b.begin; });
  uint32_t at = 0;
  for (const Range& range : weights) {
    if (at < range.begin) outside_weights_.push_back({at, range.begin});
    at = std::max(at, range.end);
  }
  if (at < size) outside_weights_.push_back({at, size});
  for (const Range& range : outside_weights_) outside_bytes_ += range.end - range.begin;
}

uint32_t Mutator::PositionOutsideWeights(Random& random) const {
  uint32_t left = random.Below(outside_bytes_);
  for (const Range& range : outside_weights_) {
    const uint32_t length = range.end - range.begin;
    if (left < length) return range.begin + left;
    left -= length;
  }
  return 0;
}

uint64_t Mutator::Count(Mode mode) const {
  switch (mode) {
    case Mode::kEveryByte:
      return uint64_t{255} * model_.size();
    case Mode::kTruncations:
      return model_.size();
    case Mode::kSample:
      break;
  }
  return UINT64_MAX;
}

uint32_t Mutator::Make(Mode mode, uint64_t seed, uint64_t index, uint8_t* mutant) const {
  const auto size = static_cast<uint32_t>(model_.size());
  std::memcpy(mutant, model_.data(), size);
  if (mode == Mode::kTruncations) return static_cast<uint32_t>(index % size);
  if (mode == Mode::kEveryByte) {
    uint8_t& byte = mutant[index / 255 % size];
    byte = static_cast<uint8_t>(byte + 1 + index % 255);
    return size;
  }
  Random random(seed, index);
  switch (static_cast<Kind>(index % kKinds)) {
    case kAnyBytes:
      for (uint32_t n = 1 + random.Below(8); n > 0; --n) {
        mutant[random.Below(size)] = static_cast<uint8_t>(random.Next());
      }
      break;
    case kBytesOutsideWeights:
      for (uint32_t n = 1 + random.Below(8); n > 0; --n) {
        mutant[PositionOutsideWeights(random)] = static_cast<uint8_t>(random.Next());
      }
      break;
    case kTruncation:
      return random.Below(size);
    default:
      for (uint32_t n = 1 + random.Below(4); n > 0; --n) {
        const uint32_t values[] = {0, UINT32_MAX, INT32_MAX, random.Below(64)};
        const uint32_t value = values[random.Below(4)];
        if (size >= 4) std::memcpy(mutant + random.Below(size / 4) * 4, &value, 4);
      }
  }
  return size;
}

}  // namespace midge_fuzz
