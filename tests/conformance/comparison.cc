// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/comparison.h"

#include <cstring>

#include "tests/support/test.h"

namespace midge_conformance {
namespace {

using midge::TensorType;

template <typename T>
T Load(const uint8_t* bytes) {
  T value;
  std::memcpy(&value, bytes, sizeof value);
  return value;
}

bool IsFloat(TensorType type) { return type == TensorType::kFloat32; }

// Floats in ascending order map to ascending integers, neighbours to neighbours.
int64_t Rank(float value) {
  const auto bits = Load<int32_t>(reinterpret_cast<const uint8_t*>(&value));
  return bits >= 0 ? bits : -static_cast<int64_t>(bits & 0x7fffffff);
}

// Written so that NaN is never within a bound.
bool WithinBound(Tolerance tolerance, float expected, float got) {
  if (expected == got) return true;
  if (tolerance.compare == Compare::kUlp) {
    const int64_t apart = Rank(got) - Rank(expected);
    return got == got && static_cast<float>(apart < 0 ? -apart : apart) <= tolerance.a;
  }
  const float size = expected < 0 ? -expected : expected;
  const float difference = got < expected ? expected - got : got - expected;
  return difference <= tolerance.a + tolerance.b * size;
}

void PrintElement(TensorType type, double value) {
  if (!IsFloat(type)) return midge_test::PrintSigned(static_cast<int64_t>(value));
  midge_test::PrintFloat(value);
}

}  // namespace

double ElementValue(TensorType type, const uint8_t* bytes) {
  switch (type) {
    case TensorType::kFloat32:
      return static_cast<double>(Load<float>(bytes));
    case TensorType::kInt8:
      return Load<int8_t>(bytes);
    case TensorType::kUInt8:
    case TensorType::kBool:
      return Load<uint8_t>(bytes);
    case TensorType::kInt16:
      return Load<int16_t>(bytes);
    case TensorType::kUInt16:
      return Load<uint16_t>(bytes);
    case TensorType::kInt32:
      return Load<int32_t>(bytes);
    case TensorType::kUInt32:
      return Load<uint32_t>(bytes);
    case TensorType::kInt64:
      return static_cast<double>(Load<int64_t>(bytes));
    case TensorType::kUInt64:
      return static_cast<double>(Load<uint64_t>(bytes));
    default:
      return 0;
  }
}

void Comparison::Feed(const uint8_t* expected, uint32_t size_bytes) {
  const TensorType type = got_.type();
  const uint32_t element_bytes = static_cast<uint32_t>(midge::ElementBits(type)) / 8;
  for (uint32_t at = 0; at < size_bytes; at += element_bytes, ++fed_) {
    const uint8_t* const got = got_.bytes().data() + fed_ * element_bytes;
    const bool same = tolerance_.compare == Compare::kExact
                          ? std::memcmp(expected + at, got, element_bytes) == 0
                          : WithinBound(tolerance_, Load<float>(expected + at), Load<float>(got));
    if (same) continue;
    if (differing_++ > 0) continue;
    first_ = fed_;
    first_expected_ = ElementValue(type, expected + at);
  }
}

void Comparison::Report() const {
  const TensorType type = got_.type();
  const uint32_t element_bytes = static_cast<uint32_t>(midge::ElementBits(type)) / 8;
  midge_test::Print("element ");
  midge_test::PrintUnsigned(first_);
  midge_test::Print(": expected ");
  PrintElement(type, first_expected_);
  midge_test::Print(", got ");
  const uint8_t* const got = got_.bytes().data() + first_ * element_bytes;
  PrintElement(type, ElementValue(type, got));
  if (IsFloat(type)) {
    const int64_t apart = Rank(Load<float>(got)) - Rank(static_cast<float>(first_expected_));
    midge_test::Print(" (");
    midge_test::PrintSigned(apart < 0 ? -apart : apart);
    midge_test::Print(" units in the last place)");
  }
  midge_test::Print("; ");
  midge_test::PrintUnsigned(differing_);
  midge_test::Print(" of ");
  midge_test::PrintUnsigned(fed_);
  midge_test::Print(" differ");
}

}  // namespace midge_conformance
