// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <cstring>
#include <type_traits>

#include "midge/span.h"

namespace midge {

// Element types, numbered as in the .tflite format.
enum class TensorType : int8_t {
  kFloat32 = 0,
  kFloat16 = 1,
  kInt32 = 2,
  kUInt8 = 3,
  kInt64 = 4,
  kString = 5,
  kBool = 6,
  kInt16 = 7,
  kComplex64 = 8,
  kInt8 = 9,
  kFloat64 = 10,
  kComplex128 = 11,
  kUInt64 = 12,
  kResource = 13,
  kVariant = 14,
  kUInt32 = 15,
  kUInt16 = 16,
  kInt4 = 17,
  kBFloat16 = 18,
  kAny = -1,  // in an Op row: every type
};

// Bits of one element; 0 for types without a fixed size (strings, resources, variants).
int ElementBits(TensorType type);

// Bytes of `elements` elements, sub-byte types packed; 64 bits wide so that nothing overflows.
inline uint64_t BytesOf(TensorType type, uint64_t elements) {
  return (elements * static_cast<uint64_t>(ElementBits(type)) + 7) / 8;
}

template <typename T>
constexpr bool IsElement(TensorType type) {
  using U = std::remove_const_t<T>;
  switch (type) {
    case TensorType::kFloat32:
      return std::is_same_v<U, float>;
    case TensorType::kInt8:
      return std::is_same_v<U, int8_t>;
    case TensorType::kInt4:
      return std::is_same_v<U, int8_t>;
    case TensorType::kUInt8:
      return std::is_same_v<U, uint8_t>;
    case TensorType::kInt16:
      return std::is_same_v<U, int16_t>;
    case TensorType::kFloat16:
    case TensorType::kBFloat16:
    case TensorType::kUInt16:
      return std::is_same_v<U, uint16_t>;
    case TensorType::kInt32:
      return std::is_same_v<U, int32_t>;
    case TensorType::kUInt32:
      return std::is_same_v<U, uint32_t>;
    case TensorType::kInt64:
      return std::is_same_v<U, int64_t>;
    case TensorType::kUInt64:
      return std::is_same_v<U, uint64_t>;
    case TensorType::kFloat64:
      return std::is_same_v<U, double>;
    case TensorType::kBool:
      return std::is_same_v<U, bool>;
    default:
      return false;
  }
}

// The dimensions of a tensor, outermost first, e.g. NHWC. A view of the model's own bytes.
class Shape {
 public:
  constexpr Shape() = default;
  constexpr Shape(const int32_t* dims, int rank) : dims_(dims), rank_(rank) {}

  constexpr int rank() const { return rank_; }
  constexpr int32_t operator[](int i) const {
    MIDGE_ASSERT(i >= 0 && i < rank_);
    return dims_[i];
  }
  // As above, counted from the innermost dimension, 1 beyond the outermost: a tensor of any rank
  // seen as [..., FromBack(3), FromBack(2), FromBack(1), FromBack(0)].
  constexpr int32_t FromBack(int i) const { return i < rank_ ? dims_[rank_ - 1 - i] : 1; }
  // Product of all dimensions. The verifier has shown that it fits.
  constexpr int32_t elements() const { return Product(0, rank_); }
  // Product of dimensions [begin, end).
  constexpr int32_t Product(int begin, int end) const {
    int32_t product = 1;
    for (int i = begin; i < end; ++i) product *= dims_[i];
    return product;
  }
  friend constexpr bool operator==(const Shape& a, const Shape& b) {
    if (a.rank_ != b.rank_) return false;
    for (int i = 0; i < a.rank_; ++i) {
      if (a.dims_[i] != b.dims_[i]) return false;
    }
    return true;
  }
  friend constexpr bool operator!=(const Shape& a, const Shape& b) { return !(a == b); }

 private:
  const int32_t* dims_ = nullptr;
  int rank_ = 0;
};

// real = scale * (quantized - zero_point). Views of the model's bytes, unchecked: nobody has asked
// for these numbers to make sense until a node uses them. One entry per channel of dimension
// `dimension`, or one for the whole tensor, or none.
class Quantization {
 public:
  Quantization() = default;
  Quantization(Span<const float> scales, Span<const uint8_t> zero_point_bytes, int32_t dimension)
      : scales_(scales), zero_point_bytes_(zero_point_bytes), dimension_(dimension) {}

  Span<const float> scales() const { return scales_; }
  int zero_point_count() const { return static_cast<int>(zero_point_bytes_.size() / 8); }
  // The file may keep int64 at 4-byte alignment, so they are copied out.
  int64_t zero_point(int i) const {
    int64_t value;
    std::memcpy(&value, zero_point_bytes_.data() + i * 8, sizeof value);
    return value;
  }
  int32_t dimension() const { return dimension_; }

 private:
  Span<const float> scales_;
  Span<const uint8_t> zero_point_bytes_;
  int32_t dimension_ = 0;
};

// What a tensor is and where its bytes are. A view: cheap to copy, owns nothing; its data stays
// valid as long as the arena (activations) or the model (constants) does.
class TensorView {
 public:
  TensorView() = default;
  TensorView(TensorType type, Shape shape, Quantization quantization, uint32_t size_bytes)
      : shape_(shape), quantization_(quantization), size_bytes_(size_bytes), type_(type) {}

  TensorType type() const { return type_; }
  const Shape& shape() const { return shape_; }
  const Quantization& quantization() const { return quantization_; }
  // The per-tensor quantization; 0 where the tensor has none.
  float scale() const { return quantization_.scales().empty() ? 0.f : quantization_.scales()[0]; }
  int32_t zero_point() const {
    return quantization_.zero_point_count() == 0
               ? 0
               : static_cast<int32_t>(quantization_.zero_point(0));
  }

  bool is_constant() const { return constant_; }
  // False for an activation that has no place (yet), and for the view of a tensor that is absent.
  bool has_data() const { return data_ != nullptr; }
  uint32_t size_bytes() const { return size_bytes_; }
  // All bytes, whatever the type.
  Span<const uint8_t> bytes() const { return {data_, data_ == nullptr ? 0 : size_bytes_}; }
  Span<uint8_t> mutable_bytes() const {
    return {constant_ ? nullptr : const_cast<uint8_t*>(data_),
            constant_ || data_ == nullptr ? 0 : size_bytes_};
  }

  // The elements. Empty if T is not the tensor's element type, if there is no data, or if T is not
  // const and the tensor is a constant (which lies in flash).
  template <typename T>
  Span<T> data() const {
    const bool allowed =
        IsElement<T>(type_) && data_ != nullptr && (std::is_const_v<T> || !constant_);
    if (!allowed) return {};
    return {reinterpret_cast<T*>(const_cast<uint8_t*>(data_)), size_bytes_ / sizeof(T)};
  }

  void set_constant_data(const uint8_t* data) {
    data_ = data;
    constant_ = true;
  }
  void set_data(uint8_t* data) {
    data_ = data;
    constant_ = false;
  }

 private:
  Shape shape_;
  Quantization quantization_;
  const uint8_t* data_ = nullptr;
  uint32_t size_bytes_ = 0;
  TensorType type_ = TensorType::kAny;
  bool constant_ = false;
};

}  // namespace midge
