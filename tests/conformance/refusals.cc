// SPDX-License-Identifier: Apache-2.0
//
// Writes refusals.txt to standard output, from the packs of cases:
//
//   refusals PACK... > tests/conformance/refusals.txt
//   refusals --full PACK...
//
// The first model of each operator and type is changed in one place at a time: an operand that is
// absent, of another type, shape, quantization or value, options that are missing or out of range.
// The first form says of each model how many lines the second has for it, and their hash. Those say
// with what status each change is refused; a change that they do not name is accepted, and has run.
// So a check that Prepare no longer makes, or makes otherwise, changes the page: what has changed
// is the difference of what the second form says before and after.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "midge/all_ops.h"
#include "midge/describe.h"
#include "midge/interpreter.h"
#include "model/fields.h"
#include "tests/conformance/pack.h"

namespace {

using midge::BytesOf;
using midge::Interpreter;
using midge::Model;
using midge::NodeView;
using midge::Operand;
using midge::Span;
using midge::Status;
using midge::StatusCode;
using midge::TensorType;
using midge::TensorView;
using midge_conformance::Case;
using midge_conformance::CaseKind;
using midge_conformance::PackReader;
namespace schema = midge::schema;

struct CodeName {
  StatusCode code;
  const char* name;
};
constexpr CodeName kNames[] = {
    {StatusCode::kTooLarge, "TooLarge"},
    {StatusCode::kBadIndex, "BadIndex"},
    {StatusCode::kBadShape, "BadShape"},
    {StatusCode::kBadBufferSize, "BadBufferSize"},
    {StatusCode::kNotWritten, "NotWritten"},
    {StatusCode::kWrittenTwice, "WrittenTwice"},
    {StatusCode::kWritesInput, "WritesInput"},
    {StatusCode::kWritesConstant, "WritesConstant"},
    {StatusCode::kBadGraph, "BadGraph"},
    {StatusCode::kTooDeep, "TooDeep"},
    {StatusCode::kBadOperands, "BadOperands"},
    {StatusCode::kMissingOptions, "MissingOptions"},
    {StatusCode::kForeignOptions, "ForeignOptions"},
    {StatusCode::kBadOptions, "BadOptions"},
    {StatusCode::kBadQuantization, "BadQuantization"},
    {StatusCode::kBadScale, "BadScale"},
    {StatusCode::kBadZeroPoint, "BadZeroPoint"},
    {StatusCode::kBadQuantizedDimension, "BadQuantizedDimension"},
    {StatusCode::kUnsupportedType, "UnsupportedType"},
    {StatusCode::kUnsupportedOption, "UnsupportedOption"},
    {StatusCode::kNotConstant, "NotConstant"},
    {StatusCode::kMissingOp, "MissingOp"},
    {StatusCode::kMissingKernel, "MissingKernel"},
    {StatusCode::kBadData, "BadData"},
    {StatusCode::kTooManyIterations, "TooManyIterations"},
};

std::string NameOf(Status status) {
  std::string text = "status " + std::to_string(static_cast<int>(status.code()));
  for (const CodeName& entry : kNames) {
    if (entry.code == status.code()) text = entry.name;
  }
  if (status.tensor() >= 0) return text + " of a tensor";
  const Operand operand = status.operand();
  if (operand.is_none()) return text;
  return text + (operand.is_output() ? " of output " : " of input ") +
         std::to_string(operand.index());
}

// A copy of a model, to be changed. What does not fit in its place is appended, and the offset that
// led to it leads there.
class Copy {
 public:
  explicit Copy(const std::vector<uint8_t>& model)
      : storage_((model.size() + kRoom) / sizeof(uint64_t)), size_(model.size()) {
    std::copy(model.begin(), model.end(), data());
  }

