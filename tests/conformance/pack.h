// SPDX-License-Identifier: Apache-2.0
//
// Reads a pack of conformance cases front to back, in a few hundred bytes of memory. The format is
// documented in README.md.
#pragma once

#include <cstdint>

#include "midge/tensor.h"
#include "tests/conformance/file.h"

namespace midge_conformance {

enum class CaseKind : uint16_t { kRun = 0, kRefuse = 1 };

enum class Compare : uint8_t { kExact = 0, kAbsRel = 1, kUlp = 2 };

// How far an output may be from the expected one: see README.md.
struct Tolerance {
  Compare compare = Compare::kExact;
  float a = 0.f;
  float b = 0.f;
};

struct CaseTensor {
  uint32_t size_bytes;
  midge::TensorType type;
  Tolerance tolerance;
};

struct Case {
  static constexpr int kMaxTensors = 16;
  static constexpr int kMaxNameLength = 127;

  // "OPERATOR/types/setting"
  char name[kMaxNameLength + 1];
  CaseKind kind;
  int input_count;
  int output_count;
  uint32_t invoke_count;
  uint32_t model_bytes;
  CaseTensor tensors[kMaxTensors];  // inputs, then outputs

  const CaseTensor& input(int i) const { return tensors[i]; }
  const CaseTensor& output(int i) const { return tensors[input_count + i]; }
};

// After Open(): as long as Next() gives a case, ReadModel() and then, for each invoke, its inputs
// and its outputs with Read(), in the order of the file; or not, to leave the rest of the case out.
// After a failure, error() says what is wrong with the file.
class PackReader {
 public:
  bool Open(const char* path);
  // False at the end of the pack, and after an error.
  bool Next(Case* result);
  // `model` has room for Case::model_bytes.
  bool ReadModel(uint8_t* model);
  bool Read(void* data, uint32_t size_bytes);

  const char* error() const { return error_; }
  bool ok() const { return error_ == nullptr; }

 private:
  bool Fail(const char* what);
  bool Seek(uint32_t position_bytes);

  InputFile file_;
  const char* error_ = nullptr;
  uint32_t cases_left_ = 0;
  uint32_t model_bytes_ = 0;
  uint32_t position_bytes_ = 0;
  uint32_t next_case_ = 0;  // position of the next case
};

}  // namespace midge_conformance
