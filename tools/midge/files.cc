// SPDX-License-Identifier: Apache-2.0
#include "files.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "command_line.h"
#include "midge/config.h"

namespace midge_tool {

Block::~Block() { std::free(memory_); }

bool Block::Allocate(size_t size_bytes) {
  std::free(memory_);
  data_ = nullptr;
  size_bytes_ = 0;
  memory_ = std::malloc(size_bytes + midge::kArenaAlignment - 1);
  if (memory_ == nullptr) return false;
  const auto address = reinterpret_cast<uintptr_t>(memory_);
  data_ = static_cast<uint8_t*>(memory_) + (0 - address) % midge::kArenaAlignment;
  size_bytes_ = size_bytes;
  return true;
}

int ReadFile(const char* program, const char* path, Block* block) {
  FILE* const file = std::fopen(path, "rb");
  if (file == nullptr) return Fail(program, "cannot open %s: %s", path, std::strerror(errno));
  std::setvbuf(file, nullptr, _IONBF, 0);
  // A folder opens, and has a length, but cannot be read.
  const int first = std::fgetc(file);
  const bool readable = first != EOF || std::ferror(file) == 0;
  long size_bytes = -1;
  if (readable && std::fseek(file, 0, SEEK_END) == 0) size_bytes = std::ftell(file);
  int result = kExitOk;
  if (size_bytes < 0 || std::fseek(file, 0, SEEK_SET) != 0) {
    result = Fail(program, "cannot read %s: %s", path, std::strerror(errno));
  } else if (!block->Allocate(static_cast<size_t>(size_bytes))) {
    result = Fail(program, "not enough memory for the %ld bytes of %s", size_bytes, path);
  } else if (std::fread(block->bytes().data(), 1, block->bytes().size(), file) !=
             block->bytes().size()) {
    result = Fail(program, "cannot read %s: %s", path, std::strerror(errno));
  }
  std::fclose(file);
  return result;
}

OutputFile::~OutputFile() {
  if (file_ != nullptr) {
    std::fclose(file_);
    if (temporary_ != nullptr) std::remove(temporary_);
  }
  std::free(temporary_);
}

int OutputFile::Open(const char* program, const char* path) {
  constexpr char kSuffix[] = ".partial";
  path_ = path;
  if (std::strncmp(path, "/dev/", 5) != 0) {
    const size_t length = std::strlen(path);
    temporary_ = static_cast<char*>(std::malloc(length + sizeof kSuffix));
    if (temporary_ == nullptr) return Fail(program, "not enough memory");
    std::memcpy(temporary_, path, length);
    std::memcpy(temporary_ + length, kSuffix, sizeof kSuffix);
  }
  file_ = std::fopen(temporary_ != nullptr ? temporary_ : path_, "wb");
  if (file_ == nullptr) return Fail(program, "cannot write %s: %s", path, std::strerror(errno));
  return kExitOk;
}

int OutputFile::Commit(const char* program) {
  const bool written = std::ferror(file_) == 0;
  const bool closed = std::fclose(file_) == 0;
  file_ = nullptr;
  if (written && closed && (temporary_ == nullptr || std::rename(temporary_, path_) == 0)) {
    return kExitOk;
  }
  const int error = errno;
  if (temporary_ != nullptr) std::remove(temporary_);
  return Fail(program, "cannot write %s: %s", path_, std::strerror(error));
}

}  // namespace midge_tool
