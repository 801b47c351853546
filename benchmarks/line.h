// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include "ports/port.h"

namespace midge_bench {

// A line of output, written when it goes out of scope. Facts are short; what does not fit is cut.
class Line {
 public:
  explicit Line(const char* name) { Append(name); }
  ~Line() {
    text_[length_++] = '\n';
    PortWrite(text_, length_);
  }
  Line(const Line&) = delete;
  Line& operator=(const Line&) = delete;

  Line& Text(const char* value) { return Append("\t").Append(value); }
  Line& Number(uint64_t value) { return Append("\t").Digits(value); }
  Line& Hex(uint32_t value) {
    char digits[9] = {};
    for (int i = 7; i >= 0; --i, value >>= 4) digits[i] = "0123456789abcdef"[value & 15];
    return Text(digits);
  }
  // Without a tab in front.
  Line& Digits(uint64_t value) {
    char digits[21];
    char* begin = digits + sizeof(digits) - 1;
    *begin = '\0';
    do {
      *--begin = static_cast<char>('0' + value % 10);
      value /= 10;
    } while (value != 0);
    return Append(begin);
  }
  Line& Append(const char* value) {
    for (; *value != '\0' && length_ < sizeof(text_) - 1; ++value) text_[length_++] = *value;
    return *this;
  }

 private:
  char text_[240];
  size_t length_ = 0;
};

}  // namespace midge_bench