  Span<const uint8_t> bytes() const {
    return {reinterpret_cast<const uint8_t*>(storage_.data()), size_};
  }
  // The tables of the first subgraph.
  const schema::Tensor& tensor(int32_t t) const {
    return *graph().tensors()->Get(static_cast<uint32_t>(t));
  }
  const schema::Operator& node(int n) const {
    return *graph().operators()->Get(static_cast<uint32_t>(n));
  }
  uint8_t* Field(const flatbuffers::Table& table, uint32_t field) {
    return const_cast<uint8_t*>(midge::internal::FieldOf(&table, field));
  }
  static const flatbuffers::Table& TableOf(const schema::Operator& node) {
    return reinterpret_cast<const flatbuffers::Table&>(node);
  }
  // A node's inputs or outputs: how many there are, then they.
  int32_t* List(int n, uint32_t field) {
    return static_cast<int32_t*>(const_cast<void*>(midge::internal::TargetOf(&node(n), field)));
  }

  // One more input, which is `t`.
  void AddInput(int n, int32_t t) {
    const auto* const inputs = node(n).inputs();
    std::vector<int32_t> words(inputs->begin(), inputs->end());
    words.push_back(t);
    words.insert(words.begin(), static_cast<int32_t>(words.size()));
    uint8_t* const offset = Field(TableOf(node(n)), schema::Operator::VT_INPUTS);
    Lead(offset, Append({reinterpret_cast<const uint8_t*>(words.data()), words.size() * 4}));
  }

  struct TensorSpec {
    std::vector<int32_t> shape;
    TensorType type;
    bool is_variable;
    uint32_t buffer;
    std::vector<uint8_t> data;  // of the buffer
    std::vector<float> scales;
    std::vector<int64_t> zero_points;
    int32_t dimension;

    size_t bytes() const {
      uint64_t elements = 1;
      for (const int32_t extent : shape) elements *= static_cast<uint64_t>(extent);
      return static_cast<size_t>(BytesOf(type, elements));
    }
  };
  TensorSpec Spec(int32_t t) const {
    const Model model = *Model::Verify(bytes());
    const TensorView view = model.tensor(t);
    TensorSpec spec = {{}, view.type(), model.is_variable(t), tensor(t).buffer(), {}, {}, {}, 0};
    for (int i = 0; i < view.shape().rank(); ++i) spec.shape.push_back(view.shape()[i]);
    if (view.is_constant()) {
      spec.data.assign(view.bytes().data(), view.bytes().data() + view.bytes().size());
    }
    const midge::Quantization& q = view.quantization();
    spec.scales.assign(q.scales().data(), q.scales().data() + q.scales().size());
    for (int i = 0; i < q.zero_point_count(); ++i) spec.zero_points.push_back(q.zero_point(i));
    spec.dimension = q.dimension();
    return spec;
  }
  // A constant takes its buffer along.
  void Replace(int32_t t, const TensorSpec& spec) {
    if (!spec.data.empty()) {
      flatbuffers::FlatBufferBuilder fbb;
      fbb.ForceVectorAlignment(spec.data.size(), 1, 16);
      fbb.Finish(schema::CreateBuffer(fbb, fbb.CreateVector(spec.data)));
      Lead(ElementOf(schema::GetModel(data()), schema::Model::VT_BUFFERS, spec.buffer),
           AppendRoot(fbb));
    }
    ReplaceTable(t, spec);
  }

 private:
  static constexpr size_t kRoom = 16384;

