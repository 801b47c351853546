// SPDX-License-Identifier: Apache-2.0
//
// Builtin options: from the model's tables to plain structs. One function per op, so that an image
// holds the readers of the ops it links.
#include <cstring>

#include "model/option_fields.h"
#include "model/schema.h"
#include "prepare_node.h"

namespace midge {
namespace {

// The node's option table; null if there is none or it belongs to another op.
const void* FindTable(const NodeView& node, schema::OptionsType type) {
  return node.options_type == static_cast<uint8_t>(type) ? node.options : nullptr;
}

const void* FindVerified(Span<const uint8_t> model, const NodeView& node, schema::OptionsType type,
                         const internal::TableFields& fields) {
  const void* const table = FindTable(node, type);
  return table != nullptr && internal::VerifyOptions(model, table, fields) ? table : nullptr;
}

// The same, verified.
template <typename Table>
const Table* Find(Span<const uint8_t> model, const NodeView& node, schema::OptionsType type) {
  if constexpr (internal::FieldsOf<Table>::kKnown) {
    return static_cast<const Table*>(
        FindVerified(model, node, type, internal::FieldsOf<Table>::kFields));
  } else {
    const auto* table = static_cast<const Table*>(FindTable(node, type));
    flatbuffers::Verifier verifier(model.data(), model.size());
    return table != nullptr && table->Verify(verifier) ? table : nullptr;
  }
}
// Of the node that is being prepared.
template <typename Table>
const Table* Find(internal::PrepareState& state, schema::OptionsType type) {
  state.wanted_options = static_cast<uint8_t>(type);
  return Find<Table>(state.model->bytes(), state.node, type);
}

bool Read(schema::Padding from, Padding* to) {
  *to = static_cast<Padding>(from);
  return from == schema::Padding::SAME || from == schema::Padding::VALID;
}

// TANH and SIGN_BIT exist in the format; no kernel of the field fuses them.
bool Read(schema::ActivationFunctionType from, Activation* to) {
  *to = static_cast<Activation>(from);
  return from >= schema::ActivationFunctionType::NONE &&
         from <= schema::ActivationFunctionType::RELU6;
}

// Strides, dilations, filter sizes, ranks: at least 1, and small enough that window arithmetic on
// any legal tensor stays in 32 bits and the values fit the nodes' 16-bit fields.
bool Read(int32_t from, int32_t* to) {
  *to = from;
  return from >= 1 && from <= INT16_MAX;
}

// The tables of both convolutions differ in field ids alone.
template <typename Table, typename Options>
bool ReadConvolution(const Table* table, Options* options) {
  return table != nullptr && Read(table->padding(), &options->padding) &&
         Read(table->fused_activation_function(), &options->activation) &&
         Read(table->stride_w(), &options->stride_w) &&
         Read(table->stride_h(), &options->stride_h) &&
         Read(table->dilation_w_factor(), &options->dilation_w) &&
         Read(table->dilation_h_factor(), &options->dilation_h);
}

Span<const char> TextOf(const flatbuffers::String* text) {
  if (text == nullptr) return {};
  return {text->c_str(), text->size()};
}

// As bits: a comparison of floats costs a library call where there is no FPU.
bool IsFinite(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  return (bits & 0x7f800000) != 0x7f800000;
}

}  // namespace

// The last step of each reader: what is wrong with the options that Find() looked for.
Status PrepareContext::CheckOptions(bool good) const {
  if (good) return {};
  const NodeView& node = state_.node;
  if (node.options == nullptr || node.options_type == 0) {
    return Error(StatusCode::kMissingOptions);
  }
  return Error(node.options_type == state_.wanted_options ? StatusCode::kBadOptions
                                                          : StatusCode::kForeignOptions);
}

bool internal::ReadVarHandle(Span<const uint8_t> model, const NodeView& node,
                             VarHandleOptions* options) {
  *options = {};
  if (node.options_type == 0) return true;  // without a name, as converters may leave it
  const auto* table =
      Find<schema::VarHandleOptions>(model, node, schema::OptionsType::VarHandleOptions);
  if (table == nullptr) return false;
  *options = {TextOf(table->container()), TextOf(table->shared_name())};
  return true;
}

Status PrepareContext::Options(Conv2DOptions* options) const {
  return CheckOptions(ReadConvolution(
      Find<schema::Conv2DOptions>(state_, schema::OptionsType::Conv2DOptions), options));
}

Status PrepareContext::Options(DepthwiseConv2DOptions* options) const {
  return CheckOptions(ReadConvolution(
      Find<schema::DepthwiseConv2DOptions>(state_, schema::OptionsType::DepthwiseConv2DOptions),
      options));
}

Status PrepareContext::Options(FullyConnectedOptions* options) const {
  const auto* table =
      Find<schema::FullyConnectedOptions>(state_, schema::OptionsType::FullyConnectedOptions);
  MIDGE_TRY(CheckOptions(table != nullptr &&
                         Read(table->fused_activation_function(), &options->activation)));
  if (table->weights_format() != schema::FullyConnectedOptionsWeightsFormat::DEFAULT ||
      table->quant_spec() != nullptr) {
    return Error(StatusCode::kUnsupportedOption);
  }
  options->asymmetric_quantize_inputs = table->asymmetric_quantize_inputs();
  options->wide_without_bias = table->quantized_bias_type() != schema::TensorType::INT32;
  return {};
}

Status PrepareContext::Options(TransposeConvOptions* options) const {
  const auto* table =
      Find<schema::TransposeConvOptions>(state_, schema::OptionsType::TransposeConvOptions);
  return CheckOptions(table != nullptr && Read(table->padding(), &options->padding) &&
                      Read(table->fused_activation_function(), &options->activation) &&
                      Read(table->stride_w(), &options->stride_w) &&
                      Read(table->stride_h(), &options->stride_h));
}

Status PrepareContext::Options(BatchMatMulOptions* options) const {
  const auto* table =
      Find<schema::BatchMatMulOptions>(state_, schema::OptionsType::BatchMatMulOptions);
  MIDGE_TRY(CheckOptions(table != nullptr));
  options->adj_x = table->adj_x();
  options->adj_y = table->adj_y();
  options->asymmetric_quantize_inputs = table->asymmetric_quantize_inputs();
  return {};
}

Status PrepareContext::Options(Pool2DOptions* options) const {
  const auto* table = Find<schema::Pool2DOptions>(state_, schema::OptionsType::Pool2DOptions);
  return CheckOptions(table != nullptr && Read(table->padding(), &options->padding) &&
                      Read(table->fused_activation_function(), &options->activation) &&
                      Read(table->stride_w(), &options->stride_w) &&
                      Read(table->stride_h(), &options->stride_h) &&
                      Read(table->filter_width(), &options->filter_w) &&
                      Read(table->filter_height(), &options->filter_h));
}

Status PrepareContext::Options(SoftmaxOptions* options) const {
  const auto* table = Find<schema::SoftmaxOptions>(state_, schema::OptionsType::SoftmaxOptions);
  MIDGE_TRY(CheckOptions(table != nullptr));
  options->beta = table->beta();
  return {};
}

Status PrepareContext::Options(AddOptions* options) const {
  const auto* table = Find<schema::AddOptions>(state_, schema::OptionsType::AddOptions);
  return CheckOptions(table != nullptr &&
                      Read(table->fused_activation_function(), &options->activation));
}

Status PrepareContext::Options(MulOptions* options) const {
  const auto* table = Find<schema::MulOptions>(state_, schema::OptionsType::MulOptions);
  return CheckOptions(table != nullptr &&
                      Read(table->fused_activation_function(), &options->activation));
}

Status PrepareContext::Options(SubOptions* options) const {
  const auto* table = Find<schema::SubOptions>(state_, schema::OptionsType::SubOptions);
  return CheckOptions(table != nullptr &&
                      Read(table->fused_activation_function(), &options->activation));
}

Status PrepareContext::Options(DivOptions* options) const {
  const auto* table = Find<schema::DivOptions>(state_, schema::OptionsType::DivOptions);
  return CheckOptions(table != nullptr &&
                      Read(table->fused_activation_function(), &options->activation));
}

Status PrepareContext::Options(L2NormOptions* options) const {
  const auto* table = Find<schema::L2NormOptions>(state_, schema::OptionsType::L2NormOptions);
  return CheckOptions(table != nullptr &&
                      Read(table->fused_activation_function(), &options->activation));
}

Status PrepareContext::Options(LeakyReluOptions* options) const {
  const auto* table = Find<schema::LeakyReluOptions>(state_, schema::OptionsType::LeakyReluOptions);
  MIDGE_TRY(CheckOptions(table != nullptr));
  options->alpha = table->alpha();
  return CheckOptions(IsFinite(options->alpha));
}

// Without a table it is the exact function.
Status PrepareContext::Options(GeluOptions* options) const {
  const auto* table = Find<schema::GeluOptions>(state_, schema::OptionsType::GeluOptions);
  options->approximate = table != nullptr && table->approximate();
  return {};
}

Status PrepareContext::Options(ReducerOptions* options) const {
  const auto* table = Find<schema::ReducerOptions>(state_, schema::OptionsType::ReducerOptions);
  MIDGE_TRY(CheckOptions(table != nullptr));
  options->keep_dims = table->keep_dims();
  return {};
}

// Cells are activated by tanh, which is what all converters write here.
Status PrepareContext::Options(UnidirectionalSequenceLstmOptions* options) const {
  const auto* table = Find<schema::UnidirectionalSequenceLSTMOptions>(
      state_, schema::OptionsType::UnidirectionalSequenceLSTMOptions);
  MIDGE_TRY(CheckOptions(table != nullptr));
  options->cell_clip = table->cell_clip();
  options->time_major = table->time_major();
  options->asymmetric_quantize_inputs = table->asymmetric_quantize_inputs();
  uint32_t clip_bits;
  std::memcpy(&clip_bits, &options->cell_clip, sizeof clip_bits);
  MIDGE_TRY(CheckOptions(clip_bits <= 0x7f800000));  // neither negative nor NaN
  const bool implemented =
      table->fused_activation_function() == schema::ActivationFunctionType::TANH &&
      !table->diagonal_recurrent_tensors();
  return implemented ? Status() : Error(StatusCode::kUnsupportedOption);
}

Status PrepareContext::Options(SvdfOptions* options) const {
  const auto* table = Find<schema::SVDFOptions>(state_, schema::OptionsType::SVDFOptions);
  return CheckOptions(table != nullptr && Read(table->rank(), &options->rank) &&
                      Read(table->fused_activation_function(), &options->activation));
}

Status PrepareContext::Options(ConcatenationOptions* options) const {
  const auto* table =
      Find<schema::ConcatenationOptions>(state_, schema::OptionsType::ConcatenationOptions);
  MIDGE_TRY(CheckOptions(table != nullptr &&
                         Read(table->fused_activation_function(), &options->activation)));
  options->axis = table->axis();
  return {};
}

Status PrepareContext::Options(PackOptions* options) const {
  const auto* table = Find<schema::PackOptions>(state_, schema::OptionsType::PackOptions);
  MIDGE_TRY(CheckOptions(table != nullptr));
  options->axis = table->axis();
  return {};
}

Status PrepareContext::Options(UnpackOptions* options) const {
  const auto* table = Find<schema::UnpackOptions>(state_, schema::OptionsType::UnpackOptions);
  MIDGE_TRY(CheckOptions(table != nullptr));
  options->axis = table->axis();
  return {};
}

Status PrepareContext::Options(SpaceToDepthOptions* options) const {
  const auto* table =
      Find<schema::SpaceToDepthOptions>(state_, schema::OptionsType::SpaceToDepthOptions);
  return CheckOptions(table != nullptr && Read(table->block_size(), &options->block_size));
}

Status PrepareContext::Options(DepthToSpaceOptions* options) const {
  const auto* table =
      Find<schema::DepthToSpaceOptions>(state_, schema::OptionsType::DepthToSpaceOptions);
  return CheckOptions(table != nullptr && Read(table->block_size(), &options->block_size));
}

Status PrepareContext::Options(MirrorPadOptions* options) const {
  const auto* table = Find<schema::MirrorPadOptions>(state_, schema::OptionsType::MirrorPadOptions);
  MIDGE_TRY(CheckOptions(table != nullptr && table->mode() >= schema::MirrorPadMode::REFLECT &&
                         table->mode() <= schema::MirrorPadMode::SYMMETRIC));
  options->reflect = table->mode() == schema::MirrorPadMode::REFLECT;
  return {};
}

Status PrepareContext::Options(GatherOptions* options) const {
  const auto* table = Find<schema::GatherOptions>(state_, schema::OptionsType::GatherOptions);
  MIDGE_TRY(CheckOptions(table != nullptr));
  *options = {table->axis(), table->batch_dims()};
  return {};
}

Status PrepareContext::Options(OneHotOptions* options) const {
  const auto* table = Find<schema::OneHotOptions>(state_, schema::OptionsType::OneHotOptions);
  MIDGE_TRY(CheckOptions(table != nullptr));
  options->axis = table->axis();
  return {};
}

Status PrepareContext::Options(ResizeBilinearOptions* options) const {
  const auto* table =
      Find<schema::ResizeBilinearOptions>(state_, schema::OptionsType::ResizeBilinearOptions);
  MIDGE_TRY(CheckOptions(table != nullptr));
  options->align_corners = table->align_corners();
  options->half_pixel_centers = table->half_pixel_centers();
  return {};
}

Status PrepareContext::Options(ResizeNearestNeighborOptions* options) const {
  const auto* table = Find<schema::ResizeNearestNeighborOptions>(
      state_, schema::OptionsType::ResizeNearestNeighborOptions);
  MIDGE_TRY(CheckOptions(table != nullptr));
  options->align_corners = table->align_corners();
  options->half_pixel_centers = table->half_pixel_centers();
  return {};
}

Status PrepareContext::Options(CumSumOptions* options) const {
  const auto* table = Find<schema::CumsumOptions>(state_, schema::OptionsType::CumsumOptions);
  MIDGE_TRY(CheckOptions(table != nullptr));
  options->exclusive = table->exclusive();
  options->reverse = table->reverse();
  return {};
}

Status PrepareContext::Options(StridedSliceOptions* options) const {
  const auto* table =
      Find<schema::StridedSliceOptions>(state_, schema::OptionsType::StridedSliceOptions);
  MIDGE_TRY(CheckOptions(table != nullptr));
  *options = {table->begin_mask(),    table->end_mask(),         table->ellipsis_mask(),
              table->new_axis_mask(), table->shrink_axis_mask(), table->offset()};
  return {};
}

Status PrepareContext::Options(IfOptions* options) const {
  const auto* table = Find<schema::IfOptions>(state_, schema::OptionsType::IfOptions);
  MIDGE_TRY(CheckOptions(table != nullptr));
  *options = {table->then_subgraph_index(), table->else_subgraph_index()};
  return {};
}

Status PrepareContext::Options(WhileOptions* options) const {
  const auto* table = Find<schema::WhileOptions>(state_, schema::OptionsType::WhileOptions);
  MIDGE_TRY(CheckOptions(table != nullptr));
  *options = {table->cond_subgraph_index(), table->body_subgraph_index()};
  return {};
}

Status PrepareContext::Options(CallOnceOptions* options) const {
  const auto* table = Find<schema::CallOnceOptions>(state_, schema::OptionsType::CallOnceOptions);
  MIDGE_TRY(CheckOptions(table != nullptr));
  options->init_subgraph = table->init_subgraph_index();
  return {};
}

Status PrepareContext::Options(VarHandleOptions* options) const {
  MIDGE_TRY(CheckOptions(internal::ReadVarHandle(state_.model->bytes(), state_.node, options)));
  return {};
}

}  // namespace midge
