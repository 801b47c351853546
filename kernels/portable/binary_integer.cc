// SPDX-License-Identifier: Apache-2.0
#include <type_traits>

#include "kernels/portable/map.h"
#include "kernels/portable/portable.h"

namespace midge::portable {
namespace {

template <typename T>
using Unsigned = std::make_unsigned_t<T>;

// Of T is 32 bits or more: narrower types are computed in int32_t.
template <typename T>
T Wrap(Unsigned<T> x) {
  return static_cast<T>(x);
}

template <typename T>
T Quotient(T a, T b) {
  if (b == 0) return 0;
  if (b == -1) return Wrap<T>(Unsigned<T>{0} - static_cast<Unsigned<T>>(a));
  return static_cast<T>(a / b);
}

template <typename T>
T Remainder(T a, T b) {
  return b == 0 || b == -1 ? T{0} : static_cast<T>(a % b);
}

int32_t Power(int32_t base, int32_t exponent) {
  if (exponent < 0) {
    if (base == -1) return (exponent & 1) != 0 ? -1 : 1;
    return base == 1 ? 1 : 0;
  }
  uint32_t result = 1, factor = static_cast<uint32_t>(base);
  for (uint32_t bits = static_cast<uint32_t>(exponent); bits != 0; bits >>= 1) {
    if ((bits & 1) != 0) result *= factor;
    factor *= factor;
  }
  return static_cast<int32_t>(result);
}

}  // namespace

template <typename T>
void AddElements(const NoParams&, Repeat repeat, const T* a, const T* b, int32_t count, T* output) {
  MapBinary(repeat, a, b, count, output, [](T x, T y) {
    return Wrap<T>(static_cast<Unsigned<T>>(x) + static_cast<Unsigned<T>>(y));
  });
}
template BinaryKernel<NoParams, int32_t, int32_t> AddElements;
template BinaryKernel<NoParams, int64_t, int64_t> AddElements;

template <typename T>
void SubElements(const IntegerClampRange& params, Repeat repeat, const T* a, const T* b,
                 int32_t count, T* output) {
  const IntegerClampRange clamp = params;
  MapBinary(repeat, a, b, count, output, [=](T x, T y) {
    return clamp.Apply(Wrap<T>(static_cast<Unsigned<T>>(x) - static_cast<Unsigned<T>>(y)));
  });
}
template BinaryKernel<IntegerClampRange, int32_t, int32_t> SubElements;
template BinaryKernel<IntegerClampRange, int64_t, int64_t> SubElements;

template <typename T>
void MulElements(const IntegerClampRange& params, Repeat repeat, const T* a, const T* b,
                 int32_t count, T* output) {
  const IntegerClampRange clamp = params;
  MapBinary(repeat, a, b, count, output, [=](T x, T y) {
    return clamp.Apply(Wrap<T>(static_cast<Unsigned<T>>(x) * static_cast<Unsigned<T>>(y)));
  });
}
template BinaryKernel<IntegerClampRange, int32_t, int32_t> MulElements;
template BinaryKernel<IntegerClampRange, int64_t, int64_t> MulElements;

void DivS32(const IntegerClampRange& params, Repeat repeat, const int32_t* a, const int32_t* b,
            int32_t count, int32_t* output) {
  const IntegerClampRange clamp = params;
  MapBinary(repeat, a, b, count, output,
            [=](int32_t x, int32_t y) { return clamp.Apply(Quotient(x, y)); });
}

template <typename T>
void FloorDivElements(const NoParams&, Repeat repeat, const T* a, const T* b, int32_t count,
                      T* output) {
  MapBinary(repeat, a, b, count, output, [](int32_t x, int32_t y) {
    const bool down = Remainder(x, y) != 0 && (x < 0) != (y < 0);
    return static_cast<T>(Quotient(x, y) - (down ? 1 : 0));
  });
}
template BinaryKernel<NoParams, int8_t, int8_t> FloorDivElements;
template BinaryKernel<NoParams, int16_t, int16_t> FloorDivElements;
template BinaryKernel<NoParams, int32_t, int32_t> FloorDivElements;

template <typename T>
void FloorModElements(const NoParams&, Repeat repeat, const T* a, const T* b, int32_t count,
                      T* output) {
  MapBinary(repeat, a, b, count, output, [](T x, T y) {
    const T rest = Remainder(x, y);
    return static_cast<T>(rest != 0 && (rest < 0) != (y < 0) ? rest + y : rest);
  });
}
template BinaryKernel<NoParams, int8_t, int8_t> FloorModElements;
template BinaryKernel<NoParams, int16_t, int16_t> FloorModElements;
template BinaryKernel<NoParams, int32_t, int32_t> FloorModElements;
template BinaryKernel<NoParams, int64_t, int64_t> FloorModElements;

template <typename T>
void MaximumElements(const NoParams&, Repeat repeat, const T* a, const T* b, int32_t count,
                     T* output) {
  MapBinary(repeat, a, b, count, output, [](T x, T y) { return x > y ? x : y; });
}
template BinaryKernel<NoParams, float, float> MaximumElements;
template BinaryKernel<NoParams, int8_t, int8_t> MaximumElements;
template BinaryKernel<NoParams, int16_t, int16_t> MaximumElements;
template BinaryKernel<NoParams, int32_t, int32_t> MaximumElements;
template BinaryKernel<NoParams, int64_t, int64_t> MaximumElements;

template <typename T>
void MinimumElements(const NoParams&, Repeat repeat, const T* a, const T* b, int32_t count,
                     T* output) {
  MapBinary(repeat, a, b, count, output, [](T x, T y) { return x < y ? x : y; });
}
template BinaryKernel<NoParams, float, float> MinimumElements;
template BinaryKernel<NoParams, int8_t, int8_t> MinimumElements;
template BinaryKernel<NoParams, int16_t, int16_t> MinimumElements;
template BinaryKernel<NoParams, int32_t, int32_t> MinimumElements;
template BinaryKernel<NoParams, int64_t, int64_t> MinimumElements;

void PowS32(const NoParams&, Repeat repeat, const int32_t* a, const int32_t* b, int32_t count,
            int32_t* output) {
  MapBinary(repeat, a, b, count, output, [](int32_t x, int32_t y) { return Power(x, y); });
}

void SquaredDifferenceS32(const NoParams&, Repeat repeat, const int32_t* a, const int32_t* b,
                          int32_t count, int32_t* output) {
  MapBinary(repeat, a, b, count, output, [](int32_t x, int32_t y) {
    const uint32_t difference = static_cast<uint32_t>(x) - static_cast<uint32_t>(y);
    return static_cast<int32_t>(difference * difference);
  });
}

void LogicalAndB8(const NoParams&, Repeat repeat, const uint8_t* a, const uint8_t* b, int32_t count,
                  uint8_t* output) {
  MapBinary(repeat, a, b, count, output,
            [](uint8_t x, uint8_t y) { return static_cast<uint8_t>(x != 0 && y != 0 ? 1 : 0); });
}

void LogicalOrB8(const NoParams&, Repeat repeat, const uint8_t* a, const uint8_t* b, int32_t count,
                 uint8_t* output) {
  MapBinary(repeat, a, b, count, output,
            [](uint8_t x, uint8_t y) { return static_cast<uint8_t>((x | y) != 0 ? 1 : 0); });
}

}  // namespace midge::portable
