// SPDX-License-Identifier: Apache-2.0
#include <limits>
#include <type_traits>

#include "kernels/portable/map.h"
#include "kernels/portable/portable.h"

namespace midge::portable {
namespace {

// Calls f(element) for each element that makes up an output.
template <typename T, typename F>
inline void ForEachElement(const Reduced& reduced, const T* input, const F& f) {
  ForEachIteration(reduced.loops, reduced.loop_count, [&](const Offsets<1>& offsets) {
    const T* x = input + offsets.at[0];
    for (int32_t i = 0; i < reduced.run; ++i, x += reduced.run_step) f(LoadElement(x));
  });
}

template <typename T, typename F>
inline void Fold(const Reduced& reduced, const T* input, int32_t columns, T first, const F& f,
                 T* output) {
  for (; columns > 0; --columns, ++input) {
    T result = first;
    ForEachElement(reduced, input, [&](T x) { result = f(result, x); });
    *output++ = result;
  }
}

template <typename T>
T Product(T a, T b) {
  if constexpr (std::is_integral_v<T>) {
    using Unsigned = std::make_unsigned_t<T>;
    return static_cast<T>(static_cast<Unsigned>(a) * static_cast<Unsigned>(b));
  } else {
    return a * b;
  }
}

template <typename In, typename Out, typename F>
inline void FindIndex(const Reduced& reduced, const In* input, int32_t columns, const F& exceeds,
                      Out* output) {
  for (; columns > 0; --columns, ++input) {
    int32_t index = 0, best = 0;
    In value = LoadElement(input);
    ForEachElement(reduced, input, [&](In x) {
      if (exceeds(x, value)) {
        value = x;
        best = index;
      }
      ++index;
    });
    *output++ = best;
  }
}

}  // namespace

template <typename T>
void ReduceMax(const ReduceParams&, const Reduced& reduced, const T* input, int32_t columns,
               T* output) {
  Fold(
      reduced, input, columns, std::numeric_limits<T>::lowest(),
      [](T a, T b) { return b > a ? b : a; }, output);
}

template <typename T>
void ReduceMin(const ReduceParams&, const Reduced& reduced, const T* input, int32_t columns,
               T* output) {
  Fold(
      reduced, input, columns, std::numeric_limits<T>::max(),
      [](T a, T b) { return b < a ? b : a; }, output);
}

template <typename T>
void ReduceProd(const ReduceParams&, const Reduced& reduced, const T* input, int32_t columns,
                T* output) {
  Fold(
      reduced, input, columns, T{1}, [](T a, T b) { return Product(a, b); }, output);
}

template <typename T>
void ReduceProdQuantized(const QuantizedProdParams& params, const Reduced& reduced, const T* input,
                         int32_t columns, T* output) {
  const auto [multiplier_q31, exponent] = params.multiplier;
  for (; columns > 0; --columns, ++input) {
    int32_t product = 0;
    bool first = true;
    ForEachElement(reduced, input, [&, q31 = multiplier_q31, e = exponent](T x) {
      const int32_t factor = x - params.input_zero_point;
      product = first ? factor : RequantizeWide(int64_t{product} * factor, q31, e);
      first = false;
    });
    const int32_t scaled = RequantizeWide(int64_t{product}, multiplier_q31, exponent);
    const int32_t value = AddWrapping(scaled, params.output_zero_point);
    *output++ =
        static_cast<T>(Clamp(value, std::numeric_limits<T>::min(), std::numeric_limits<T>::max()));
  }
}

void ReduceAny(const ReduceParams&, const Reduced& reduced, const Truth* input, int32_t columns,
               Truth* output) {
  Fold(
      reduced, input, columns, Truth{0},
      [](Truth a, Truth b) { return TruthOf(IsTrue(a) || IsTrue(b)); }, output);
}

void ReduceAll(const ReduceParams&, const Reduced& reduced, const Truth* input, int32_t columns,
               Truth* output) {
  Fold(
      reduced, input, columns, Truth{1},
      [](Truth a, Truth b) { return TruthOf(IsTrue(a) && IsTrue(b)); }, output);
}

template <typename In, typename Out>
void ArgMax(const ArgParams&, const Reduced& reduced, const In* input, int32_t columns,
            Out* output) {
  FindIndex(
      reduced, input, columns, [](In a, In b) { return a > b; }, output);
}

template <typename In, typename Out>
void ArgMin(const ArgParams&, const Reduced& reduced, const In* input, int32_t columns,
            Out* output) {
  FindIndex(
      reduced, input, columns, [](In a, In b) { return a < b; }, output);
}

#define MIDGE_REDUCE(Kernel, T) \
  template void Kernel<T>(const ReduceParams&, const Reduced&, const T*, int32_t, T*);
#define MIDGE_ARG(T)                                                                               \
  template void ArgMax<T, int32_t>(const ArgParams&, const Reduced&, const T*, int32_t, int32_t*); \
  template void ArgMax<T, int64_t>(const ArgParams&, const Reduced&, const T*, int32_t, int64_t*); \
  template void ArgMin<T, int32_t>(const ArgParams&, const Reduced&, const T*, int32_t, int32_t*); \
  template void ArgMin<T, int64_t>(const ArgParams&, const Reduced&, const T*, int32_t, int64_t*);
#define MIDGE_ORDER(T) MIDGE_REDUCE(ReduceMax, T) MIDGE_REDUCE(ReduceMin, T)

MIDGE_ORDER(float)
MIDGE_ORDER(int8_t)
MIDGE_ORDER(int16_t)
MIDGE_ORDER(int32_t)
MIDGE_ORDER(int64_t)
MIDGE_ORDER(uint8_t)
MIDGE_REDUCE(ReduceProd, float)
MIDGE_REDUCE(ReduceProd, int32_t)
MIDGE_REDUCE(ReduceProd, int64_t)
template void ReduceProdQuantized(const QuantizedProdParams&, const Reduced&, const int8_t*,
                                  int32_t, int8_t*);
template void ReduceProdQuantized(const QuantizedProdParams&, const Reduced&, const int16_t*,
                                  int32_t, int16_t*);
MIDGE_ARG(float)
MIDGE_ARG(int8_t)
MIDGE_ARG(int16_t)
MIDGE_ARG(int32_t)
MIDGE_ARG(uint8_t)

#undef MIDGE_ORDER
#undef MIDGE_ARG
#undef MIDGE_REDUCE

}  // namespace midge::portable
