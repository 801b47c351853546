// SPDX-License-Identifier: Apache-2.0
//
// src/model/structure.h against flatbuffers::Verifier: the same verdict on whatever bytes.
#include "model/structure.h"

#include <cstring>
#include <vector>

#include "model/option_fields.h"
#include "model/schema.h"
#include "tests/support/model_builder.h"
#include "tests/support/test.h"

namespace midge {
namespace {

using internal::FieldsOf;
using midge_test::ModelBuilder;

class Random {
 public:
  explicit Random(uint32_t seed) : state_(seed) {}
  uint32_t Below(uint32_t n) {
    state_ = state_ * 1664525 + 1013904223;
    return (state_ >> 8) % n;
  }

 private:
  uint32_t state_;
};

bool Accepts(Span<const uint8_t> bytes) { return internal::VerifyModel(bytes) == StatusCode::kOk; }
bool FlatBuffersAccepts(Span<const uint8_t> bytes) {
  return flatbuffers::Verifier(bytes.data(), bytes.size(), 16, kMaxTables)
      .VerifyBuffer<schema::Model>(nullptr);
}

// Every byte set to every one of some values: all counts, offsets and types.
void CheckChanges(Span<const uint8_t> bytes, size_t stride) {
  std::vector<uint64_t> copy((bytes.size() + 7) / 8);
  auto* const data = reinterpret_cast<uint8_t*>(copy.data());
  std::memcpy(data, bytes.data(), bytes.size());
  EXPECT_TRUE(Accepts({data, bytes.size()}));
  int accepted = 0, refused = 0;
  for (size_t i = 0; i < bytes.size(); i += stride) {
    const uint8_t original = data[i];
    for (const int change : {1, -1, 2, 4, -4, 8, 16, 64, 0x7f, 0x80}) {
      data[i] = static_cast<uint8_t>(original + change);
      const bool expected = FlatBuffersAccepts({data, bytes.size()});
      ++(expected ? accepted : refused);
      EXPECT_EQ(Accepts({data, bytes.size()}), expected);
    }
    data[i] = original;
  }
  EXPECT_TRUE(accepted > 100);
  EXPECT_TRUE(refused > 100);
  for (size_t size = 0; size < bytes.size(); size += stride) {
    EXPECT_EQ(Accepts({data, size}), size >= 8 && FlatBuffersAccepts({data, size}));
  }
}

struct Everything : ModelBuilder {
  Everything() {
    inputs = {Activation({1, 4})};
    outputs = {Activation({1, 4})};
    Constant({2, 2}, {1, 2, 3, 4});
    Custom("copy", {0, 2}, {1});
  }
};

TEST(Structure, ModelsWithAByteChanged) {
  Everything everything;
  CheckChanges(everything.Finish(), 1);
}

// Of tables that are shared each use counts.
TEST(Structure, TablesAreCounted) {
  const auto check = [](size_t tensor_count, size_t graph_count, StatusCode expected) {
    flatbuffers::FlatBufferBuilder fbb;
    const std::vector<flatbuffers::Offset<schema::Tensor>> tensors(tensor_count,
                                                                   schema::CreateTensor(fbb));
    const auto tensor_vector = fbb.CreateVector(tensors);
    const std::vector<flatbuffers::Offset<schema::SubGraph>> graphs(
        graph_count, schema::CreateSubGraph(fbb, tensor_vector));
    const auto graph_vector = fbb.CreateVector(graphs);
    fbb.Finish(schema::CreateModel(fbb, 3, 0, graph_vector), schema::ModelIdentifier());
    const Span<const uint8_t> bytes = {fbb.GetBufferPointer(), fbb.GetSize()};
    EXPECT_TRUE(internal::VerifyModel(bytes) == expected);
    EXPECT_EQ(FlatBuffersAccepts(bytes), expected == StatusCode::kOk);
  };
  // With the model's own: 2^20 - 1 = 1025 * 1023.
  check(1022, 1025, StatusCode::kOk);
  check(1023, 1024, StatusCode::kTooLarge);
}

// A table whose fields lie anywhere in the file or outside, at any alignment.
template <typename Table>
void CheckOptions(Random& random) {
  static_assert(FieldsOf<Table>::kKnown);
  int accepted = 0, refused = 0;
  for (int i = 0; i < 4000; ++i) {
    alignas(8) uint8_t bytes[128] = {};
    // Scalars and counts that are small, so that vectors may end inside.
    for (uint8_t& byte : bytes)
      byte = random.Below(4) == 0 ? static_cast<uint8_t>(random.Below(24)) : 0;
    const uint32_t at = 64 + 4 * random.Below(12), vtable = 2 * random.Below(16);
    const auto fields = static_cast<uint16_t>(random.Below(16));
    const auto write16 = [&](uint32_t to, uint32_t value) {
      const auto half = static_cast<uint16_t>(value);
      std::memcpy(bytes + to, &half, sizeof half);
    };
    const uint32_t back = at - vtable;
    std::memcpy(bytes + at, &back, sizeof back);
    write16(vtable, 4u + 2u * fields + (random.Below(40) == 0 ? random.Below(100) : 0));
    const uint32_t most = random.Below(4) == 0 ? 80 : 16;
    for (uint32_t f = 0; f < fields; ++f) {
      const uint32_t any =
          4 * random.Below(most / 4) + (random.Below(8) == 0 ? random.Below(4) : 0);
      write16(vtable + 4 + 2 * f, random.Below(3) == 0 ? 0 : any);
    }
    const size_t size = 128 - random.Below(32);
    flatbuffers::Verifier verifier(bytes, size);
    const bool expected = reinterpret_cast<const Table*>(bytes + at)->Verify(verifier);
    ++(expected ? accepted : refused);
    EXPECT_EQ(internal::VerifyOptions({bytes, size}, bytes + at, FieldsOf<Table>::kFields),
              expected);
  }
  EXPECT_TRUE(accepted > 20);
  EXPECT_TRUE(refused > 20);
}

TEST(Structure, Options) {
  Random random(1);
  CheckOptions<schema::Conv2DOptions>(random);
  CheckOptions<schema::DepthwiseConv2DOptions>(random);
  CheckOptions<schema::TransposeConvOptions>(random);
  CheckOptions<schema::FullyConnectedOptions>(random);
  CheckOptions<schema::BatchMatMulOptions>(random);
  CheckOptions<schema::Pool2DOptions>(random);
  CheckOptions<schema::SoftmaxOptions>(random);
  CheckOptions<schema::LeakyReluOptions>(random);
  CheckOptions<schema::GeluOptions>(random);
  CheckOptions<schema::L2NormOptions>(random);
  CheckOptions<schema::AddOptions>(random);
  CheckOptions<schema::SubOptions>(random);
  CheckOptions<schema::MulOptions>(random);
  CheckOptions<schema::DivOptions>(random);
  CheckOptions<schema::ReducerOptions>(random);
  CheckOptions<schema::ArgMaxOptions>(random);
  CheckOptions<schema::ArgMinOptions>(random);
  CheckOptions<schema::CumsumOptions>(random);
  CheckOptions<schema::SVDFOptions>(random);
  CheckOptions<schema::LSTMOptions>(random);
  CheckOptions<schema::UnidirectionalSequenceLSTMOptions>(random);
  CheckOptions<schema::ReshapeOptions>(random);
  CheckOptions<schema::SqueezeOptions>(random);
  CheckOptions<schema::ShapeOptions>(random);
  CheckOptions<schema::PackOptions>(random);
  CheckOptions<schema::UnpackOptions>(random);
  CheckOptions<schema::SplitOptions>(random);
  CheckOptions<schema::SplitVOptions>(random);
  CheckOptions<schema::ConcatenationOptions>(random);
  CheckOptions<schema::StridedSliceOptions>(random);
  CheckOptions<schema::MirrorPadOptions>(random);
  CheckOptions<schema::GatherOptions>(random);
  CheckOptions<schema::OneHotOptions>(random);
  CheckOptions<schema::SpaceToDepthOptions>(random);
  CheckOptions<schema::DepthToSpaceOptions>(random);
  CheckOptions<schema::ResizeBilinearOptions>(random);
  CheckOptions<schema::ResizeNearestNeighborOptions>(random);
  CheckOptions<schema::CastOptions>(random);
  CheckOptions<schema::VarHandleOptions>(random);
  CheckOptions<schema::IfOptions>(random);
  CheckOptions<schema::WhileOptions>(random);
  CheckOptions<schema::CallOnceOptions>(random);
}

}  // namespace
}  // namespace midge
