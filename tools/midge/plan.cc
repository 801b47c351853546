// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdio>
#include <vector>

#include "command_line.h"
#include "commands.h"
#include "loaded_model.h"
#include "plan_picture.h"

namespace midge_tool {
namespace {

constexpr char kProgram[] = "midge plan";

constexpr char kHelp[] =
    "usage: midge plan MODEL.tflite [--stream-input] [--smallest] [--out PLANNED.tflite]\n"
    "                  [--svg PICTURE.svg] [--fast BYTES] [--json]\n"
    "\n"
    "Plans the arena as well as a host can: nodes that work row by row are run together, so that\n"
    "tensors between them shrink to rings of a few rows, and outputs reach into inputs that are "
    "no\n"
    "longer needed. Prints what the plan needs, beside the plan that a device makes for itself "
    "and\n"
    "the lower bound.\n"
    "\n"
    "  --stream-input\n"
    "              for Interpreter::InvokeRows(): the first input arrives row by row and is not "
    "in\n"
    "              the arena\n"
    "  --smallest  the least memory, even if nodes then take much longer: else a plan is some 2 %\n"
    "              slower than whole tensors at most\n"
    "  --out FILE  the model with the plan in it, for Interpreter::AllocateTensorsAsPlanned();\n"
    "              other runtimes see an ordinary model. The plan fits Ops() of `midge embed`\n"
    "  --svg FILE  a picture: steps across, bytes up, one box per tensor, rings hatched,\n"
    "              the largest step marked\n"
    "  --fast BYTES\n"
    "              also which tensors a device keeps in a fast block of that size (MemoryBlocks)\n"
    "  --json      the same figures for programs\n";

constexpr int kMapLines = 20;

std::string StepName(const midge::Model& model, const HostPlan::Step& step) {
  if (!step.is_segment) return Format("%d ", step.first) + OpNameOf(model.node(step.first));
  return Format("%d to %d, row by row, ", step.first, step.last) +
         OpNameOf(model.node(step.first)) + " to " + OpNameOf(model.node(step.last));
}

struct Numbers {
  midge::ArenaUsage device, streamed;
  midge::ArenaUsage planned;
};

// What of the peak is of which kind.
void PrintPeak(const LoadedModel& loaded, const HostPlan& plan) {
  const int peak = PeakStep(plan);
  if (peak < 0) return;
  uint32_t tensors = 0, rings = 0, scratch = 0;
  for (const HostPlan::Box& box : plan.boxes) {
    if (box.first_step > peak + 1 || box.last_step < peak + 1) continue;
    (box.tensor < 0 ? scratch : box.ring_rows != 0 ? rings : tensors) += box.bytes;
  }
  const HostPlan::Step& step = plan.steps[static_cast<size_t>(peak)];
  std::printf("peak: step %d, %s: tensors %u, rings %u, scratch %u; %u at once\n", peak + 1,
              StepName(loaded.model, step).c_str(), tensors, rings, scratch, step.bound_bytes);
}

void PrintText(const LoadedModel& loaded, const HostPlan& plan, const Numbers& numbers) {
  std::printf("arena, bytes              planned on device     kStreamRows   with this plan\n");
  const auto row = [&](const char* label, auto bytes) {
    std::printf("  %-22s %14u %17u %16u\n", label, bytes(numbers.device), bytes(numbers.streamed),
                bytes(numbers.planned));
  };
  using Usage = midge::ArenaUsage;
  row("node records (program)", [](const Usage& usage) { return usage.program_bytes; });
  row("activations, scratch", [](const Usage& usage) { return usage.activation_bytes; });
  row("while planning", [](const Usage& usage) { return usage.planning_bytes; });
  row("in all", [](const Usage& usage) { return usage.total_bytes(); });
  std::printf("activations: %u bytes, lower bound %u: ", plan.activation_bytes, plan.bound_bytes);
  if (plan.activation_bytes <= plan.bound_bytes) {
    std::printf("optimal\n");
  } else {
    std::printf("within %.1f %% of the bound\n",
                100.0 * (plan.activation_bytes - plan.bound_bytes) / plan.bound_bytes);
  }
  PrintPeak(loaded, plan);

  std::printf("\nstep  bytes alive  nodes\n");
  for (size_t s = 0; s < plan.steps.size(); ++s) {
    std::printf("%4zu %12u  %s%s\n", s + 1, plan.steps[s].bound_bytes,
                StepName(loaded.model, plan.steps[s]).c_str(),
                static_cast<int>(s) == PeakStep(plan) ? "  <- peak" : "");
  }

  std::printf("\n   bytes  steps, from when inputs are written; *: written over its input\n%s",
              PlanMap(plan, kMapLines).c_str());
  std::printf("\n      offset    bytes  steps    what\n");
  for (size_t i = 0; i < plan.boxes.size(); ++i) {
    const HostPlan::Box& box = plan.boxes[i];
    const std::string steps = Format("%d-%d", box.first_step, box.last_step);
    const std::string ring = box.ring_rows == 0 ? "" : Format(", ring of %d rows", box.ring_rows);
    const std::string name = box.tensor < 0 ? "" : "  " + box.label;
    std::printf("  %c %8u %8u  %-7s  %s%s%s\n", BoxLetter(i), box.offset, box.bytes, steps.c_str(),
                BoxName(loaded.model, box).c_str(), ring.c_str(), name.c_str());
  }
}

void PrintJson(const HostPlan& plan, const Numbers& numbers) {
  std::printf(
      "{\"arena_bytes\": %u, \"arena_bytes_planned_on_device\": %u, "
      "\"arena_bytes_streamed_on_device\": %u, \"activation_bytes\": %u, \"bound_bytes\": %u, "
      "\"steps\": [",
      numbers.planned.total_bytes(), numbers.device.total_bytes(), numbers.streamed.total_bytes(),
      plan.activation_bytes, plan.bound_bytes);
  const char* separator = "";
  for (const HostPlan::Step& step : plan.steps) {
    std::printf("%s{\"first_node\": %d, \"last_node\": %d, \"bytes\": %u}", separator, step.first,
                step.last, step.bound_bytes);
    separator = ", ";
  }
  std::printf("]}\n");
}

// Memory at a multiple of kArenaAlignment.
class Memory {
 public:
  explicit Memory(size_t size) : bytes_(size + midge::kArenaAlignment), size_(size) {}
  midge::Span<uint8_t> span() {
    uint8_t* begin = bytes_.data();
    while (reinterpret_cast<uintptr_t>(begin) % midge::kArenaAlignment != 0) ++begin;
    return {begin, size_};
  }

