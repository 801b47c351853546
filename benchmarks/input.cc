// SPDX-License-Identifier: Apache-2.0
#include "benchmarks/input.h"

#include <cstring>

namespace midge_bench {
namespace {

using midge::Span;
using midge::TensorType;
using midge::TensorView;

class Random {
 public:
  uint32_t Next() { return state_ = state_ * 1664525u + 1013904223u; }

 private:
  uint32_t state_ = 12345;
};

void Fill(const TensorView& tensor, Random& random) {
  const Span<uint8_t> bytes = tensor.mutable_bytes();
  const auto element_bytes = static_cast<uint32_t>(midge::ElementBits(tensor.type()) / 8);
  switch (tensor.type()) {
    case TensorType::kInt8:
    case TensorType::kUInt8:
      for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(random.Next() >> 24);
      return;
    case TensorType::kInt16:
      for (int16_t& value : tensor.data<int16_t>()) {
        value = static_cast<int16_t>(random.Next() >> 16);
      }
      return;
    case TensorType::kFloat32:
      for (float& value : tensor.data<float>()) {
        value = static_cast<float>(random.Next() >> 8) * (1.0f / (1 << 23)) - 1.0f;
      }
      return;
    default:
      std::memset(bytes.data(), 0, bytes.size());
      if (element_bytes == 0) return;
      for (size_t at = 0; at < bytes.size(); at += element_bytes) {
        bytes[at] = static_cast<uint8_t>(random.Next() >> 31);
      }
  }
}

}  // namespace

void FillInputs(const midge::Interpreter& interpreter) {
  Random random;
  for (int i = 0; i < interpreter.input_count(); ++i) Fill(interpreter.input(i), random);
}

uint32_t OutputCrc32(const midge::Interpreter& interpreter) {
  constexpr uint32_t kPolynomial = 0xEDB88320;  // bits reversed
  uint32_t crc = ~0u;
  for (int i = 0; i < interpreter.output_count(); ++i) {
    for (const uint8_t byte : interpreter.output(i).bytes()) {
      crc ^= byte;
      for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? kPolynomial : 0);
    }
  }
  return ~crc;
}

}  // namespace midge_bench