  uint8_t* data() { return reinterpret_cast<uint8_t*>(storage_.data()); }
  const schema::SubGraph& graph() const {
    return *schema::GetModel(storage_.data())->subgraphs()->Get(0);
  }
  void ReplaceTable(int32_t t, const TensorSpec& spec) {
    flatbuffers::FlatBufferBuilder fbb;
    const auto scales = fbb.CreateVector(spec.scales);
    const auto zero_points = fbb.CreateVector(spec.zero_points);
    schema::QuantizationParametersBuilder quantization(fbb);
    quantization.add_scale(scales);
    quantization.add_zero_point(zero_points);
    quantization.add_quantized_dimension(spec.dimension);
    const auto quantization_offset = quantization.Finish();
    const auto shape = fbb.CreateVector(spec.shape);
    schema::TensorBuilder table(fbb);
    table.add_shape(shape);
    table.add_type(static_cast<schema::TensorType>(spec.type));
    table.add_buffer(spec.buffer);
    table.add_quantization(quantization_offset);
    table.add_is_variable(spec.is_variable);
    fbb.Finish(table.Finish());
    Lead(ElementOf(&graph(), schema::SubGraph::VT_TENSORS, static_cast<uint32_t>(t)),
         AppendRoot(fbb));
  }
  // The offset in a table's list of tables.
  static uint8_t* ElementOf(const void* table, uint32_t field, uint32_t index) {
    auto* const list = const_cast<void*>(midge::internal::TargetOf(table, field));
    return static_cast<uint8_t*>(list) + (1 + index) * sizeof(uint32_t);
  }
  size_t Append(Span<const uint8_t> more) {
    const size_t at = (size_ + 15) & ~size_t{15};
    if (at + more.size() > storage_.size() * sizeof(uint64_t)) std::abort();
    std::memcpy(data() + at, more.data(), more.size());
    size_ = at + more.size();
    return at;
  }
  size_t AppendRoot(flatbuffers::FlatBufferBuilder& fbb) {
    const size_t at = Append({fbb.GetBufferPointer(), fbb.GetSize()});
    uint32_t root;
    std::memcpy(&root, data() + at, sizeof root);
    return at + root;
  }
  void Lead(uint8_t* offset, size_t to) {
    const auto distance = static_cast<uint32_t>(to - static_cast<size_t>(offset - data()));
    std::memcpy(offset, &distance, sizeof distance);
  }

  std::vector<uint64_t> storage_;
  size_t size_;
};

class Changes {
 public:
  // Of a node; `name` tells it from others of the model.
  Changes(const std::vector<uint8_t>& model, int node, const std::string& name)
      : model_(model), node_(node), name_(name) {}

  // What becomes of the model if `change` is made; nothing if that changes nothing.
  void Try(const std::string& name, const std::function<void(Copy&)>& change) {
    Copy copy(model_);
    change(copy);
    const Status status = Run(copy.bytes());
    if (!status.ok()) names_[NameOf(status)] += (names_[NameOf(status)].empty() ? "" : ", ") + name;
  }
  // The lines of the changes since the last call are about `what`.
  void End(const std::string& what) {
    for (const auto& [status, names] : names_) {
      lines_ += "  " + what + ": " + status + ": " + names + "\n";
    }
    names_.clear();
  }
  const std::string& lines() const { return lines_; }

  static Status Run(Span<const uint8_t> model) {
    static std::vector<uint64_t> arena(1 << 17);
    auto address = reinterpret_cast<uintptr_t>(arena.data());
    address = (address + 15) & ~uintptr_t{15};
    Interpreter interpreter(model, midge::kAllOps,
                            {reinterpret_cast<uint8_t*>(address), arena.size() * 8 - 16});
    if (const Status status = interpreter.AllocateTensors(); !status.ok()) return status;
    for (int i = 0; i < interpreter.input_count(); ++i) {
      const Span<uint8_t> bytes = interpreter.input(i).mutable_bytes();
      if (!bytes.empty()) std::memset(bytes.data(), 0, bytes.size());
    }
    return interpreter.Invoke();
  }

