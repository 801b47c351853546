// SPDX-License-Identifier: Apache-2.0
//
// The bytes of an object that no member has. Assigning to it may leave anything in them, so what is
// compared byte by byte has them cleared. Not for applications.
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>

namespace midge::internal {

template <typename T>
struct ObjectBytes {
  uint8_t at[sizeof(T)];
};

// Constant evaluation knows what is padding: a byte of it has no value, so to read it is an error.
template <typename T, size_t i>
constexpr uint8_t ReadByte() {
  return __builtin_bit_cast(ObjectBytes<T>, T{}).at[i];
}
template <typename T, size_t i, uint8_t = ReadByte<T, i>()>
constexpr bool IsPadding(int /*preferred*/) {
  return false;
}
template <typename T, size_t i>
constexpr bool IsPadding(long /*otherwise*/) {
  return true;
}
// Nor does it know pointers as bytes; such a T ends here.
template <typename T>
constexpr bool IsMadeOfBytes() {
  [[maybe_unused]] const auto bytes = __builtin_bit_cast(ObjectBytes<T>, T{});
  return true;
}

template <typename T, size_t... i>
constexpr bool HasPadding(std::index_sequence<i...> /*all*/) {
  return (IsPadding<T, i>(0) || ...);
}
template <typename T>
constexpr bool HasPadding() {
  return !std::has_unique_object_representations_v<T> &&
         HasPadding<T>(std::make_index_sequence<sizeof(T)>());
}

template <typename T, size_t... i>
void ClearPadding(uint8_t* bytes, std::index_sequence<i...> /*all*/) {
  ((IsPadding<T, i>(0) ? void(bytes[i] = 0) : void()), ...);
}
template <typename T>
void ClearPadding([[maybe_unused]] void* object) {
  if constexpr (!std::has_unique_object_representations_v<T>) {
    static_assert(IsMadeOfBytes<T>());
    ClearPadding<T>(static_cast<uint8_t*>(object), std::make_index_sequence<sizeof(T)>());
  }
}

}  // namespace midge::internal
