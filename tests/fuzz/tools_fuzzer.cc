// SPDX-License-Identifier: Apache-2.0
//
// libFuzzer: any bytes as the file that the host tool inspects, plans and embeds. What the planner
// makes of a model must be accepted by the runtime, and give the bytes of the plain model.
#include <cstdlib>
#include <cstring>
#include <vector>

#include "midge/all_ops.h"
#include "midge/interpreter.h"
#include "plan_file.h"

namespace {

using midge::Interpreter;
using midge::Span;

constexpr uint32_t kArenaBytes = 32768;

void FillInputs(const Interpreter& interpreter) {
  for (int i = 0; i < interpreter.input_count(); ++i) {
    const Span<uint8_t> bytes = interpreter.input(i).mutable_bytes();
    for (size_t k = 0; k < bytes.size(); ++k) bytes.data()[k] = static_cast<uint8_t>(k * 37);
  }
}

std::vector<uint8_t> OutputsOf(const Interpreter& interpreter) {
  std::vector<uint8_t> all;
  for (int i = 0; i < interpreter.output_count(); ++i) {
    const Span<const uint8_t> bytes = interpreter.output(i).bytes();
    all.insert(all.end(), bytes.begin(), bytes.end());
  }
  return all;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size_bytes) {
  alignas(16) static uint8_t arena[kArenaBytes], planned_arena[kArenaBytes];
  auto* const bytes =
      static_cast<uint8_t*>(std::aligned_alloc(16, (size_bytes + 16) & ~size_t{15}));
  std::memcpy(bytes, data, size_bytes);
  const midge::Result<midge::Model> model = midge::Model::Verify({bytes, size_bytes});
  if (model.ok()) {
    Interpreter plain(*model, midge::kAllOps, arena);
    if (plain.AllocateTensors().ok()) {
      std::vector<uint8_t> file;
      midge_tool::HostPlan plan;
      const midge::Status made =
          midge_tool::MakePlannedFile(*model, midge::kAllOps, {}, &file, &plan);
      if (made.ok() && plan.activation_bytes <= kArenaBytes) {
        auto* const planned_bytes =
            static_cast<uint8_t*>(std::aligned_alloc(16, (file.size() + 15) & ~size_t{15}));
        std::memcpy(planned_bytes, file.data(), file.size());
        Interpreter planned({planned_bytes, file.size()}, midge::kAllOps, planned_arena);
        if (!planned.AllocateTensorsAsPlanned().ok()) std::abort();
        FillInputs(plain);
        FillInputs(planned);
        // What a node writes whose indices are out of range is undefined.
        const bool runs = plain.Invoke().ok();
        if (runs != planned.Invoke().ok()) std::abort();
        if (runs && OutputsOf(plain) != OutputsOf(planned)) std::abort();
        std::free(planned_bytes);
      }
    }
  }
  std::free(bytes);
  return 0;
}
