// SPDX-License-Identifier: Apache-2.0
//
// The fields of option tables, as in schema/midge.fbs.
#pragma once

#include "model/schema.h"
#include "model/structure.h"

namespace midge::internal {

// kKnown is false for a table that is not here: its generated Verify does the same in more code.
template <typename Table>
struct FieldsOf {
  static constexpr bool kKnown = false;
};

template <uint8_t... kKinds>
struct KnownFields {
  static constexpr bool kKnown = true;
  static constexpr TableFields kFields = {sizeof...(kKinds), {kKinds...}};
};

template <>
struct FieldsOf<schema::Conv2DOptions> : KnownFields<kByte, kInt, kInt, kByte, kInt, kInt, kByte> {
};
template <>
struct FieldsOf<schema::DepthwiseConv2DOptions>
    : KnownFields<kByte, kInt, kInt, kInt, kByte, kInt, kInt> {};
template <>
struct FieldsOf<schema::TransposeConvOptions> : KnownFields<kByte, kInt, kInt, kByte, kByte> {};
template <>
struct FieldsOf<schema::FullyConnectedOptions>
    : KnownFields<kByte, kByte, kByte, kByte, kByte, kBytes> {};
template <>
struct FieldsOf<schema::BatchMatMulOptions> : KnownFields<kByte, kByte, kByte> {};
template <>
struct FieldsOf<schema::Pool2DOptions> : KnownFields<kByte, kInt, kInt, kInt, kInt, kByte> {};
template <>
struct FieldsOf<schema::SoftmaxOptions> : KnownFields<kInt> {};
template <>
struct FieldsOf<schema::LeakyReluOptions> : KnownFields<kInt> {};
template <>
struct FieldsOf<schema::GeluOptions> : KnownFields<kByte> {};
template <>
struct FieldsOf<schema::L2NormOptions> : KnownFields<kByte> {};
template <>
struct FieldsOf<schema::AddOptions> : KnownFields<kByte, kByte> {};
template <>
struct FieldsOf<schema::SubOptions> : KnownFields<kByte, kByte> {};
template <>
struct FieldsOf<schema::MulOptions> : KnownFields<kByte> {};
template <>
struct FieldsOf<schema::DivOptions> : KnownFields<kByte> {};
template <>
struct FieldsOf<schema::ReducerOptions> : KnownFields<kByte> {};
template <>
struct FieldsOf<schema::ArgMaxOptions> : KnownFields<kByte> {};
template <>
struct FieldsOf<schema::ArgMinOptions> : KnownFields<kByte> {};
template <>
struct FieldsOf<schema::CumsumOptions> : KnownFields<kByte, kByte> {};
template <>
struct FieldsOf<schema::SVDFOptions> : KnownFields<kInt, kByte, kByte> {};
template <>
struct FieldsOf<schema::LSTMOptions> : KnownFields<kByte, kInt, kInt, kByte, kByte> {};
template <>
struct FieldsOf<schema::UnidirectionalSequenceLSTMOptions>
    : KnownFields<kByte, kInt, kInt, kByte, kByte, kByte> {};
template <>
struct FieldsOf<schema::ReshapeOptions> : KnownFields<kInts> {};
template <>
struct FieldsOf<schema::SqueezeOptions> : KnownFields<kInts> {};
template <>
struct FieldsOf<schema::ShapeOptions> : KnownFields<kByte> {};
template <>
struct FieldsOf<schema::PackOptions> : KnownFields<kInt, kInt> {};
template <>
struct FieldsOf<schema::UnpackOptions> : KnownFields<kInt, kInt> {};
template <>
struct FieldsOf<schema::SplitOptions> : KnownFields<kInt> {};
template <>
struct FieldsOf<schema::SplitVOptions> : KnownFields<kInt> {};
template <>
struct FieldsOf<schema::ConcatenationOptions> : KnownFields<kInt, kByte> {};
template <>
struct FieldsOf<schema::StridedSliceOptions> : KnownFields<kInt, kInt, kInt, kInt, kInt, kByte> {};
template <>
struct FieldsOf<schema::MirrorPadOptions> : KnownFields<kByte> {};
template <>
struct FieldsOf<schema::GatherOptions> : KnownFields<kInt, kInt> {};
template <>
struct FieldsOf<schema::OneHotOptions> : KnownFields<kInt> {};
template <>
struct FieldsOf<schema::SpaceToDepthOptions> : KnownFields<kInt> {};
template <>
struct FieldsOf<schema::DepthToSpaceOptions> : KnownFields<kInt> {};
template <>
struct FieldsOf<schema::ResizeBilinearOptions> : KnownFields<kUnread, kUnread, kByte, kByte> {};
template <>
struct FieldsOf<schema::ResizeNearestNeighborOptions> : KnownFields<kByte, kByte> {};
template <>
struct FieldsOf<schema::CastOptions> : KnownFields<kByte, kByte> {};
template <>
struct FieldsOf<schema::VarHandleOptions> : KnownFields<kString, kString> {};
template <>
struct FieldsOf<schema::IfOptions> : KnownFields<kInt, kInt> {};
template <>
struct FieldsOf<schema::WhileOptions> : KnownFields<kInt, kInt> {};
template <>
struct FieldsOf<schema::CallOnceOptions> : KnownFields<kInt> {};

}  // namespace midge::internal
