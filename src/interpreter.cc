// SPDX-License-Identifier: Apache-2.0
#include "midge/interpreter.h"

#include <initializer_list>

#include "midge/op.h"
#include "midge/record.h"
#include "segment.h"

namespace midge {

using internal::RecordView;

// What every way to allocate begins with.
Status Interpreter::Begin() {
  allocated_ = false;
  fed_row_bytes_ = 0;
  usage_ = {};
  if (verify_ != nullptr) {
    const Result<Model> model = verify_(bytes_);
    MIDGE_TRY(model.status());
    model_ = *model;
  }
  for (const Span<uint8_t>& block : {arena_, activations_, fast_}) {
    if (reinterpret_cast<uintptr_t>(block.data()) % kArenaAlignment != 0) {
      return StatusCode::kArenaMisaligned;
    }
    if (block.data() == nullptr && !block.empty()) return StatusCode::kInvalidArgument;
  }
  return {};
}

// And ends with: a model whose nodes fail to initialize its variables does not run.
Status Interpreter::End() {
  allocated_ = true;
  first_record_ = program_ + model_.inputs().size() + model_.outputs().size();
  const Status status = Reset();
  allocated_ = status.ok();
  if (!allocated_) usage_ = {};
  return status;
}

internal::RunState Interpreter::NewRun(EvalMoment moment) const {
  return {&ops_, kMaxIterations, moment, fast_.data(), arena_.data() + usage_.program_bytes};
}

// From node n on, whose record begins at `words`.
template <bool kMonitored>
Status Interpreter::Run(int n, const uint32_t* words, const Monitor* monitor) {
  uint8_t* const activations = Activations();
  const int node_count = model_.node_count();
  internal::RunState run = NewRun(EvalMoment::kInvoke);
  while (n < node_count) {
    if constexpr (kMonitored) {
      if (!monitor->callback(monitor->context, *this, Monitor::Moment::kBeforeNode, n)) {
        return Status(StatusCode::kStopped, n, Operand::None());
      }
    }
    const RecordView record(words);
    Status status;
    int done = n;  // the last node that is executed now
    if (record.streamed()) {
      const internal::SegmentResult segment = run_segment_(ops_, words, bytes_.data(), activations);
      status = segment.status;
      done += segment.status.ok() ? segment.node_count - 1 : segment.status.node();
      words = segment.after;
    } else {
      const Op& op = internal::OpOf(ops_, record);
      const EvalContext context(words, bytes_.data(), activations, 0, 0, &run);
      status = record.descending() ? parts_.run_descending(model_, n, op, context)
                                   : op.eval(context, Rows::All());
      words += record.size_bytes() / 4;
    }
    if (!status.ok()) return Status(status.code(), done, status.operand());
    if constexpr (kMonitored) {
      if (!monitor->callback(monitor->context, *this, Monitor::Moment::kAfterNode, done)) {
        return Status(StatusCode::kStopped, done, Operand::None());
      }
    }
    n = done + 1;
  }
  return {};
}

Status Interpreter::CanInvoke() const {
  if (!allocated_) return StatusCode::kNotAllocated;
  return fed_row_bytes_ == 0 ? StatusCode::kOk : StatusCode::kInputIsFed;
}

Status Interpreter::Invoke() {
  MIDGE_TRY(CanInvoke());
  return Continue(0, first_record_);
}

Status Interpreter::Invoke(const Monitor& monitor) {
  MIDGE_TRY(CanInvoke());
  return Run<true>(0, first_record_, &monitor);
}

Status Interpreter::Continue(int n, const uint32_t* words) { return Run<false>(n, words, nullptr); }

Status Interpreter::Reset() {
  if (!allocated_) return StatusCode::kNotAllocated;
  if (parts_.reset != nullptr) MIDGE_TRY(parts_.reset(*this));
  return RestartRows();
}

Status Interpreter::RestartRows() {
  if (!allocated_) return StatusCode::kNotAllocated;
  fed_bytes_ = 0;
  // The counts of rows, where there are any, lie below the activations of a fed plan.
  if (fed_row_bytes_ != 0) std::memset(arena_.data(), 0, usage_.program_bytes);
  return {};
}

TensorView Interpreter::input(int i) const {
  if (i < 0 || i >= input_count()) return {};
  return ViewAt(model_.inputs()[static_cast<size_t>(i)], allocated_ ? program_ + i : nullptr);
}

TensorView Interpreter::output(int i) const {
  if (i < 0 || i >= output_count()) return {};
  return ViewAt(model_.outputs()[static_cast<size_t>(i)],
                allocated_ ? program_ + input_count() + i : nullptr);
}

TensorView Interpreter::tensor(int index) const {
  if (index < 0 || model_.bytes().empty() || index >= model_.tensor_count()) return {};
  return ViewAt(index, allocated_ ? FindLocation(index) : nullptr);
}

// Locations are kept where they are used: with the graph's operands and with each node's.
const uint32_t* Interpreter::FindLocation(int tensor) const {
  const uint32_t* words = program_;
  for (const auto& list : {model_.inputs(), model_.outputs()}) {
    for (const int32_t t : list) {
      if (t == tensor) return words;
      ++words;
    }
  }
  for (int n = 0; n < model_.node_count(); ++n) {
    const NodeView node = model_.node(n);
    const uint32_t* location = words + internal::kRecordHeaderBytes / sizeof(uint32_t);
    for (const auto& list : {node.inputs, node.outputs}) {
      for (const int32_t t : list) {
        if (t == tensor) return location;
        ++location;
      }
    }
    words += RecordView(words).size_bytes() / sizeof(uint32_t);
  }
  return nullptr;
}

namespace {

Region RegionOf(uint32_t location) {
  if ((location & internal::kInModel) != 0) return Region::kModel;  // or absent
  if ((location & internal::kInRing) != 0) return Region::kNone;    // never the whole tensor
  if ((location & internal::kInFast) != 0) return Region::kFast;
  return (location & internal::kInKept) != 0 ? Region::kKept : Region::kActivations;
}

}  // namespace

Region Interpreter::region(int index) const {
  if (index < 0 || model_.bytes().empty() || index >= model_.tensor_count()) return Region::kNone;
  if (model_.is_constant(index)) return Region::kModel;
  const uint32_t* const location = allocated_ ? FindLocation(index) : nullptr;
  return location == nullptr ? Region::kNone : RegionOf(*location);
}

TensorView Interpreter::ViewAt(int tensor, const uint32_t* location) const {
  TensorView view = model_.tensor(tensor);
  if (location == nullptr || view.is_constant()) return view;
  const uint32_t offset = *location & ~internal::kRegionMask;
  switch (RegionOf(*location)) {
    case Region::kNone:
      break;
    case Region::kModel: {
      if (parts_.float16_source != nullptr) {
        const int32_t halves = parts_.float16_source(model_, tensor);
        if (halves >= 0) return model_.tensor(halves);
      }
      view.set_constant_data(bytes_.data() + (*location & ~internal::kInModel));
      break;
    }
    case Region::kActivations:
      view.set_data(Activations() + offset);
      break;
    case Region::kFast:
      view.set_data(fast_.data() + offset);
      break;
    case Region::kKept:
      view.set_data(arena_.data() + usage_.program_bytes + offset);
      break;
  }
  return view;
}

}  // namespace midge
