// SPDX-License-Identifier: Apache-2.0
//
// Memory and files of a command. C's heap and stdio alone: boards run it too.
#pragma once

#include <cstdint>
#include <cstdio>

#include "midge/span.h"

namespace midge_tool {

// Memory from the heap at a multiple of 16, as models and arenas need it. Empty at first.
class Block {
 public:
  Block() = default;
  Block(const Block&) = delete;
  Block& operator=(const Block&) = delete;
  ~Block();

  // Replaces the memory; contents are lost. On failure the block is empty.
  [[nodiscard]] bool Allocate(size_t size_bytes);
  midge::Span<uint8_t> bytes() const { return {data_, size_bytes_}; }

 private:
  void* memory_ = nullptr;
  uint8_t* data_ = nullptr;
  size_t size_bytes_ = 0;
};

// Reads a whole file. Returns kExitOk, or kExitFailure after one line on stderr.
int ReadFile(const char* program, const char* path, Block* block);

// A file that appears complete or not at all: written beside its place under another name, and
// moved there by Commit(). Without Commit() nothing remains. Devices are written in place.
class OutputFile {
 public:
  OutputFile() = default;
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;
  ~OutputFile();

  // Both return kExitOk, or kExitFailure after one line on stderr. `path` must stay valid.
  int Open(const char* program, const char* path);
  int Commit(const char* program);
  bool is_open() const { return file_ != nullptr; }
  FILE* file() const { return file_; }

 private:
  FILE* file_ = nullptr;
  const char* path_ = nullptr;
  char* temporary_ = nullptr;  // from malloc; null for a device
};

}  // namespace midge_tool
