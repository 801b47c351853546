// SPDX-License-Identifier: Apache-2.0
//
// Float16 weights: read as they are wherever that is possible, and right where it is not.
#include "kernels/float16.h"

#include <cstring>
#include <vector>

#include "midge/all_ops.h"
#include "midge/midge.h"
#include "tests/support/model_builder.h"
#include "tests/support/test.h"

namespace midge {
namespace {

using midge_test::ModelBuilder;

TEST(Float16, EveryNumber) {
  for (uint32_t half = 0; half < 0x10000; ++half) {
    const int32_t exponent = static_cast<int32_t>(half >> 10 & 31);
    const int32_t fraction = static_cast<int32_t>(half & 1023);
    if (exponent == 31) continue;
    float expected = static_cast<float>(exponent == 0 ? fraction : fraction + 1024);
    for (int32_t e = exponent == 0 ? 1 : exponent; e < 25; ++e) expected /= 2;
    for (int32_t e = exponent; e > 25; --e) expected *= 2;
    if ((half & 0x8000) != 0) expected = -expected;
    EXPECT_EQ(Float16ToFloat32(static_cast<uint16_t>(half)), expected);
  }
  EXPECT_TRUE(Float16ToFloat32(0x7c00) > 3.4e38f);
  EXPECT_TRUE(Float16ToFloat32(0xfc00) < -3.4e38f);
  EXPECT_TRUE(Float16ToFloat32(0x7e00) != Float16ToFloat32(0x7e00));
}

constexpr int kDepth = 64, kUnits = 16;
constexpr uint16_t kHalf = 0x3800;  // 0.5

// FULLY_CONNECTED with weights of 0.5 behind a DEQUANTIZE.
struct Network : ModelBuilder {
  int weights;  // dequantized
  Network() {
    std::vector<uint8_t> bytes(kDepth * kUnits * 2);
    for (size_t i = 0; i < bytes.size(); i += 2) std::memcpy(&bytes[i], &kHalf, 2);
    const int x = Activation({1, kDepth}, TensorType::kFloat32);
    const int halves = Constant({kUnits, kDepth}, bytes, TensorType::kFloat16);
    weights = Activation({kUnits, kDepth}, TensorType::kFloat32);
    const int y = Activation({1, kUnits}, TensorType::kFloat32);
    inputs = {x};
    outputs = {y};
    Node(BuiltinOp::kDequantize, {halves}, {weights});
    NodeSpec& layer = Node(BuiltinOp::kFullyConnected, {x, weights}, {y});
    layer.options_type = schema::OptionsType::FullyConnectedOptions;
    layer.options = schema::CreateFullyConnectedOptions(fbb).Union();
  }
};

alignas(16) uint8_t arena[16384];

void ExpectRuns(ModelBuilder& builder, size_t* arena_bytes) {
  Interpreter interpreter(builder.Finish(), kAllOps, arena);
  EXPECT_TRUE(interpreter.AllocateTensors().ok());
  for (float& x : interpreter.input(0).data<float>()) x = 0.25f;
  EXPECT_TRUE(interpreter.Invoke().ok());
  for (const float y : interpreter.output(0).data<const float>()) {
    EXPECT_EQ(y, 0.25f * 0.5f * kDepth);
  }
  *arena_bytes = interpreter.arena_used_bytes();
}

TEST(Float16, WeightsTakeNoMemory) {
  Network network;
  size_t bytes;
  ExpectRuns(network, &bytes);
  EXPECT_TRUE(bytes < 1024);
}

TEST(Float16, TheTensorThatIsNotMadeIsSeenAsItsConstant) {
  Network network;
  Interpreter interpreter(network.Finish(), kAllOps, arena);
  EXPECT_TRUE(interpreter.AllocateTensors().ok());
  const TensorView view = interpreter.tensor(network.weights);
  EXPECT_TRUE(view.type() == TensorType::kFloat16 && view.is_constant());
  EXPECT_EQ(view.bytes().size(), size_t{kDepth} * kUnits * 2);
}

TEST(Float16, WeightsAreMadeForOtherReaders) {
  Network network;
  network.outputs.push_back(network.weights);
  size_t bytes;
  ExpectRuns(network, &bytes);
  EXPECT_TRUE(bytes > size_t{kDepth} * kUnits * 4);
}

}  // namespace
}  // namespace midge
