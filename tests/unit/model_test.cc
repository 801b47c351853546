// SPDX-License-Identifier: Apache-2.0
//
// Model::Verify: one test per rule, and no byte or length that takes it outside its buffer (the
// sanitizer lane watches).
#include <string>

#include "midge/midge.h"
#include "tests/support/model_builder.h"
#include "tests/support/test.h"

namespace midge {
namespace {

using midge_test::ModelBuilder;

// x [4] -> custom "copy" -> y [4], and a constant.
struct Small : ModelBuilder {
  Small() {
    inputs = {Activation({4})};
    outputs = {Activation({4})};
    Constant({2, 2}, {1, 2, 3, 4});
    Custom("copy", {0, 2}, {1});
  }
};

Status VerifyStatus(ModelBuilder& builder) { return Model::Verify(builder.Finish()).status(); }

TEST(Model, ReadsWhatIsThere) {
  Small small;
  const Result<Model> model = Model::Verify(small.Finish());
  EXPECT_TRUE(model.ok());
  EXPECT_EQ(model->tensor_count(), 3);
  EXPECT_EQ(model->node_count(), 1);
  EXPECT_EQ(model->inputs().size(), size_t{1});
  const TensorView constant = model->tensor(2);
  EXPECT_TRUE(constant.is_constant());
  EXPECT_EQ(constant.size_bytes(), 4u);
  EXPECT_EQ(constant.data<const int8_t>()[3], 4);
  EXPECT_TRUE(constant.data<int8_t>().empty());       // flash is not to be written
  EXPECT_TRUE(constant.data<const float>().empty());  // another type
  EXPECT_TRUE(!model->tensor(0).is_constant());
  const NodeView node = model->node(0);
  EXPECT_TRUE(node.code == BuiltinOp::kCustom);
  EXPECT_TRUE(std::string(node.custom_name.data(), node.custom_name.size()) == "copy");
}

TEST(Model, RefusesWhatIsNoModel) {
  const uint8_t zeros[64] = {};
  EXPECT_TRUE(Model::Verify(zeros).status().code() == StatusCode::kNotAModel);
  EXPECT_TRUE(Model::Verify({}).status().code() == StatusCode::kNotAModel);
  Small small;
  const Span<const uint8_t> bytes = small.Finish();
  EXPECT_TRUE(Model::Verify({bytes.data(), 7}).status().code() == StatusCode::kNotAModel);
}

TEST(Model, RefusesAMisalignedModel) {
  Small small;
  const Span<const uint8_t> bytes = small.Finish();
  std::vector<uint8_t> copy(bytes.size() + 16);
  uint8_t* odd = copy.data();
  while (reinterpret_cast<uintptr_t>(odd) % 4 != 1) ++odd;
  std::memcpy(odd, bytes.data(), bytes.size());
  EXPECT_TRUE(Model::Verify({odd, bytes.size()}).status().code() == StatusCode::kModelMisaligned);
}

TEST(Model, RefusesAnotherSchemaVersion) {
  Small small;
  small.version = 2;
  EXPECT_TRUE(VerifyStatus(small).code() == StatusCode::kUnsupportedSchemaVersion);
}

TEST(Model, RefusesIndicesOutOfRange) {
  {
    Small small;
    small.tensors[1].buffer = 99;
    EXPECT_TRUE(VerifyStatus(small) == Status::AtTensor(StatusCode::kBadIndex, 1));
  }
  {
    Small small;
    small.nodes[0].inputs[1] = 3;
    EXPECT_TRUE(VerifyStatus(small) == Status(StatusCode::kBadIndex, 0, Operand::Input(1)));
  }
  {
    Small small;
    small.nodes[0].inputs[1] = -2;
    EXPECT_TRUE(VerifyStatus(small) == Status(StatusCode::kBadIndex, 0, Operand::Input(1)));
  }
  {
    Small small;
    small.nodes[0].outputs[0] = -1;  // only inputs may be absent
    EXPECT_TRUE(VerifyStatus(small) == Status(StatusCode::kBadIndex, 0, Operand::Output(0)));
  }
  {
    Small small;
    small.nodes[0].opcode_index = 1;
    EXPECT_TRUE(VerifyStatus(small) == Status(StatusCode::kBadIndex, 0, Operand::None()));
  }
  {
    Small small;
    small.outputs = {17};
    EXPECT_TRUE(VerifyStatus(small).code() == StatusCode::kBadIndex);
  }
}

TEST(Model, RefusesShapesThatAreNegativeOrOverflow) {
  {
    Small small;
    small.tensors[0].shape = {-1, 4};
    EXPECT_TRUE(VerifyStatus(small) == Status::AtTensor(StatusCode::kBadShape, 0));
  }
  {
    Small small;
    small.tensors[0].shape = {65536, 65536, 65536};
    EXPECT_TRUE(VerifyStatus(small) == Status::AtTensor(StatusCode::kTooLarge, 0));
  }
  {
    // The product is a small number modulo 2^32 and modulo 2^64.
    Small small;
    small.tensors[0].shape = {0x40000000, 0x40000000, 16, 4};
    EXPECT_TRUE(VerifyStatus(small) == Status::AtTensor(StatusCode::kTooLarge, 0));
  }
  {
    Small small;
    small.tensors[0].shape = {0x40000000, 0x40000000, 0};  // empty, but not so some of its sides
    EXPECT_TRUE(VerifyStatus(small) == Status::AtTensor(StatusCode::kTooLarge, 0));
  }
}

TEST(Model, RefusesConstantsOfTheWrongLength) {
  for (const size_t length : {size_t{3}, size_t{5}}) {
    Small small;
    small.tensors[2].data.resize(length);
    EXPECT_TRUE(VerifyStatus(small) == Status::AtTensor(StatusCode::kBadBufferSize, 2));
  }
}

TEST(Model, EveryTruncationIsRefused) {
  Small small;
  const Span<const uint8_t> bytes = small.Finish();
  for (size_t length = 0; length < bytes.size(); ++length) {
    // A copy of exactly this length, so that the sanitizer sees any read behind it.
    std::vector<uint32_t> copy((length + 3) / 4);
    if (length != 0) std::memcpy(copy.data(), bytes.data(), length);
    const auto* data = reinterpret_cast<const uint8_t*>(copy.data());
    EXPECT_TRUE(!Model::Verify({data, length}).ok());
  }
}

TEST(Model, AnyByteChangedIsRefusedOrReadable) {
  Small small;
  const Span<const uint8_t> bytes = small.Finish();
  std::vector<uint32_t> copy((bytes.size() + 3) / 4);
  auto* const data = reinterpret_cast<uint8_t*>(copy.data());
  int accepted = 0;
  uint32_t sum = 0;
  for (size_t i = 0; i < bytes.size(); ++i) {
    for (const int value : {0x00, 0x01, 0x7f, 0x80, 0xff}) {
      std::memcpy(data, bytes.data(), bytes.size());
      data[i] = static_cast<uint8_t>(value);
      const Result<Model> model = Model::Verify({data, bytes.size()});
      if (!model.ok()) continue;
      ++accepted;
      // Whatever was accepted can be read to the last byte.
      for (int t = 0; t < model->tensor_count(); ++t) {
        for (const uint8_t byte : model->tensor(t).bytes()) sum += byte;
        for (const float scale : model->tensor(t).quantization().scales()) sum += scale > 0;
        for (const char c : model->tensor_name(t)) sum += static_cast<uint32_t>(c);
      }
      for (int n = 0; n < model->node_count(); ++n) {
        const NodeView node = model->node(n);
        for (const int32_t t : node.inputs) sum += static_cast<uint32_t>(t);
        for (const char c : node.custom_name) sum += static_cast<uint32_t>(c);
      }
    }
  }
  EXPECT_TRUE(accepted > 0);
  EXPECT_TRUE(sum != 0);  // keeps the reads
}

}  // namespace
}  // namespace midge
