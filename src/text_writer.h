// SPDX-License-Identifier: Apache-2.0
//
// What Describe writes with.
#pragma once

#include "midge/span.h"
#include "midge/status.h"
#include "midge/tensor.h"

namespace midge::internal {

// Appends to a buffer, always NUL-terminated, and drops what does not fit.
class TextWriter {
 public:
  explicit TextWriter(Span<char> buffer) : buffer_(buffer) { Terminate(); }

  void Text(const char* text) {
    while (*text != '\0') Char(*text++);
  }
  void Text(Span<const char> text) {
    for (const char c : text) Char(c);
  }
  void Number(int64_t value) {
    if (value < 0) Char('-');
    uint64_t left = value < 0 ? 0u - static_cast<uint64_t>(value) : static_cast<uint64_t>(value);
    char digits[20];
    int count = 0;
    do {
      digits[count++] = static_cast<char>('0' + left % 10);
      left /= 10;
    } while (left != 0);
    while (count > 0) Char(digits[--count]);
  }
  // "3 scales"
  void Count(int64_t count, const char* singular) {
    Number(count);
    Char(' ');
    Text(singular);
    if (count != 1) Char('s');
  }
  // "1x40"
  void Dims(const int32_t* dims, int rank) {
    for (int i = 0; i < rank; ++i) {
      if (i != 0) Char('x');
      Number(dims[i]);
    }
  }
  void Byte(uint8_t byte) {
    Char("0123456789abcdef"[byte >> 4]);
    Char("0123456789abcdef"[byte & 15]);
  }
  void Char(char c) {
    if (length_ + 1 >= buffer_.size()) return;
    buffer_[length_++] = c;
    Terminate();
  }

 private:
  void Terminate() {
    if (length_ < buffer_.size()) buffer_[length_] = '\0';
  }

  Span<char> buffer_;
  size_t length_ = 0;
};

}  // namespace midge::internal