  void OfNode() {
    const Copy copy(model_);
    const schema::Operator& node = copy.node(node_);
    const uint32_t inputs = node.inputs()->size(), outputs = node.outputs()->size();
    if (inputs > 0) {
      Try("one input fewer", [&](Copy& c) { --*c.List(node_, schema::Operator::VT_INPUTS); });
    }
    Try("one input more",
        [&](Copy& c) { c.AddInput(node_, inputs > 0 ? c.node(node_).inputs()->Get(0) : 0); });
    if (outputs > 0) {
      Try("one output fewer", [&](Copy& c) { --*c.List(node_, schema::Operator::VT_OUTPUTS); });
    }
    End("node" + name_);
    const uint8_t type = node.builtin_options_type();
    if (type == 0) return;
    const auto set_type = [&](Copy& c, uint8_t other) {
      *c.Field(Copy::TableOf(c.node(node_)), schema::Operator::VT_BUILTIN_OPTIONS_TYPE) = other;
    };
    Try("none", [&](Copy& c) { set_type(c, 0); });
    Try("of another op", [&](Copy& c) { set_type(c, type == 1 ? 2 : 1); });
    for (int field = 0; field < 8; ++field) {
      const auto at = [&](Copy& c) {
        const auto* const table = static_cast<const flatbuffers::Table*>(
            midge::internal::TargetOf(&c.node(node_), schema::Operator::VT_BUILTIN_OPTIONS));
        return table == nullptr ? nullptr : c.Field(*table, 4 + 2 * static_cast<uint32_t>(field));
      };
      Copy probe(model_);
      if (at(probe) == nullptr) continue;
      const std::string name = "field " + std::to_string(field);
      Try(name + " 99", [&](Copy& c) { *at(c) = 99; });
      if (reinterpret_cast<uintptr_t>(at(probe)) % sizeof(uint32_t) == 0) {
        Try(name + " -1", [&](Copy& c) { std::memset(at(c), 0xff, sizeof(uint32_t)); });
      }
    }
    End("options" + name_);
  }

  void OfOperand(bool is_output, uint32_t i) {
    const Copy copy(model_);
    const auto* const list = is_output ? copy.node(node_).outputs() : copy.node(node_).inputs();
    const int32_t t = list->Get(i);
    const std::string what = (is_output ? "output " : "input ") + std::to_string(i);
    if (t < 0) return;
    if (!is_output) {
      Try("absent", [&](Copy& c) { c.List(node_, schema::Operator::VT_INPUTS)[1 + i] = -1; });
    }
    using Spec = Copy::TensorSpec;
    const Spec original = copy.Spec(t);
    const auto with = [&](const std::string& name, const std::function<void(Spec&)>& change) {
      Try(name, [&](Copy& c) {
        Spec spec = original;
        change(spec);
        if (!original.data.empty() && spec.data == original.data) spec.data.resize(spec.bytes());
        c.Replace(t, spec);
      });
    };
    for (const TensorType type :
         {TensorType::kFloat32, TensorType::kInt8, TensorType::kInt32, TensorType::kInt64,
          TensorType::kInt4, TensorType::kString, TensorType::kBool}) {
      if (type == original.type) continue;
      with(midge::TypeName(type), [&](Spec& s) { s.type = type; });
    }
    with("rank + 1", [](Spec& s) { s.shape.insert(s.shape.begin(), 1); });
    if (!original.shape.empty()) {
      with("rank - 1", [](Spec& s) { s.shape.erase(s.shape.begin()); });
      with("first + 1", [](Spec& s) { ++s.shape.front(); });
      with("last + 1", [](Spec& s) { ++s.shape.back(); });
      with("empty", [](Spec& s) { s.shape.front() = 0; });
      with("twice", [](Spec& s) { s.shape.front() *= 2; });
      with("scalar", [](Spec& s) { s.shape.clear(); });
    }
    if (original.is_variable) with("no variable", [](Spec& s) { s.is_variable = false; });
    if (!original.data.empty()) {
      with("no constant", [](Spec& s) {
        s.buffer = 0;
        s.data.clear();
      });
    }
    OfQuantization(original, with);
    OfValues(original, with);
    End(what + name_);
  }

 private:
  using With =
      std::function<void(const std::string&, const std::function<void(Copy::TensorSpec&)>&)>;

