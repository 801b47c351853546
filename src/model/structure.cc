// SPDX-License-Identifier: Apache-2.0
#include "model/structure.h"

#include "midge/config.h"
#include "model/schema.h"

namespace midge::internal {
namespace {

enum Type : uint8_t {
  kOpaqueTable,
  kModelTable,
  kOperatorCodeTable,
  kSubGraphTable,
  kTensorTable,
  kQuantizationTable,
  kOperatorTable,
  kBufferTable,
  kMetadataTable,
};
// As in schema/midge.fbs.
constexpr TableFields kTypes[] = {
    {0, {}},
    // Model: version, operator_codes, subgraphs, description, buffers, -, metadata
    {7,
     {kInt, kTables + kOperatorCodeTable, kTables + kSubGraphTable, kString, kTables + kBufferTable,
      kUnread, kTables + kMetadataTable}},
    // OperatorCode: deprecated_builtin_code, custom_code, version, builtin_code
    {4, {kByte, kString, kInt, kInt}},
    // SubGraph: tensors, inputs, outputs, operators, name
    {5, {kTables + kTensorTable, kInts, kInts, kTables + kOperatorTable, kString}},
    // Tensor: shape, type, buffer, name, quantization, is_variable, sparsity, shape_signature,
    // has_rank, -, external_buffer
    {11,
     {kInts, kByte, kInt, kString, kTable + kQuantizationTable, kByte, kTable + kOpaqueTable, kInts,
      kByte, kUnread, kInt}},
    // QuantizationParameters: -, -, scale, zero_point, details_type, details, quantized_dimension
    {7, {kUnread, kUnread, kInts, kLongs, kByte, kTable + kOpaqueTable, kInt}},
    // Operator: opcode_index, inputs, outputs, builtin_options_type, builtin_options,
    // custom_options, custom_options_format, mutating_variable_inputs, intermediates,
    // large_custom_options_offset, large_custom_options_size, builtin_options_2_type,
    // builtin_options_2
    {13,
     {kInt, kInts, kInts, kByte, kTable + kOpaqueTable, kBytes, kByte, kBytes, kInts, kLong, kLong,
      kByte, kTable + kOpaqueTable}},
    // Buffer: data, offset, size
    {3, {kBytes, kLong, kLong}},
    // Metadata: name, buffer
    {2, {kString, kInt}},
};

// All positions are offsets from the first byte. No path is deep: the schema has no table inside
// its own kind. But a file may share tables, so they are counted each time one is reached.
class Walk {
 public:
  explicit Walk(Span<const uint8_t> bytes)
      : data_(bytes.data()), size_(static_cast<uint32_t>(bytes.size())) {}

  bool VerifyTable(uint32_t at, const TableFields& fields) {
    if (!Holds(at, 4, 4) || ++tables_ > kMaxTables) return false;
    const uint32_t vtable = at - Read<uint32_t>(at);
    if (!Holds(vtable, 2, 2)) return false;
    const uint32_t vtable_bytes = Read<uint16_t>(vtable);
    if (vtable_bytes % 2 != 0 || !Holds(vtable, vtable_bytes, 1)) return false;
    // Two words of 16 bits precede those of the fields.
    const uint32_t end =
        fields.count * 2u + 4 < vtable_bytes ? fields.count * 2u + 4 : vtable_bytes;
    const uint8_t* kind = fields.kinds;
    for (uint32_t entry = 4; entry < end; entry += 2, ++kind) {
      const uint32_t offset = Read<uint16_t>(vtable + entry);
      if (offset != 0 && *kind != kUnread && !VerifyField(at + offset, *kind)) return false;
    }
    return true;
  }

  // Follows the offset at `at`; 0 if it leads nowhere.
  uint32_t Follow(uint32_t at) const {
    if (!Holds(at, 4, 4)) return 0;
    const uint32_t offset = Read<uint32_t>(at);
    return offset != 0 && offset < size_ && Holds(at + offset, 1, 1) ? at + offset : 0;
  }

  bool has_too_many() const { return tables_ > kMaxTables; }

 private:
  template <typename T>
  T Read(uint32_t at) const {
    return *reinterpret_cast<const T*>(data_ + at);
  }

  bool Holds(uint32_t at, uint32_t count, uint32_t alignment) const {
    return at % alignment == 0 && at <= size_ && count <= size_ - at;
  }

  bool VerifyField(uint32_t at, uint32_t kind) {
    if (kind < kVector) {
      const uint32_t bytes = 1u << (kind - kScalar);
      return Holds(at, bytes, bytes);
    }
    const uint32_t target = Follow(at);
    if (target == 0) return false;
    if (kind >= kTable && kind < kTables) return VerifyTable(target, kTypes[kind - kTable]);
    if (!Holds(target, 4, 4)) return false;
    const uint32_t count = Read<uint32_t>(target);
    // Elements follow the count; a string ends with a 0 that does not count.
    const uint32_t shift = kind >= kTables ? 2 : kind == kString ? 0 : kind - kVector;
    const uint32_t left = size_ - target - 4;
    if (count > left >> shift) return false;
    if (kind == kString) return count < left && data_[target + 4 + count] == 0;
    if (kind < kTables) return true;
    const TableFields& fields = kTypes[kind - kTables];
    uint32_t element = target + 4;
    for (uint32_t i = count; i > 0; --i, element += 4) {
      const uint32_t offset = Read<uint32_t>(element);
      if (offset >= size_ || !VerifyTable(element + offset, fields)) return false;
    }
    return true;
  }

  const uint8_t* data_;
  uint32_t size_;
  uint32_t tables_ = 0;
};

}  // namespace

StatusCode VerifyModel(Span<const uint8_t> bytes) {
  Walk walk(bytes);
  const uint32_t root = walk.Follow(0);
  if (root != 0 && walk.VerifyTable(root, kTypes[kModelTable])) return StatusCode::kOk;
  return walk.has_too_many() ? StatusCode::kTooLarge : StatusCode::kCorruptModel;
}

bool VerifyOptions(Span<const uint8_t> bytes, const void* table, const TableFields& fields) {
  const auto at = static_cast<const uint8_t*>(table) - bytes.data();
  return Walk(bytes).VerifyTable(static_cast<uint32_t>(at), fields);
}

}  // namespace midge::internal
