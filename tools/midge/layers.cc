// SPDX-License-Identifier: Apache-2.0
#include "layers.h"

#include <cstring>

#include "midge/describe.h"

namespace midge_tool {
namespace {

using midge::BuiltinOp;
using midge::NodeView;
using midge::Span;
using midge::TensorType;
using midge::TensorView;

constexpr uint32_t kFirstValues = 8;

template <typename T>
T Element(const TensorView& tensor, uint32_t i) {
  T value;
  std::memcpy(&value, tensor.bytes().data() + i * sizeof value, sizeof value);
  return value;
}

void PrintUnsigned(FILE* file, uint64_t value) {
  char digits[20];
  size_t begin = sizeof digits;
  do {
    digits[--begin] = static_cast<char>('0' + value % 10);
    value /= 10;
  } while (value != 0);
  std::fwrite(digits + begin, 1, sizeof digits - begin, file);
}

void PrintSigned(FILE* file, int64_t value) {
  if (value < 0) std::fputc('-', file);
  PrintUnsigned(file, value < 0 ? 0 - static_cast<uint64_t>(value) : static_cast<uint64_t>(value));
}

// The types whose values the table shows.
bool HasFirstValues(TensorType type) {
  return type == TensorType::kFloat32 || type == TensorType::kInt8 || type == TensorType::kInt16 ||
         type == TensorType::kInt32;
}

// A custom op's name is the model's own and must not break the table.
void PrintOpName(FILE* file, const NodeView& node) {
  if (node.code != BuiltinOp::kCustom) {
    std::fputs(midge::OpName(node.code), file);
    return;
  }
  for (const char c : node.custom_name) {
    std::fputc(static_cast<unsigned char>(c) < 0x20 ? '?' : c, file);
  }
}

}  // namespace

uint64_t HashBytes(Span<const uint8_t> bytes) {
  uint64_t hash = 0x14650fb0739d0383;
  for (const uint8_t byte : bytes) hash = (hash ^ byte) * 0x100000001b3;
  return hash;
}

void PrintShape(FILE* file, const midge::Shape& shape) {
  std::fputc('[', file);
  for (int i = 0; i < shape.rank(); ++i) {
    if (i > 0) std::fputc(',', file);
    PrintSigned(file, shape[i]);
  }
  std::fputc(']', file);
}

void PrintElement(FILE* file, const TensorView& tensor, uint32_t i) {
  switch (tensor.type()) {
    case TensorType::kFloat32:
      std::fprintf(file, "%.9g", static_cast<double>(Element<float>(tensor, i)));
      return;
    case TensorType::kFloat64:
      std::fprintf(file, "%.17g", Element<double>(tensor, i));
      return;
    case TensorType::kInt8:
      return PrintSigned(file, Element<int8_t>(tensor, i));
    case TensorType::kInt16:
      return PrintSigned(file, Element<int16_t>(tensor, i));
    case TensorType::kInt32:
      return PrintSigned(file, Element<int32_t>(tensor, i));
    case TensorType::kInt64:
      return PrintSigned(file, Element<int64_t>(tensor, i));
    case TensorType::kBool:
    case TensorType::kUInt8:
      return PrintUnsigned(file, Element<uint8_t>(tensor, i));
    case TensorType::kUInt16:
      return PrintUnsigned(file, Element<uint16_t>(tensor, i));
    case TensorType::kUInt32:
      return PrintUnsigned(file, Element<uint32_t>(tensor, i));
    case TensorType::kUInt64:
      return PrintUnsigned(file, Element<uint64_t>(tensor, i));
    case TensorType::kInt4: {
      const uint32_t byte = Element<uint8_t>(tensor, i / 2);
      const auto nibble = static_cast<int>(byte >> (i % 2 * 4) & 0xf);
      return PrintSigned(file, nibble >= 8 ? nibble - 16 : nibble);
    }
    default:
      break;
  }
  const auto element_bytes = static_cast<uint32_t>(midge::ElementBits(tensor.type()) / 8);
  std::fputs("0x", file);
  for (uint32_t byte = element_bytes; byte > 0; --byte) {
    std::fprintf(file, "%02x", tensor.bytes()[i * element_bytes + byte - 1]);
  }
}

void PrintLayersHeader(FILE* file) {
  std::fputs("op\tname\tout\ttensor\ttype\tshape\tbytes\tfnv1a64\tfirst values\n", file);
}

void PrintLayers(FILE* file, const midge::Interpreter& interpreter, int node_index) {
  const NodeView node = interpreter.model().node(node_index);
  for (size_t out = 0; out < node.outputs.size(); ++out) {
    if (node.outputs[out] < 0) continue;
    const TensorView tensor = interpreter.tensor(node.outputs[out]);
    std::fprintf(file, "%d\t", node_index);
    PrintOpName(file, node);
    std::fprintf(file, "\t%u\t%ld\t%s\t", static_cast<unsigned>(out),
                 static_cast<long>(node.outputs[out]), midge::TypeName(tensor.type()));
    PrintShape(file, tensor.shape());
    const uint64_t hash = HashBytes(tensor.bytes());
    std::fprintf(file, "\t%lu\t%08lx%08lx\t", static_cast<unsigned long>(tensor.size_bytes()),
                 static_cast<unsigned long>(hash >> 32),
                 static_cast<unsigned long>(hash & 0xffffffff));
    if (HasFirstValues(tensor.type())) {
      const auto elements = static_cast<uint32_t>(tensor.shape().elements());
      for (uint32_t i = 0; i < elements && i < kFirstValues; ++i) {
        PrintElement(file, tensor, i);
        std::fputc(' ', file);
      }
    }
    std::fputc('\n', file);
  }
}

}  // namespace midge_tool
