// SPDX-License-Identifier: Apache-2.0
//
// Rows: the unit in which nodes are executed and memory is planned.
#pragma once

#include <cstddef>
#include <cstdint>

#include "midge/tensor.h"

namespace midge {

namespace internal {
// Of numbers that are not negative: a signed division is one more library function where there is
// no instruction for it.
constexpr int32_t Quotient(int32_t n, int32_t divisor) {
  return static_cast<int32_t>(static_cast<uint32_t>(n) / static_cast<uint32_t>(divisor));
}
constexpr int32_t Remainder(int32_t n, int32_t divisor) {
  return static_cast<int32_t>(static_cast<uint32_t>(n) % static_cast<uint32_t>(divisor));
}
}  // namespace internal

// A range of rows of a node's output: [begin, end). See RowGeometry.
struct Rows {
  int32_t begin, end;
  static constexpr Rows All() { return {0, INT32_MAX}; }
  // The part of the range that exists in a tensor of `count` rows.
  constexpr Rows Clip(int32_t count) const { return {begin, end < count ? end : count}; }
};

// A tensor as `count` rows of `elements` elements each, one after another in memory: a row is one
// H-line of NHWC (W * C elements); a tensor with H = 1 is seen as W rows of C. A tensor of rank 2
// or less is seen as rows of its innermost dimension. With several images (N > 1) the rows of all
// images follow each other.
struct RowGeometry {
  int32_t count;
  int32_t elements;

  static constexpr RowGeometry Of(const Shape& shape) {
    const int32_t total = shape.elements();
    int32_t elements = shape.FromBack(0);
    if (shape.rank() >= 3 && shape.FromBack(2) != 1) elements *= shape.FromBack(1);
    return {elements == 0 ? 0 : internal::Quotient(total, elements), elements};
  }
};

// Which input rows an output row needs: output row y is a function of input rows
// [y * stride - pad, y * stride - pad + span), those outside the tensor being absent. The planner
// lays memory out by it. Whole() is for ops that need everything before they can write anything.
struct RowWindow {
  uint16_t stride, span, pad;
  static constexpr RowWindow Whole() { return {0, 0, 0}; }
  static constexpr RowWindow SameRow() { return {1, 1, 0}; }
  constexpr bool is_whole() const { return span == 0; }
};

namespace internal {
// Where rows lie, whatever their elements.
struct RowPlaces {
  int32_t row_elements;
  int32_t ring_rows = 0;
  int32_t origin = 0;            // the row that lies first
  int32_t wrap_row = INT32_MAX;  // the first row that lies there again

  explicit constexpr RowPlaces(int32_t elements) : row_elements(elements) {}
  constexpr RowPlaces(int32_t elements, int32_t ring, int32_t first_row)
      : row_elements(elements),
        ring_rows(ring),
        origin(first_row - Remainder(first_row, ring)),
        wrap_row(origin + ring) {}
};
}  // namespace internal

// The rows of one operand in memory: each in a place of its own, or in a ring of a few rows, of
// which the view then shows those from `first_row` on.
template <typename T>
class RowView {
 public:
  RowView(T* data, int32_t row_elements) : data_(data), places_(row_elements) {}
  // A ring that begins at `data`: row y lies where row y % ring_rows does.
  RowView(T* data, int32_t row_elements, int32_t ring_rows, int32_t first_row)
      : data_(data), places_(row_elements, ring_rows, first_row) {}
  RowView(T* data, const internal::RowPlaces& places) : data_(data), places_(places) {}

  // Element 0 of row y.
  T* Row(int32_t y) const {
    const int32_t place = y - places_.origin - (y < places_.wrap_row ? 0 : places_.ring_rows);
    return data_ + static_cast<ptrdiff_t>(place) * places_.row_elements;
  }
  // The view whose row 0 is this one's row y: of the image that begins there.
  RowView Skip(int32_t y) const {
    RowView result = *this;
    result.places_.origin -= y;
    if (!contiguous()) result.places_.wrap_row -= y;
    return result;
  }
  // The same bytes.
  RowView<uint8_t> AsBytes() const {
    internal::RowPlaces places = places_;
    places.row_elements *= static_cast<int32_t>(sizeof(T));
    return {reinterpret_cast<uint8_t*>(data_), places};
  }
  // Whether each row begins where the one before it ends.
  bool contiguous() const { return places_.ring_rows == 0; }

 private:
  T* data_;
  internal::RowPlaces places_;
};

}  // namespace midge
