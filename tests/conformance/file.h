// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <cstdio>

namespace midge_conformance {

// A file open for reading, with a buffer of its own: stdio's is a kilobyte of heap per file.
class InputFile {
 public:
  InputFile() = default;
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;
  ~InputFile() { Close(); }

  bool Open(const char* path) {
    Close();
    file_ = std::fopen(path, "rb");
    if (file_ == nullptr) return false;
    return std::setvbuf(file_, buffer_, _IOFBF, sizeof buffer_) == 0;
  }
  void Close() {
    if (file_ != nullptr) std::fclose(file_);
    file_ = nullptr;
  }

  // All or nothing.
  bool Read(void* data, uint32_t size_bytes) {
    return std::fread(data, 1, size_bytes, file_) == size_bytes;
  }
  // A line with its end, and a final NUL; false at the end of the file.
  bool ReadLine(char* line, int size_bytes) {
    return std::fgets(line, size_bytes, file_) != nullptr;
  }
  bool Seek(uint32_t position_bytes) {
    return std::fseek(file_, static_cast<long>(position_bytes), SEEK_SET) == 0;
  }
  // Leaves the position at the beginning. Negative if it cannot be told.
  long Size() {
    if (std::fseek(file_, 0, SEEK_END) != 0) return -1;
    const long size_bytes = std::ftell(file_);
    return Seek(0) ? size_bytes : -1;
  }

 private:
  std::FILE* file_ = nullptr;
  char buffer_[256];
};

}  // namespace midge_conformance
