// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "kernels/portable/map.h"
#include "kernels/portable/portable.h"

namespace midge::portable {
namespace {

// `value_a` and `value_b` give what is compared of an element of a and of b.
template <typename A, typename Out, typename ValueA, typename ValueB>
void Compare(const CompareParams& params, Repeat repeat, const A* a, const A* b, int32_t count,
             Out* output, const ValueA& value_a, const ValueB& value_b) {
  const uint8_t flip = params.negated ? 1 : 0;
  switch (params.relation) {
    case Relation::kEqual:
      return MapBinary(repeat, a, b, count, output, [=](A x, A y) {
        return static_cast<Out>((value_a(x) == value_b(y) ? 1 : 0) ^ flip);
      });
    case Relation::kLess:
      return MapBinary(repeat, a, b, count, output,
                       [=](A x, A y) { return static_cast<Out>(value_a(x) < value_b(y) ? 1 : 0); });
    case Relation::kLessEqual:
      return MapBinary(repeat, a, b, count, output, [=](A x, A y) {
        return static_cast<Out>(value_a(x) <= value_b(y) ? 1 : 0);
      });
  }
}

}  // namespace

template <typename T>
void CompareElements(const CompareParams& params, Repeat repeat, const T* a, const T* b,
                     int32_t count, uint8_t* output) {
  if (params.exchanged) {
    std::swap(a, b);
    repeat = Exchanged(repeat);
  }
  const auto plain = [](T x) { return x; };
  Compare(params, repeat, a, b, count, output, plain, plain);
}
template BinaryKernel<CompareParams, float, uint8_t> CompareElements;
template BinaryKernel<CompareParams, int16_t, uint8_t> CompareElements;
template BinaryKernel<CompareParams, int32_t, uint8_t> CompareElements;
template BinaryKernel<CompareParams, int64_t, uint8_t> CompareElements;

void CompareB8(const CompareParams& params, Repeat repeat, const uint8_t* a, const uint8_t* b,
               int32_t count, uint8_t* output) {
  const auto truth = [](uint8_t x) { return x != 0; };
  Compare(params, repeat, a, b, count, output, truth, truth);
}

void CompareS8(const CompareS8Params& params, Repeat repeat, const int8_t* a, const int8_t* b,
               int32_t count, uint8_t* output) {
  int32_t zero_point_a = params.zero_point_a, zero_point_b = params.zero_point_b;
  Requantizer scale_a(params.multiplier_a), scale_b(params.multiplier_b);
  if (params.compare.exchanged) {
    std::swap(a, b);
    std::swap(zero_point_a, zero_point_b);
    std::swap(scale_a, scale_b);
    repeat = Exchanged(repeat);
  }
  Compare(
      params.compare, repeat, a, b, count, output,
      [=](int8_t x) { return scale_a.Apply((x - zero_point_a) * (1 << 8)); },
      [=](int8_t x) { return scale_b.Apply((x - zero_point_b) * (1 << 8)); });
}

}  // namespace midge::portable
