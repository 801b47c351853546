// SPDX-License-Identifier: Apache-2.0
//
// Executes damaged copies of one model, on the host or on a board. Prints a letter per mutant (see
// execution.h) as soon as its outcome is known, so that whoever watches knows which one ended the
// program or took too long.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "ports/port.h"
#include "tests/fuzz/execution.h"
#include "tests/fuzz/mutation.h"
#include "tools/midge/op_group.h"

namespace {

using midge::Span;
using midge_fuzz::Mode;
using midge_fuzz::Outcome;

constexpr char kUsage[] =
    "usage: mutants MODEL [--mode sample|bytes|truncations] [--seed N] [--from N] [--count N]\n"
    "               [--step N] [--arena BYTES] [--write FILE]\n"
    "\n"
    "Executes MODEL, then mutants number from, from + step, ... (count of them), and prints a "
    "letter\n"
    "for each: m not a model, a refused, t arena too small, r runs, e error while running;\n"
    "C memory outside the arena written, B broken promise. --write saves the first mutant and\n"
    "executes nothing.\n"
    "exit code: 0 all in order; 1 a mutant with C or B; 2 wrong usage\n";

struct Options {
  const char* model = nullptr;
  const char* write = nullptr;
  Mode mode = Mode::kSample;
  uint64_t seed = 1, from = 0, count = 1000, step = 1;
  uint32_t arena_bytes = 0;  // 0: twice what the model needs, and 64 KB
};

bool ParseMode(const char* text, Mode* mode) {
  if (std::strcmp(text, "sample") == 0) {
    *mode = Mode::kSample;
  } else if (std::strcmp(text, "bytes") == 0) {
    *mode = Mode::kEveryByte;
  } else if (std::strcmp(text, "truncations") == 0) {
    *mode = Mode::kTruncations;
  } else {
    return false;
  }
  return true;
}

bool ParseNumber(const char* text, uint64_t* number) {
  char* end;
  *number = std::strtoull(text, &end, 10);
  return end != text && *end == '\0';
}

bool Parse(int argc, char** argv, Options* options) {
  for (int i = 1; i < argc; ++i) {
    if (argv[i][0] != '-') {
      if (options->model != nullptr) return false;
      options->model = argv[i];
      continue;
    }
    const char* const name = argv[i];
    if (++i == argc) return false;
    uint64_t number = 0;
    if (std::strcmp(name, "--mode") == 0) {
      if (!ParseMode(argv[i], &options->mode)) return false;
    } else if (std::strcmp(name, "--write") == 0) {
      options->write = argv[i];
    } else if (!ParseNumber(argv[i], &number)) {
      return false;
    } else if (std::strcmp(name, "--seed") == 0) {
      options->seed = number;
    } else if (std::strcmp(name, "--from") == 0) {
      options->from = number;
    } else if (std::strcmp(name, "--count") == 0) {
      options->count = number;
    } else if (std::strcmp(name, "--step") == 0) {
      options->step = number;
    } else if (std::strcmp(name, "--arena") == 0) {
      options->arena_bytes = static_cast<uint32_t>(number);
    } else {
      return false;
    }
  }
  return options->model != nullptr;
}

bool ReadFile(const char* path, std::vector<uint8_t>* bytes) {
  std::FILE* const file = std::fopen(path, "rb");
  if (file == nullptr) return false;
  std::fseek(file, 0, SEEK_END);
  const long size = std::ftell(file);
  std::rewind(file);
  bytes->resize(size > 0 ? static_cast<size_t>(size) : 0);
  const bool read =
      !bytes->empty() && std::fread(bytes->data(), 1, bytes->size(), file) == bytes->size();
  std::fclose(file);
  return read;
}

bool WriteFile(const char* path, const uint8_t* bytes, size_t size_bytes) {
  std::FILE* const file = std::fopen(path, "wb");
  if (file == nullptr) return false;
  const bool written = std::fwrite(bytes, 1, size_bytes, file) == size_bytes;
  return std::fclose(file) == 0 && written;
}

void Say(Outcome outcome) {
  const char letter = static_cast<char>(outcome);
  PortWrite(&letter, 1);
}

// The arena between its canaries, in memory of exactly that size.
class ArenaBlock {
 public:
  explicit ArenaBlock(uint32_t arena_bytes)
      : block_(static_cast<uint8_t*>(std::malloc(arena_bytes + kAround))), bytes_(arena_bytes) {}
  ArenaBlock(const ArenaBlock&) = delete;
  ArenaBlock& operator=(const ArenaBlock&) = delete;
  ~ArenaBlock() { std::free(block_); }

