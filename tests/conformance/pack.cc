// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/pack.h"

#include <cstring>

namespace midge_conformance {
namespace {

constexpr char kMagic[8] = {'M', 'I', 'D', 'G', 'E', 'C', 'A', 'S'};
constexpr uint32_t kVersion = 1;
constexpr uint32_t kAlignment = 16;

struct FileHeader {
  char magic[8];
  uint32_t version;
  uint32_t case_count;
};
static_assert(sizeof(FileHeader) == 16);

struct CaseHeader {
  uint32_t length_bytes;
  uint16_t kind;
  uint16_t oracle;
  uint16_t input_count;
  uint16_t output_count;
  uint32_t invoke_count;
  uint32_t name_length;
  uint32_t model_bytes;
  uint32_t seed;
  uint32_t flags;
};
static_assert(sizeof(CaseHeader) == 32);

struct TensorEntry {
  uint32_t size_bytes;
  int8_t type;
  uint8_t compare;
  uint16_t zero;
  float a;
  float b;
};
static_assert(sizeof(TensorEntry) == 16);

uint32_t RoundUp(uint32_t value) { return (value + kAlignment - 1) / kAlignment * kAlignment; }

}  // namespace

bool PackReader::Fail(const char* what) {
  error_ = what;
  return false;
}

bool PackReader::Read(void* data, uint32_t size_bytes) {
  if (!file_.Read(data, size_bytes)) return Fail("the file ends early");
  position_bytes_ += size_bytes;
  return true;
}

bool PackReader::Seek(uint32_t position_bytes) {
  if (position_bytes == position_bytes_) return true;
  if (!file_.Seek(position_bytes)) return Fail("cannot seek");
  position_bytes_ = position_bytes;
  return true;
}

bool PackReader::Open(const char* path) {
  if (!file_.Open(path)) return Fail("cannot open");
  FileHeader header;
  if (!Read(&header, sizeof header)) return false;
  if (std::memcmp(header.magic, kMagic, sizeof kMagic) != 0) return Fail("not a pack of cases");
  if (header.version != kVersion) return Fail("unknown version");
  cases_left_ = header.case_count;
  next_case_ = sizeof header;
  return true;
}

bool PackReader::Next(Case* result) {
  if (!ok() || cases_left_ == 0) return false;
  --cases_left_;
  if (!Seek(next_case_)) return false;
  CaseHeader header;
  if (!Read(&header, sizeof header)) return false;
  if (header.kind > static_cast<uint16_t>(CaseKind::kRefuse)) return Fail("unknown kind of case");
  if (header.flags != 0) return Fail("unknown flags of a case");
  if (header.input_count + header.output_count > Case::kMaxTensors) return Fail("too many tensors");
  if (header.name_length > Case::kMaxNameLength) return Fail("a case's name is too long");
  next_case_ += header.length_bytes;

  result->kind = static_cast<CaseKind>(header.kind);
  result->input_count = header.input_count;
  result->output_count = header.output_count;
  result->invoke_count = header.invoke_count;
  result->model_bytes = header.model_bytes;
  model_bytes_ = header.model_bytes;
  for (int i = 0; i < header.input_count + header.output_count; ++i) {
    TensorEntry entry;
    if (!Read(&entry, sizeof entry)) return false;
    if (entry.compare > static_cast<uint8_t>(Compare::kUlp)) return Fail("unknown comparison");
    result->tensors[i] = {entry.size_bytes,
                          static_cast<midge::TensorType>(entry.type),
                          {static_cast<Compare>(entry.compare), entry.a, entry.b}};
  }
  result->name[header.name_length] = '\0';
  return Read(result->name, header.name_length);
}

bool PackReader::ReadModel(uint8_t* model) {
  return Seek(RoundUp(position_bytes_)) && Read(model, model_bytes_) &&
         Seek(RoundUp(position_bytes_));
}

}  // namespace midge_conformance
