// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "midge/op.h"

namespace midge {

// In each source file's own namespace: GCC gives static members of a template whose argument is an
// unnamed template (RowOf is) one name for the whole program, so that two files' rows would meet.
namespace {

// The rows of an op that differ in one element type: RowOf<T>::Row(next) makes the one for T.
// RowChain<RowOf, int8_t, float>::kRow is the first of a chain of two.
template <template <typename> class RowOf, typename... Types>
struct RowChain {
  static constexpr const Op* kHead = nullptr;
};

template <template <typename> class RowOf, typename First, typename... Rest>
struct RowChain<RowOf, First, Rest...> {
  static constexpr Op kRow = RowOf<First>::Row(RowChain<RowOf, Rest...>::kHead);
  static constexpr const Op* kHead = &kRow;
};

}  // namespace

}  // namespace midge