  // Empty if there is no memory for it.
  Span<uint8_t> Place() const {
    if (block_ == nullptr) return {};
    const uintptr_t first = reinterpret_cast<uintptr_t>(block_) + midge_fuzz::kCanaryBytes;
    const uintptr_t misaligned = first % midge::kArenaAlignment;
    const size_t skipped = misaligned == 0 ? 0 : midge::kArenaAlignment - misaligned;
    const Span<uint8_t> arena(block_ + midge_fuzz::kCanaryBytes + skipped, bytes_);
    midge_fuzz::FillCanaries(arena);
    return arena;
  }

 private:
  static constexpr uint32_t kAround = 2 * midge_fuzz::kCanaryBytes + midge::kArenaAlignment;
  uint8_t* block_;
  uint32_t bytes_;
};

// In memory that ends where the model does.
Outcome ExecuteCopy(const uint8_t* bytes, uint32_t size_bytes, Span<uint8_t> arena, bool streamed) {
  auto* const copy = static_cast<uint8_t*>(std::malloc(size_bytes == 0 ? 1 : size_bytes));
  std::memcpy(copy, bytes, size_bytes);
  Outcome outcome = midge_fuzz::Execute({copy, size_bytes}, arena, streamed);
  if (std::memcmp(copy, bytes, size_bytes) != 0) outcome = Outcome::kCanary;
  std::free(copy);
  return outcome;
}

uint32_t ArenaFor(Span<const uint8_t> model) {
  midge::Interpreter interpreter(model, midge::kProgramOps, {});
  if (interpreter.AllocateTensors().code() != midge::StatusCode::kArenaTooSmall) return 0;
  return static_cast<uint32_t>(2 * interpreter.arena_used_bytes() + 65536);
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  if (!Parse(argc, argv, &options)) {
    std::fputs(kUsage, stderr);
    return 2;
  }
  std::vector<uint8_t> model;
  if (!ReadFile(options.model, &model)) {
    std::fprintf(stderr, "mutants: cannot read %s\n", options.model);
    return 2;
  }
  const midge_fuzz::Mutator mutator({model.data(), model.size()});
  std::vector<uint8_t> mutant(model.size());
  if (options.write != nullptr) {
    const uint32_t size = mutator.Make(options.mode, options.seed, options.from, mutant.data());
    return WriteFile(options.write, mutant.data(), size) ? 0 : 2;
  }

  const uint32_t arena_bytes =
      options.arena_bytes != 0 ? options.arena_bytes : ArenaFor({model.data(), model.size()});
  const ArenaBlock block(arena_bytes);
  const Span<uint8_t> arena = block.Place();
  if (arena.empty()) {
    std::fprintf(stderr, "mutants: %s does not run in %u bytes\n", options.model,
                 static_cast<unsigned>(arena_bytes));
    return 2;
  }
  bool failed = false;
  Say(ExecuteCopy(model.data(), static_cast<uint32_t>(model.size()), arena, true));
  const uint64_t last = mutator.Count(options.mode);
  uint64_t index = options.from;
  for (uint64_t n = 0; n < options.count && index < last; ++n, index += options.step) {
    const uint32_t size = mutator.Make(options.mode, options.seed, index, mutant.data());
    const Outcome outcome = ExecuteCopy(mutant.data(), size, arena, n % 2 != 0);
    if (IsFailure(outcome)) {
      failed = true;
      midge_fuzz::FillCanaries(arena);
    }
    Say(outcome);
  }
  PortWrite("\n", 1);
  return failed ? 1 : 0;
}
