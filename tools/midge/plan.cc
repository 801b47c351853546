// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdio>

#include "command_line.h"
#include "commands.h"
#include "loaded_model.h"

namespace midge_tool {
namespace {

constexpr char kProgram[] = "midge plan";

constexpr char kHelp[] =
    "usage: midge plan MODEL.tflite [--stream-input] [--out PLANNED.tflite] [--svg PICTURE.svg]\n"
    "                  [--json]\n"
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
    "  --out FILE  the model with the plan in it, for Interpreter::AllocateTensorsAsPlanned();\n"
    "              other runtimes see an ordinary model. The plan fits Ops() of `midge embed`\n"
    "  --svg FILE  a picture: steps across, bytes up, one box per tensor, rings hatched\n"
    "  --json      the same figures for programs\n";

struct Numbers {
  midge::ArenaUsage device;
  midge::ArenaUsage planned;
};

void PrintGap(const HostPlan& plan) {
  if (plan.activation_bytes <= plan.bound_bytes) {
    std::printf("  the plan is optimal for its steps\n");
    return;
  }
  std::printf("  within %.1f %% of the bound\n",
              100.0 * (plan.activation_bytes - plan.bound_bytes) / plan.bound_bytes);
}

void PrintText(const LoadedModel& loaded, const HostPlan& plan, const Numbers& numbers) {
  std::printf("arena, bytes              planned on device   with this plan\n");
  const auto row = [](const char* label, uint32_t device, uint32_t planned) {
    std::printf("  %-22s %14u %16u\n", label, device, planned);
  };
  row("node records (program)", numbers.device.program_bytes, numbers.planned.program_bytes);
  row("activations, scratch", numbers.device.activation_bytes, numbers.planned.activation_bytes);
  row("while planning", numbers.device.planning_bytes, numbers.planned.planning_bytes);
  row("in all", numbers.device.total_bytes(), numbers.planned.total_bytes());
  std::printf("activations: %u bytes, lower bound %u\n", plan.activation_bytes, plan.bound_bytes);
  PrintGap(plan);

  const auto peak =
      std::max_element(plan.steps.begin(), plan.steps.end(),
                       [](const auto& a, const auto& b) { return a.bound_bytes < b.bound_bytes; });
  std::printf("\nstep  nodes    bytes alive\n");
  for (auto step = plan.steps.begin(); step != plan.steps.end(); ++step) {
    const std::string op = OpNameOf(loaded.model.node(step->first));
    const std::string nodes = step->first == step->last ? Format("%d", step->first)
                                                        : Format("%d-%d", step->first, step->last);
    std::printf("%4d  %-7s %12u  %s%s%s\n", static_cast<int>(step - plan.steps.begin()) + 1,
                nodes.c_str(), step->bound_bytes, op.c_str(),
                step->is_segment ? " ... row by row" : "", step == peak ? "  <- peak" : "");
  }

  std::printf("\n  offset    bytes  steps    what\n");
  std::vector<HostPlan::Box> boxes = plan.boxes;
  std::stable_sort(boxes.begin(), boxes.end(),
                   [](const auto& a, const auto& b) { return a.first_step < b.first_step; });
  for (const HostPlan::Box& box : boxes) {
    const std::string steps = Format("%d-%d", box.first_step, box.last_step);
    const std::string ring = box.ring_rows == 0 ? "" : Format("  ring of %d rows", box.ring_rows);
    std::printf("%8u %8u  %-7s  %s%s\n", box.offset, box.bytes, steps.c_str(), box.label.c_str(),
                ring.c_str());
  }
}

void PrintJson(const HostPlan& plan, const Numbers& numbers) {
  std::printf(
      "{\"arena_bytes\": %u, \"arena_bytes_planned_on_device\": %u, "
      "\"activation_bytes\": %u, \"bound_bytes\": %u, \"steps\": [",
      numbers.planned.total_bytes(), numbers.device.total_bytes(), plan.activation_bytes,
      plan.bound_bytes);
  const char* separator = "";
  for (const HostPlan::Step& step : plan.steps) {
    std::printf("%s{\"first_node\": %d, \"last_node\": %d, \"bytes\": %u}", separator, step.first,
                step.last, step.bound_bytes);
    separator = ", ";
  }
  std::printf("]}\n");
}

std::string EscapeXml(const std::string& text) {
  std::string result;
  for (const char c : text) {
    switch (c) {
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '&':
        result += "&amp;";
        break;
      default:
        result += static_cast<unsigned char>(c) < 0x20 ? '?' : c;
    }
  }
  return result;
}

// Steps across, bytes up.
std::string Svg(const HostPlan& plan, const std::string& title) {
  constexpr double kWidth = 1000, kHeight = 560, kLeft = 70, kTop = 40, kBottom = 40;
  const double columns = static_cast<double>(plan.steps.size()) + 2;
  const double bytes = std::max<uint32_t>(plan.activation_bytes, 1);
  const auto x = [&](int step) { return kLeft + (kWidth - kLeft - 10) * step / columns; };
  const auto y = [&](double at) { return kTop + (kHeight - kTop - kBottom) * (1 - at / bytes); };
  std::string svg = Format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %.0f %.0f\" "
      "font-family=\"sans-serif\" font-size=\"11\">\n"
      "<defs><pattern id=\"ring\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\" "
      "patternTransform=\"rotate(45)\"><rect width=\"6\" height=\"6\" fill=\"#f4b183\"/>"
      "<rect width=\"2\" height=\"6\" fill=\"#c55a11\"/></pattern></defs>\n"
      "<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>\n"
      "<text x=\"%.0f\" y=\"20\" font-size=\"14\">%s: %u bytes of activations, bound %u. Hatched: "
      "rings of rows; grey: scratch</text>\n",
      kWidth, kHeight, kLeft, EscapeXml(title).c_str(), plan.activation_bytes, plan.bound_bytes);
  for (int tick = 0; tick <= 4; ++tick) {
    const double at = bytes * tick / 4;
    svg += Format(
        "<line x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\" stroke=\"#ccc\"/>"
        "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"end\">%.0f</text>\n",
        kLeft, kWidth - 10, y(at), y(at), kLeft - 6, y(at) + 4, at);
  }
  for (const HostPlan::Box& box : plan.boxes) {
    const char* fill = box.ring_rows != 0       ? "url(#ring)"
                       : box.label == "scratch" ? "#d9d9d9"
                                                : "#9dc3e6";
    const double width = x(box.last_step + 1) - x(box.first_step);
    const double top = y(box.offset + box.bytes), height = y(box.offset) - top;
    svg += Format(
        "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"%s\" "
        "fill-opacity=\"0.75\" stroke=\"#1f3864\"><title>%s: %u bytes at %u</title></rect>\n",
        x(box.first_step), top, width, height, fill, EscapeXml(box.label).c_str(), box.bytes,
        box.offset);
    if (height > 12 && width > 40) {
      const size_t fits = static_cast<size_t>(width / 6.5);
      svg += Format("<text x=\"%.1f\" y=\"%.1f\">%s</text>\n", x(box.first_step) + 3, top + 11,
                    EscapeXml(box.label.substr(0, fits)).c_str());
    }
  }
  for (size_t s = 0; s < plan.steps.size(); ++s) {
    const HostPlan::Step& step = plan.steps[s];
    const std::string label =
        step.first == step.last ? Format("%d", step.first) : Format("%d-%d", step.first, step.last);
    svg += Format("<text x=\"%.1f\" y=\"%.1f\">%s</text>\n", x(static_cast<int>(s) + 1) + 2,
                  kHeight - kBottom + 16, label.c_str());
  }
  return svg + Format("<text x=\"%.1f\" y=\"%.1f\">nodes of each step, in time</text>\n</svg>\n",
                      kLeft, kHeight - 6);
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
  bool json = false;
  HostPlanOptions plan_options;
  const Option options[] = {{"--out", &out, nullptr},
                            {"--svg", &svg, nullptr},
                            {"--json", nullptr, &json},
                            {"--stream-input", nullptr, &plan_options.stream_input}};
  const char* path;
  bool done;
  const int parsed = ParseModelArguments(kProgram, kHelp, argc, argv, options, &path, &done);
  if (done) return parsed;
  if (path == nullptr) return FailUsage(kProgram, "no model given");

  LoadedModel loaded;
  if (const int failed = LoadModel(kProgram, path, &loaded)) return failed;
  if (!loaded.error.empty()) return Fail(kProgram, "%s: %s", path, loaded.error.c_str());
  const midge::ArenaUsage on_device = loaded.arena_usage;
  HostPlan plan;
  if (const int failed = KeepPlan(kProgram, path, plan_options, &loaded, &plan)) return failed;

  if (out != nullptr) {
    if (const int failed = WriteWhole(out, loaded.file.bytes().data(), loaded.file.bytes().size()))
      return failed;
  }
  if (svg != nullptr) {
    const std::string picture = Svg(plan, FileName(path));
    if (const int failed = WriteWhole(svg, picture.data(), picture.size())) return failed;
  }
  const Numbers numbers = {on_device, loaded.arena_usage};
  if (json) {
    PrintJson(plan, numbers);
  } else {
    PrintText(loaded, plan, numbers);
  }
  return kExitOk;
}

}  // namespace midge_tool
