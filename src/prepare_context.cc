// SPDX-License-Identifier: Apache-2.0
#include "float16_source.h"
#include "midge/op.h"
#include "prepare_node.h"

namespace midge {

namespace internal {
// Weak, and so null in an image that runs embedded plans alone and links no planner.
[[gnu::weak]] void ShareAliases(const Model& model, PlanTables& tables);
[[gnu::weak]] void ShareViews(const Model& model, PlanTables& tables);
[[gnu::weak]] extern const PlanParts::Rows kRowParts;
[[gnu::weak]] extern const PlanParts::Scratches kScratchParts;
}  // namespace internal

namespace {

// Finite and above zero, looked at as bits: a comparison of floats costs a library call where there
// is no FPU.
bool IsPositiveFinite(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  return bits - 1 < 0x7f800000u - 1;
}

// Bits of a type that may be quantized, else 0.
int QuantizedBits(TensorType type) {
  const bool may_be = type == TensorType::kInt8 || type == TensorType::kUInt8 ||
                      type == TensorType::kInt16 || type == TensorType::kInt4 ||
                      type == TensorType::kInt32;
  return may_be ? ElementBits(type) : 0;
}

}  // namespace

int PrepareContext::input_count() const { return static_cast<int>(state_.node.inputs.size()); }
int PrepareContext::output_count() const { return static_cast<int>(state_.node.outputs.size()); }

bool PrepareContext::has_input(int i) const { return TensorAt(i) >= 0; }

int32_t PrepareContext::TensorAt(int place) const {
  const bool is_output = place < 0;
  const Span<const int32_t> list = is_output ? state_.node.outputs : state_.node.inputs;
  const auto index = static_cast<size_t>(is_output ? ~place : place);
  return index < list.size() ? list[index] : -1;
}

TensorView PrepareContext::ViewAt(int place) const {
  const int32_t tensor = TensorAt(place);
  return tensor >= 0 ? state_.model->tensor(tensor) : TensorView();
}

Shape PrepareContext::ShapeAt(int place) const {
  const int32_t tensor = TensorAt(place);
  return tensor >= 0 ? state_.model->tensor_shape(tensor) : Shape();
}

TensorType PrepareContext::TypeAt(int place) const {
  const int32_t tensor = TensorAt(place);
  return tensor >= 0 ? state_.model->tensor_type(tensor) : TensorType::kAny;
}

const Model& PrepareContext::model() const { return *state_.model; }

bool PrepareContext::in_main_graph() const { return state_.model->is_main_graph(); }

Span<const uint8_t> PrepareContext::custom_options() const { return state_.node.custom_options; }

Status PrepareContext::Error(StatusCode code, Operand operand) const {
  return Status(code, state_.node_index, operand);
}

Status PrepareContext::Needs(uint32_t needed, StatusCode code, Operand operand) const {
  state_.needed = needed;
  return Error(code, operand);
}

Status PrepareContext::ExpectOperands(int required, int most, int outputs) const {
  if (input_count() > most || output_count() != outputs) return Error(StatusCode::kBadOperands);
  for (int i = 0; i < required; ++i) {
    if (!has_input(i)) return Error(StatusCode::kBadOperands, Operand::Input(i));
  }
  return {};
}

Status PrepareContext::ExpectType(Operand which, TensorType expected) const {
  return TypeAt(PlaceOf(which)) == expected
             ? Status()
             : Needs(static_cast<uint8_t>(expected), StatusCode::kUnsupportedType, which);
}

Status PrepareContext::ExpectRank(Operand which, int least, int most) const {
  const int rank = ShapeAt(PlaceOf(which)).rank();
  return rank >= least && rank <= most
             ? Status()
             : Needs(internal::NeededRank(least, most), StatusCode::kBadShape, which);
}

Status PrepareContext::ExpectShape(Operand which, const Shape& expected) const {
  if (ShapeAt(PlaceOf(which)) == expected) return {};
  const int rank = expected.rank() < kMaxRank ? expected.rank() : kMaxRank;
  for (int i = 0; i < rank; ++i) state_.needed_dims[i] = expected[i];
  return Needs(internal::NeededShape(rank), StatusCode::kBadShape, which);
}

Status PrepareContext::ExpectConstant(Operand which) const {
  const int32_t tensor = TensorAt(PlaceOf(which));
  return tensor >= 0 && state_.model->is_constant(tensor) ? Status()
                                                          : Error(StatusCode::kNotConstant, which);
}

bool PrepareContext::IsFloat16(int i) const {
  return has_input(i) &&
         internal::Float16Source(*state_.model, state_.node.inputs[static_cast<size_t>(i)]) >= 0;
}

bool PrepareContext::IsReadAsFloat16() const {
  state_.run_parts.float16_source = internal::Float16Source;
  return output_count() == 1 && internal::Float16Source(*state_.model, state_.node.outputs[0]) >= 0;
}

Status PrepareContext::ExpectVariable(Operand which) const {
  const int32_t tensor = TensorAt(PlaceOf(which));
  state_.run_parts.reset = internal::ResetState;
  const bool variable =
      tensor >= 0 && state_.model->is_variable(tensor) && !state_.model->is_constant(tensor);
  return variable ? Status() : Error(StatusCode::kBadGraph, which);
}

Result<QuantParam> PrepareContext::PerTensor(Operand which) const {
  const TensorView tensor = operand(which);
  const Quantization& quantization = tensor.quantization();
  const int bits = QuantizedBits(tensor.type());
  if (quantization.scales().size() != 1 || quantization.zero_point_count() > 1 || bits == 0) {
    return Needs(1, StatusCode::kBadQuantization, which);
  }
  if (!IsPositiveFinite(quantization.scales()[0])) return Error(StatusCode::kBadScale, which);
  const int64_t zero_point = quantization.zero_point_count() == 0 ? 0 : quantization.zero_point(0);
  // The type's values follow each other from the least on.
  const auto value = static_cast<int32_t>(zero_point);
  const uint32_t least = tensor.type() == TensorType::kUInt8 ? 0 : 0u - (1u << (bits - 1));
  const uint32_t above_least = static_cast<uint32_t>(value) - least;
  if (value != zero_point || above_least >> (bits - 1) > 1) {
    return Error(StatusCode::kBadZeroPoint, which);
  }
  return QuantParam{quantization.scales()[0], value};
}

Result<Span<const float>> PrepareContext::PerChannelScales(Operand which, int dimension,
                                                           int channels) const {
  const Quantization quantization = operand(which).quantization();
  const Span<const float> scales = quantization.scales();
  if (scales.size() != 1) {
    if (scales.size() != static_cast<size_t>(channels)) {
      return Needs(static_cast<uint32_t>(channels), StatusCode::kBadQuantization, which);
    }
    if (quantization.dimension() != dimension) {
      return Needs(static_cast<uint32_t>(dimension), StatusCode::kBadQuantizedDimension, which);
    }
  }
  for (const float scale : scales) {
    if (!IsPositiveFinite(scale)) return Error(StatusCode::kBadScale, which);
  }
  return scales;
}

void* PrepareContext::AppendState(uint32_t size_bytes, void (*clear_padding)(void* state)) {
  void* state = state_.program.Append(size_bytes);
  if (state == nullptr) state = std::memset(state_.spare_state, 0, size_bytes);
  state_.node_state = state;
  state_.clear_padding = clear_padding;
  return state_.node_state;
}

void* PrepareContext::Append(uint32_t size_bytes) { return state_.program.Append(size_bytes); }

void PrepareContext::RequestScratch(ScratchRequest request) {
  MIDGE_ASSERT(request.units >= 0 &&
               request.units <= static_cast<int32_t>(internal::kScratchUnitsMask));
  state_.wants_too_much |=
      request.bytes > kMaxTensorBytes || request.unit_bytes > kMaxTensorBytes / 16;
  state_.plan->scratch_bytes = request.bytes;
  state_.plan->scratch_unit_bytes = request.units != 0 ? request.unit_bytes & kMaxTensorBytes : 0;
  state_.plan->scratch_units = static_cast<uint32_t>(request.units) & internal::kScratchUnitsMask;
  state_.plan_parts.scratches = &internal::kScratchParts;
}

void PrepareContext::RunAtReset() {
  state_.at_reset = true;
  state_.run_parts.reset = internal::ResetState;
}

void PrepareContext::SetRowWindow(RowWindow window) {
  MentionRowWindow(window);
  UseRows();
}

void PrepareContext::UseRows() {
  state_.plan_parts.rows = &internal::kRowParts;
  state_.run_parts.run_descending = internal::RunDescending;
}

void PrepareContext::MentionRowWindow(RowWindow window) { state_.plan->window = window; }

void PrepareContext::AllowInPlace(int i) {
  UseRows();
  state_.plan->sharing = static_cast<uint16_t>(internal::NodePlan::kInPlace | i);
}

void PrepareContext::OfferOutputViews(int i, uint32_t offset_bytes) {
  using internal::NodePlan;
  const auto alignment = static_cast<uint32_t>(kArenaAlignment);
  const uint32_t offset = offset_bytes / alignment;
  const uint32_t views = NodePlan::kOutputViews + static_cast<uint32_t>(i);
  if (offset_bytes % alignment != 0 || offset > NodePlan::kMostViewOffset) return;
  state_.plan->scratch_unit_bytes =
      (views | offset << NodePlan::kViewOffsetShift) & kMaxTensorBytes;
  state_.plan_parts.share_views = internal::ShareViews;
}

void PrepareContext::OfferInputViews() {
  state_.plan_parts.share_views = internal::ShareViews;
  state_.plan->scratch_unit_bytes = internal::NodePlan::kInputViews;
}

void PrepareContext::AliasOutput(int i) {
  state_.plan->sharing = static_cast<uint16_t>(internal::NodePlan::kAlias | i);
  state_.plan_parts.share_aliases = internal::ShareAliases;
}

}  // namespace midge
