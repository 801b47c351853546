// SPDX-License-Identifier: Apache-2.0
#include "plan_picture.h"

#include <algorithm>
#include <vector>

#include "loaded_model.h"

namespace midge_tool {
namespace {

using midge::Model;

// The node that makes a tensor, -1 if none does.
int MakerOf(const Model& model, int tensor) {
  for (int n = 0; n < model.node_count(); ++n) {
    for (const int32_t t : model.node(n).outputs) {
      if (t == tensor) return n;
    }
  }
  return -1;
}

std::string Sides(const midge::Shape& shape) {
  std::string text;
  // The leading 1 of one image says nothing.
  for (int i = shape.rank() > 1 && shape[0] == 1 ? 1 : 0; i < shape.rank(); ++i) {
    text += Format(text.empty() ? "%d" : "x%d", shape[i]);
  }
  return text;
}

// Who makes it; its shape.
std::vector<std::string> NameLines(const Model& model, const HostPlan::Box& box) {
  if (box.tensor < 0) return {"scratch"};
  const int maker = MakerOf(model, box.tensor);
  std::string who = model.is_variable(box.tensor) ? "variable" : "input";
  if (maker >= 0) who = Format("%d ", maker) + OpNameOf(model.node(maker));
  return {who, Sides(model.tensor_shape(box.tensor))};
}

int RowsOf(const Model& model, const HostPlan::Box& box) {
  return midge::RowGeometry::Of(model.tensor_shape(box.tensor)).count;
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

constexpr const char* kColors[] = {"#9dc3e6", "#a9d18e", "#ffd966",
                                   "#b4a7d6", "#8fd3c7", "#f4b6c2"};
constexpr char kScratchColor[] = "#d0d0d0";

// One drawing, from its measures.
class Svg {
 public:
  Svg(const Model& model, const HostPlan& plan)
      : model_(model),
        plan_(plan),
        columns_(static_cast<int>(plan.steps.size()) + 2),
        bytes_(std::max<uint32_t>(plan.activation_bytes, 1)) {}

  std::string Draw(const std::string& title) {
    out_ = Format(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %.0f %.0f\" "
        "font-family=\"sans-serif\" font-size=\"10\">\n"
        "<defs><pattern id=\"ring\" width=\"7\" height=\"7\" patternUnits=\"userSpaceOnUse\" "
        "patternTransform=\"rotate(45)\"><rect width=\"3\" height=\"7\" "
        "fill=\"#c55a11\"/></pattern>"
        "</defs>\n<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>\n",
        kWidth, kHeight);
    Heading(title);
    Grid();
    for (size_t i = 0; i < plan_.boxes.size(); ++i) Box(plan_.boxes[i], i);
    for (const HostPlan::Box& box : plan_.boxes) Label(box);
    Bound();
    return out_ + "</svg>\n";
  }

 private:
  static constexpr double kWidth = 1280, kHeight = 720, kLeft = 70, kRight = 60, kTop = 76,
                          kBottom = 150, kCharacter = 6.3, kLine = 12;

  // Columns of segments are wider: more is in them.
  double X(int step) const {
    double before = 0, all = 0;
    for (int c = 0; c < columns_; ++c) {
      const auto s = static_cast<size_t>(c - 1);
      const double weight = c > 0 && s < plan_.steps.size() && plan_.steps[s].is_segment ? 2.5 : 1;
      if (c < step) before += weight;
      all += weight;
    }
    return kLeft + (kWidth - kLeft - kRight) * before / all;
  }
  double Y(double at) const { return kTop + (kHeight - kTop - kBottom) * (1 - at / bytes_); }

  void Text(double x, double y, const std::string& text, const char* more = "") {
    out_ += Format("<text x=\"%.1f\" y=\"%.1f\" %s>", x, y, more) + EscapeXml(text) + "</text>\n";
  }
  void Rectangle(double x, double y, double width, double height, const std::string& style) {
    out_ +=
        Format("<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" ", x, y, width, height) +
        style + "/>\n";
  }

  void Heading(const std::string& title) {
    const bool optimal = plan_.activation_bytes <= plan_.bound_bytes;
    const double over = optimal ? 0
                                : 100.0 * (plan_.activation_bytes - plan_.bound_bytes) /
                                      std::max<uint32_t>(plan_.bound_bytes, 1);
    Text(kLeft, 24,
         title + Format(": %u bytes of activations and scratch, ", plan_.activation_bytes) +
             (optimal ? "optimal" : Format("within %.1f %% of the bound", over)),
         "font-size=\"16\"");
    double x = kLeft;
    const auto legend = [&](const char* text, const char* style) {
      Rectangle(x, 38, 22, 13, style);
      Text(x + 28, 49, text, "font-size=\"12\"");
      x += 48 + 6.4 * static_cast<double>(std::string(text).size());
    };
    const std::string tensor = Format("fill=\"%s\" stroke=\"#1f3864\"", kColors[0]);
    legend("a tensor, as long as it is needed", tensor.c_str());
    legend("a ring: only the rows in use", "fill=\"url(#ring)\" stroke=\"#1f3864\"");
    legend("scratch of a step", Format("fill=\"%s\" stroke=\"#1f3864\"", kScratchColor).c_str());
    legend("the step that needs the most", "fill=\"#fde2e2\"");
    Text(kLeft, 66,
         "Where boxes overlap, an output is written over rows of an input that is not needed any "
         "more.",
         "fill=\"#555\"");
  }

  void Grid() {
    const int peak = PeakStep(plan_);
    if (peak >= 0) {
      Rectangle(X(peak + 1), kTop, X(peak + 2) - X(peak + 1), kHeight - kTop - kBottom,
                "fill=\"#fde2e2\"");
      Text((X(peak + 1) + X(peak + 2)) / 2, kTop - 3, "peak",
           "text-anchor=\"middle\" fill=\"#c00000\"");
    }
    for (int tick = 0; tick <= 4; ++tick) {
      const double at = static_cast<double>(bytes_) * tick / 4;
      out_ += Format("<line x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\" stroke=\"#ccc\"/>\n",
                     kLeft, kWidth - kRight, Y(at), Y(at));
      Text(kLeft - 6, Y(at) + 4, Format("%.0f", at), "text-anchor=\"end\"");
    }
    const auto column = [&](int step, const std::string& name) {
      const double x = (X(step) + X(step + 1)) / 2, y = kHeight - kBottom + 12;
      Text(x, y, name,
           Format("text-anchor=\"end\" transform=\"rotate(-60 %.1f %.1f)\"", x, y).c_str());
    };
    column(0, "input is written");
    for (size_t s = 0; s < plan_.steps.size(); ++s) {
      const HostPlan::Step& step = plan_.steps[s];
      const std::string op = OpNameOf(model_.node(step.first));
      column(static_cast<int>(s) + 1, !step.is_segment
                                          ? Format("%d ", step.first) + op
                                          : Format("%d to %d, row by row", step.first, step.last));
    }
    column(columns_ - 1, "output is read");
  }

  void Box(const HostPlan::Box& box, size_t i) {
    const double x = X(box.first_step), width = X(box.last_step + 1) - x;
    const double top = Y(box.offset + box.bytes), height = Y(box.offset) - top;
    const char* const color =
        box.tensor < 0 ? kScratchColor : kColors[i % (sizeof kColors / sizeof kColors[0])];
    const std::string ring =
        box.ring_rows == 0 ? ""
                           : Format(", ring of %d of %d rows", box.ring_rows, RowsOf(model_, box));
    out_ += "<g><title>" + EscapeXml(BoxName(model_, box) + ": " + box.label) +
            Format(", %u bytes at %u", box.bytes, box.offset) + ring + "</title>\n";
    Rectangle(x, top, width, height,
              Format("fill=\"%s\" fill-opacity=\"0.7\" stroke=\"#1f3864\"", color));
    if (box.ring_rows != 0)
      Rectangle(x, top, width, height, "fill=\"url(#ring)\" fill-opacity=\"0.3\"");
    out_ += "</g>\n";
  }

  // As much of the name as fits, below the labels of boxes that it overlaps.
  void Label(const HostPlan::Box& box) {
    const double x = X(box.first_step) + 3, width = X(box.last_step + 1) - x;
    const auto fits = static_cast<size_t>(width / kCharacter);
    std::vector<std::string> lines = NameLines(model_, box);
    if (box.ring_rows != 0) {
      lines.push_back(Format("%d/%d rows", box.ring_rows, RowsOf(model_, box)));
    }
    lines.push_back(Format("%u B", box.bytes));
    const auto width_of = [&](const std::string& line) {
      return kCharacter * static_cast<double>(std::min(fits, line.size()));
    };
    double top = Y(box.offset + box.bytes) + 11;
    const auto is_taken = [&] {
      double y = top - kLine;
      return std::any_of(lines.begin(), lines.end(), [&](const std::string& line) {
        return IsTaken(x, y += kLine, width_of(line));
      });
    };
    while (is_taken()) top += kLine / 2;
    for (const std::string& line : lines) {
      if (top > Y(box.offset) - 1) break;
      if (fits >= 4) {
        Text(x, top, line.substr(0, fits),
             "paint-order=\"stroke\" stroke=\"white\" stroke-opacity=\"0.6\" stroke-width=\"2\"");
        taken_.push_back({x, top, width_of(line)});
      }
      top += kLine;
    }
  }

  bool IsTaken(double x, double y, double width) const {
    return std::any_of(taken_.begin(), taken_.end(), [&](const Taken& other) {
      return x < other.x + other.width && other.x < x + width && y < other.y + kLine &&
             other.y < y + kLine;
    });
  }

  void Bound() {
    const double y = Y(plan_.bound_bytes);
    out_ += Format(
        "<line x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\" stroke=\"#c00000\" "
        "stroke-dasharray=\"6 3\"/>\n",
        kLeft, kWidth - kRight, y, y);
    Text(kWidth - kRight + 4, y + 4, "bound", "fill=\"#c00000\"");
  }

  const Model& model_;
  const HostPlan& plan_;
  const int columns_;
  const uint32_t bytes_;
  std::string out_;
  // Lines of labels.
  struct Taken {
    double x, y, width;
  };
  std::vector<Taken> taken_;
};

}  // namespace

std::string BoxName(const Model& model, const HostPlan::Box& box) {
  std::string name;
  for (const std::string& line : NameLines(model, box)) name += (name.empty() ? "" : " ") + line;
  return name;
}

int PeakStep(const HostPlan& plan) {
  const auto peak =
      std::max_element(plan.steps.begin(), plan.steps.end(),
                       [](const auto& a, const auto& b) { return a.bound_bytes < b.bound_bytes; });
  return peak == plan.steps.end() ? -1 : static_cast<int>(peak - plan.steps.begin());
}

char BoxLetter(size_t i) {
  constexpr char kLetters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
  return kLetters[i % (sizeof kLetters - 1)];
}

std::string PlanMap(const HostPlan& plan, int lines) {
  const int columns = static_cast<int>(plan.steps.size()) + 2;
  const size_t width = columns <= 40 ? 2 : 1;
  std::string map;
  for (int line = lines - 1; line >= 0; --line) {
    const double at = (line + 0.5) * plan.activation_bytes / lines;
    map += Format("%8.0f  ", static_cast<double>(line) * plan.activation_bytes / lines);
    for (int step = 0; step < columns; ++step) {
      char cell = '.';
      for (size_t i = 0; i < plan.boxes.size(); ++i) {
        const HostPlan::Box& box = plan.boxes[i];
        const bool here = box.first_step <= step && step <= box.last_step && box.offset <= at &&
                          at < box.offset + box.bytes;
        if (here) cell = cell == '.' ? BoxLetter(i) : '*';
      }
      map += std::string(width, cell);
    }
    map += '\n';
  }
  return map;
}

std::string PlanSvg(const Model& model, const HostPlan& plan, const std::string& title) {
  return Svg(model, plan).Draw(title);
}

}  // namespace midge_tool
