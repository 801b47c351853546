// SPDX-License-Identifier: Apache-2.0
//
// Builtin options: from the model's tables to plain structs. One function per op, so that an image
// holds the readers of the ops it links.
#include <cstddef>
#include <cstring>

#include "model/fields.h"
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

// What many tables have, so that one function reads all of them.
enum class Kind : uint8_t {
  kPadding,
  // TANH and SIGN_BIT exist in the format; no kernel of the field fuses them.
  kActivation,
  // Strides, dilations, filter sizes, ranks: at least 1, and small enough that window arithmetic
  // on any legal tensor stays in 32 bits and the values fit the nodes' 16-bit fields.
  kExtent,
  kExtentOrOne,  // if it is left out
};
struct Field {
  uint8_t id;  // a VT_ constant
  Kind kind;
  uint8_t offset_bytes;  // in the op's struct
};

}  // namespace

struct internal::OptionsTable {
  const TableFields& known;
  Span<const Field> fields;
  schema::OptionsType type;
};

namespace {

template <typename Id>
constexpr Field At(Id id, Kind kind, size_t offset_bytes) {
  return {static_cast<uint8_t>(id), kind, static_cast<uint8_t>(offset_bytes)};
}

// False if there is no table or a value is out of range.
bool ReadFields(const void* table, Span<const Field> fields, void* options) {
  if (table == nullptr) return false;
  for (const Field& field : fields) {
    uint8_t* const to = static_cast<uint8_t*>(options) + field.offset_bytes;
    if (field.kind <= Kind::kActivation) {
      const uint32_t value = internal::ByteOf(table, field.id);
      const auto most = field.kind == Kind::kPadding
                            ? static_cast<uint32_t>(schema::Padding::VALID)
                            : static_cast<uint32_t>(schema::ActivationFunctionType::RELU6);
      if (value > most) return false;
      *to = static_cast<uint8_t>(value);
    } else {
      const uint32_t value =
          internal::WordOf(table, field.id, field.kind == Kind::kExtentOrOne ? 1 : 0);
      if (value - 1 >= INT16_MAX) return false;
      *reinterpret_cast<int32_t*>(to) = static_cast<int32_t>(value);
    }
  }
  return true;
}

// The two convolutions differ in field ids alone.
template <typename Table>
constexpr Field kConvolutionFields[] = {
    At(Table::VT_PADDING, Kind::kPadding, offsetof(Conv2DOptions, padding)),
    At(Table::VT_FUSED_ACTIVATION_FUNCTION, Kind::kActivation, offsetof(Conv2DOptions, activation)),
    At(Table::VT_STRIDE_W, Kind::kExtent, offsetof(Conv2DOptions, stride_w)),
    At(Table::VT_STRIDE_H, Kind::kExtent, offsetof(Conv2DOptions, stride_h)),
    At(Table::VT_DILATION_W_FACTOR, Kind::kExtentOrOne, offsetof(Conv2DOptions, dilation_w)),
    At(Table::VT_DILATION_H_FACTOR, Kind::kExtentOrOne, offsetof(Conv2DOptions, dilation_h)),
};
constexpr Field kTransposeConvFields[] = {
    At(schema::TransposeConvOptions::VT_PADDING, Kind::kPadding,
       offsetof(TransposeConvOptions, padding)),
    At(schema::TransposeConvOptions::VT_FUSED_ACTIVATION_FUNCTION, Kind::kActivation,
       offsetof(TransposeConvOptions, activation)),
    At(schema::TransposeConvOptions::VT_STRIDE_W, Kind::kExtent,
       offsetof(TransposeConvOptions, stride_w)),
    At(schema::TransposeConvOptions::VT_STRIDE_H, Kind::kExtent,
       offsetof(TransposeConvOptions, stride_h)),
};
constexpr Field kPool2DFields[] = {
    At(schema::Pool2DOptions::VT_PADDING, Kind::kPadding, offsetof(Pool2DOptions, padding)),
    At(schema::Pool2DOptions::VT_FUSED_ACTIVATION_FUNCTION, Kind::kActivation,
       offsetof(Pool2DOptions, activation)),
    At(schema::Pool2DOptions::VT_STRIDE_W, Kind::kExtent, offsetof(Pool2DOptions, stride_w)),
    At(schema::Pool2DOptions::VT_STRIDE_H, Kind::kExtent, offsetof(Pool2DOptions, stride_h)),
    At(schema::Pool2DOptions::VT_FILTER_WIDTH, Kind::kExtent, offsetof(Pool2DOptions, filter_w)),
    At(schema::Pool2DOptions::VT_FILTER_HEIGHT, Kind::kExtent, offsetof(Pool2DOptions, filter_h)),
};
constexpr Field kSvdfFields[] = {
    At(schema::SVDFOptions::VT_RANK, Kind::kExtent, offsetof(SvdfOptions, rank)),
    At(schema::SVDFOptions::VT_FUSED_ACTIVATION_FUNCTION, Kind::kActivation,
       offsetof(SvdfOptions, activation)),
};
template <typename Table>
constexpr Field kBlockFields[] = {At(Table::VT_BLOCK_SIZE, Kind::kExtent, 0)};
// Of an op without other options, or whose struct begins with it.
template <typename Table>
constexpr Field kActivationFields[] = {
    At(Table::VT_FUSED_ACTIVATION_FUNCTION, Kind::kActivation, 0)};

// Of a table with fields that one function reads.
template <typename Table, schema::OptionsType kType, size_t kCount>
constexpr internal::OptionsTable TableOf(const Field (&fields)[kCount]) {
  return {internal::FieldsOf<Table>::kFields, {fields, kCount}, kType};
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

Status PrepareContext::ReadOptions(const internal::OptionsTable& table, void* options) const {
  state_.wanted_options = static_cast<uint8_t>(table.type);
  return CheckOptions(
      ReadFields(FindVerified(state_.model->bytes(), state_.node, table.type, table.known),
                 table.fields, options));
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
  using Table = schema::Conv2DOptions;
  static constexpr auto kTable =
      TableOf<Table, schema::OptionsType::Conv2DOptions>(kConvolutionFields<Table>);
  return ReadOptions(kTable, options);
}

Status PrepareContext::Options(DepthwiseConv2DOptions* options) const {
  using Table = schema::DepthwiseConv2DOptions;
  static constexpr auto kTable =
      TableOf<Table, schema::OptionsType::DepthwiseConv2DOptions>(kConvolutionFields<Table>);
  return ReadOptions(kTable, options);
}

Status PrepareContext::Options(FullyConnectedOptions* options) const {
  using Table = schema::FullyConnectedOptions;
  static constexpr auto kTable =
      TableOf<Table, schema::OptionsType::FullyConnectedOptions>(kActivationFields<Table>);
  MIDGE_TRY(ReadOptions(kTable, options));
  const void* const table = state_.node.options;
  if (internal::ByteOf(table, Table::VT_WEIGHTS_FORMAT) !=
          static_cast<uint32_t>(schema::FullyConnectedOptionsWeightsFormat::DEFAULT) ||
      internal::TargetOf(table, Table::VT_QUANT_SPEC) != nullptr) {
    return Error(StatusCode::kUnsupportedOption);
  }
  options->asymmetric_quantize_inputs =
      internal::ByteOf(table, Table::VT_ASYMMETRIC_QUANTIZE_INPUTS) != 0;
  options->wide_without_bias = internal::ByteOf(table, Table::VT_QUANTIZED_BIAS_TYPE) !=
                               static_cast<uint32_t>(schema::TensorType::INT32);
  return {};
}

Status PrepareContext::Options(TransposeConvOptions* options) const {
  using Table = schema::TransposeConvOptions;
  static constexpr auto kTable =
      TableOf<Table, schema::OptionsType::TransposeConvOptions>(kTransposeConvFields);
  return ReadOptions(kTable, options);
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
  using Table = schema::Pool2DOptions;
  static constexpr auto kTable = TableOf<Table, schema::OptionsType::Pool2DOptions>(kPool2DFields);
  return ReadOptions(kTable, options);
}

Status PrepareContext::Options(SoftmaxOptions* options) const {
  using Table = schema::SoftmaxOptions;
  const Table* const table = Find<Table>(state_, schema::OptionsType::SoftmaxOptions);
  MIDGE_TRY(CheckOptions(table != nullptr));
  const uint32_t bits = internal::WordOf(table, Table::VT_BETA);
  std::memcpy(&options->beta, &bits, sizeof bits);
  return {};
}

Status PrepareContext::Options(AddOptions* options) const {
  using Table = schema::AddOptions;
  static constexpr auto kTable =
      TableOf<Table, schema::OptionsType::AddOptions>(kActivationFields<Table>);
  return ReadOptions(kTable, options);
}

Status PrepareContext::Options(MulOptions* options) const {
  using Table = schema::MulOptions;
  static constexpr auto kTable =
      TableOf<Table, schema::OptionsType::MulOptions>(kActivationFields<Table>);
  return ReadOptions(kTable, options);
}

Status PrepareContext::Options(SubOptions* options) const {
  using Table = schema::SubOptions;
  static constexpr auto kTable =
      TableOf<Table, schema::OptionsType::SubOptions>(kActivationFields<Table>);
  return ReadOptions(kTable, options);
}

Status PrepareContext::Options(DivOptions* options) const {
  using Table = schema::DivOptions;
  static constexpr auto kTable =
      TableOf<Table, schema::OptionsType::DivOptions>(kActivationFields<Table>);
  return ReadOptions(kTable, options);
}

Status PrepareContext::Options(L2NormOptions* options) const {
  using Table = schema::L2NormOptions;
  static constexpr auto kTable =
      TableOf<Table, schema::OptionsType::L2NormOptions>(kActivationFields<Table>);
  return ReadOptions(kTable, options);
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
  using Table = schema::SVDFOptions;
  static constexpr auto kTable = TableOf<Table, schema::OptionsType::SVDFOptions>(kSvdfFields);
  return ReadOptions(kTable, options);
}

Status PrepareContext::Options(ConcatenationOptions* options) const {
  using Table = schema::ConcatenationOptions;
  static constexpr Field kFields[] = {At(Table::VT_FUSED_ACTIVATION_FUNCTION, Kind::kActivation,
                                         offsetof(ConcatenationOptions, activation))};
  static constexpr auto kTable = TableOf<Table, schema::OptionsType::ConcatenationOptions>(kFields);
  MIDGE_TRY(ReadOptions(kTable, options));
  options->axis = static_cast<const Table*>(state_.node.options)->axis();
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
  using Table = schema::SpaceToDepthOptions;
  static constexpr auto kTable =
      TableOf<Table, schema::OptionsType::SpaceToDepthOptions>(kBlockFields<Table>);
  return ReadOptions(kTable, options);
}

Status PrepareContext::Options(DepthToSpaceOptions* options) const {
  using Table = schema::DepthToSpaceOptions;
  static constexpr auto kTable =
      TableOf<Table, schema::OptionsType::DepthToSpaceOptions>(kBlockFields<Table>);
  return ReadOptions(kTable, options);
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
