// SPDX-License-Identifier: Apache-2.0
//
// Memory of exactly the size a kernel may touch, between canaries.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define __SANITIZE_ADDRESS__ 1  // as GCC says it
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(address, size) ((void)(address), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(address, size) ((void)(address), (void)(size))
#endif

namespace midge_test {

// `count` elements of type T, at most kCapacity. They end where the guarded region begins, or begin
// `alignment` bytes aligned where that is asked for; what is around them is poisoned for
// AddressSanitizer, and everywhere Intact() says whether it was written to.
template <typename T, size_t kCapacity>
class Guarded {
 public:
  T* Place(size_t count, size_t alignment = alignof(T)) {
    ASAN_UNPOISON_MEMORY_REGION(bytes_, sizeof bytes_);
    std::memset(bytes_, kCanary, sizeof bytes_);
    begin_ = (sizeof bytes_ - kGuard - count * sizeof(T)) & ~(alignment - 1);
    end_ = begin_ + count * sizeof(T);
    ASAN_POISON_MEMORY_REGION(bytes_, begin_);
    ASAN_POISON_MEMORY_REGION(bytes_ + end_, sizeof bytes_ - end_);
    return reinterpret_cast<T*>(bytes_ + begin_);
  }

  bool Intact() {
    ASAN_UNPOISON_MEMORY_REGION(bytes_, sizeof bytes_);
    for (size_t i = 0; i < sizeof bytes_; ++i) {
      if ((i < begin_ || i >= end_) && bytes_[i] != kCanary) return false;
    }
    return true;
  }

 private:
  static constexpr size_t kGuard = 32;
  static constexpr uint8_t kCanary = 0xa5;
  alignas(16) uint8_t bytes_[kCapacity * sizeof(T) + 2 * kGuard];
  size_t begin_ = 0, end_ = 0;
};

// xorshift32, or bytes that are given for as long as there are any.
class Random {
 public:
  explicit Random(uint32_t seed) : state_(seed * 2654435761u + 1) {}
  Random(const uint8_t* bytes, size_t count) : state_(1), bytes_(bytes), words_left_(count / 4) {}
  uint32_t Next() {
    if (words_left_ != 0) {
      uint32_t word;
      std::memcpy(&word, bytes_, sizeof word);
      bytes_ += sizeof word;
      --words_left_;
      state_ = (state_ ^ word) * 2654435761u | 1;
      return word;
    }
    state_ ^= state_ << 13;
    state_ ^= state_ >> 17;
    state_ ^= state_ << 5;
    return state_;
  }
  // In [low, high].
  int32_t In(int32_t low, int32_t high) {
    return low + static_cast<int32_t>(Next() % static_cast<uint32_t>(high - low + 1));
  }
  bool OneIn(int32_t n) { return In(1, n) == 1; }

 private:
  uint32_t state_;
  const uint8_t* bytes_ = nullptr;
  size_t words_left_ = 0;
};

}  // namespace midge_test