  static void OfQuantization(const Copy::TensorSpec& original, const With& with) {
    using Spec = Copy::TensorSpec;
    if (original.scales.empty()) return;
    with("no scale", [](Spec& s) { s.scales.clear(); });
    with("one scale more", [](Spec& s) { s.scales.push_back(1.f); });
    with("scale nan", [](Spec& s) { s.scales[0] = std::numeric_limits<float>::quiet_NaN(); });
    with("scale * 3", [](Spec& s) { s.scales[0] *= 3; });
    with("scale 1e30", [](Spec& s) { s.scales[0] = 1e30f; });
    with("scale 1e-30", [](Spec& s) { s.scales[0] = 1e-30f; });
    if (original.scales.size() > 1) with("dimension 2", [](Spec& s) { s.dimension = 2; });
    with("zero point 70000", [](Spec& s) { s.zero_points = {70000}; });
    with("zero point 5", [](Spec& s) { s.zero_points = {5}; });
  }
  static void OfValues(const Copy::TensorSpec& original, const With& with) {
    if (original.data.empty() || original.data.size() > 128 ||
        (original.type != TensorType::kInt32 && original.type != TensorType::kInt64)) {
      return;
    }
    const size_t element = original.type == TensorType::kInt32 ? 4 : 8;
    for (const int64_t value : {int64_t{-100}, int64_t{-1}, int64_t{0}, int64_t{1}, int64_t{1000},
                                int64_t{INT32_MIN}, int64_t{INT32_MAX}}) {
      with("all " + std::to_string(value), [&](Copy::TensorSpec& s) {
        for (size_t at = 0; at < s.data.size(); at += element) {
          std::memcpy(s.data.data() + at, &value, element);
        }
      });
    }
  }

  const std::vector<uint8_t>& model_;
  const int node_;
  const std::string name_;
  std::map<std::string, std::string> names_;
  std::string lines_;
};

using Models = std::map<std::string, std::vector<uint8_t>>;

// Whether an operator has models of its own.
bool HasModels(const Models& models, const std::string& op) {
  const auto found = models.lower_bound(op + "/");
  return found != models.end() && found->first.rfind(op + "/", 0) == 0;
}

std::string LinesOf(const Models& models, const std::string& key) {
  const std::vector<uint8_t>& model = models.at(key);
  const Model verified = *Model::Verify({model.data(), model.size()});
  std::string lines;
  for (int n = 0; n < verified.node_count(); ++n) {
    const NodeView node = verified.node(n);
    const std::string op = midge::OpName(node.code);
    const bool is_own = key.rfind(op + "/", 0) == 0;
    if (!is_own && HasModels(models, op)) continue;
    Changes changes(model, n, is_own ? "" : " of " + op + " " + std::to_string(n));
    changes.OfNode();
    for (uint32_t i = 0; i < node.inputs.size(); ++i) changes.OfOperand(false, i);
    for (uint32_t i = 0; i < node.outputs.size(); ++i) changes.OfOperand(true, i);
    lines += changes.lines();
  }
  return lines;
}

// FNV-1a
uint32_t Hash(const std::string& text) {
  uint32_t hash = 0x811c9dc5;
  for (const char c : text) hash = (hash ^ static_cast<uint8_t>(c)) * 0x01000193;
  return hash;
}

}  // namespace

int main(int count, char** arguments) {
  const bool full = count > 1 && std::strcmp(arguments[1], "--full") == 0;
  Models models;
  for (int i = full ? 2 : 1; i < count; ++i) {
    PackReader pack;
    Case test;
    pack.Open(arguments[i]);
    while (pack.Next(&test)) {
      const std::string name = test.name;
      const std::string key = name.substr(0, name.find('/', name.find('/') + 1));
      if (test.kind != CaseKind::kRun || models.count(key) != 0) continue;
      std::vector<uint8_t> model(test.model_bytes);
      if (pack.ReadModel(model.data())) models[key] = model;
    }
    if (!pack.ok()) return 1;
  }
  for (const auto& entry : models) {
    const std::string lines = LinesOf(models, entry.first);
    if (full) {
      std::printf("%s\n%s", entry.first.c_str(), lines.c_str());
    } else {
      const auto count_of_lines = static_cast<int>(std::count(lines.begin(), lines.end(), '\n'));
      std::printf("%-44s %3d %08x\n", entry.first.c_str(), count_of_lines, Hash(lines));
    }
  }
  return 0;
}