 private:
  std::vector<uint8_t> bytes_;
  size_t size_;
};

// What a device puts where if it has a fast block.
int PrintFast(const char* path, const LoadedModel& loaded, const midge::ArenaUsage& without,
              size_t fast_bytes) {
  // Placed in two blocks tensors may need more than in one.
  Memory arena(2 * size_t{without.total_bytes()} + 65536), fast(fast_bytes);
  const UsedOpResolver ops(loaded.model);
  midge::Interpreter planned(loaded.model.bytes(), ops.view(),
                             midge::MemoryBlocks(arena.span(), {}, fast.span()));
  if (!planned.AllocateTensors().ok()) {
    return Fail(kProgram, "%s: cannot be planned for two blocks", path);
  }
  const midge::ArenaUsage usage = planned.arena_usage();
  std::printf("\nwith a fast block of %zu bytes: %u of them used, arena %u\n", fast_bytes,
              usage.fast_bytes, usage.total_bytes());
  std::printf("  where      bytes  tensor\n");
  for (int t = 0; t < loaded.model.tensor_count(); ++t) {
    const midge::Region region = planned.region(t);
    if (region != midge::Region::kFast && region != midge::Region::kActivations) continue;
    const midge::Span<const char> name = loaded.model.tensor_name(t);
    std::printf("  %-5s %10u  %d %.*s\n", region == midge::Region::kFast ? "fast" : "arena",
                loaded.model.tensor(t).size_bytes(), t, static_cast<int>(name.size()), name.data());
  }
  return kExitOk;
}

int WriteWhole(const char* path, const void* data, size_t size) {
  OutputFile file;
  if (const int failed = file.Open(kProgram, path)) return failed;
  std::fwrite(data, 1, size, file.file());
  return file.Commit(kProgram);
}

}  // namespace

int Plan(int argc, char** argv) {
  const char* out = nullptr;
  const char* svg = nullptr;
  const char* fast = nullptr;
  bool json = false;
  HostPlanOptions plan_options;
  const Option options[] = {{"--out", &out, nullptr},
                            {"--svg", &svg, nullptr},
                            {"--fast", &fast, nullptr},
                            {"--json", nullptr, &json},
                            {"--smallest", nullptr, &plan_options.smallest},
                            {"--stream-input", nullptr, &plan_options.stream_input}};
  const char* path;
  bool done;
  const int parsed = ParseModelArguments(kProgram, kHelp, argc, argv, options, &path, &done);
  if (done) return parsed;
  if (path == nullptr) return FailUsage(kProgram, "no model given");

  unsigned long fast_bytes = 0;
  if (fast != nullptr) {
    constexpr unsigned long kMostFast = 1ul << 24;
    if (const int failed = ParseNumber(kProgram, "--fast", fast, kMostFast, &fast_bytes)) {
      return failed;
    }
  }
  LoadedModel loaded;
  if (const int failed = LoadModel(kProgram, path, &loaded)) return failed;
  if (!loaded.error.empty()) return Fail(kProgram, "%s: %s", path, loaded.error.c_str());
  const midge::ArenaUsage on_device = loaded.arena_usage, streamed = StreamedUsage(loaded);
  HostPlan plan;
  if (const int failed = KeepPlan(kProgram, path, plan_options, &loaded, &plan)) return failed;

  if (out != nullptr) {
    if (const int failed = WriteWhole(out, loaded.file.bytes().data(), loaded.file.bytes().size()))
      return failed;
  }
  if (svg != nullptr) {
    const std::string picture = PlanSvg(loaded.model, plan, FileName(path));
    if (const int failed = WriteWhole(svg, picture.data(), picture.size())) return failed;
  }
  const Numbers numbers = {on_device, streamed, loaded.arena_usage};
  if (json) {
    PrintJson(plan, numbers);
  } else {
    PrintText(loaded, plan, numbers);
    if (fast != nullptr) return PrintFast(path, loaded, on_device, fast_bytes);
  }
  return kExitOk;
}

}  // namespace midge_tool
