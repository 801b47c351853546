// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "midge/op.h"

namespace midge {

// Which ops an application links. Holds addresses of rows, so only what is named is linked.
// A view: the base that Interpreter takes, whatever the capacity.
class OpResolverView {
 public:
  constexpr OpResolverView(const Op* const* rows, const int* count) : rows_(rows), count_(count) {}

  constexpr int count() const { return *count_; }
  // Row i, and its chain of rows for other types.
  constexpr const Op& row(int i) const { return *rows_[i]; }

 private:
  const Op* const* rows_;
  const int* count_;
};

// A list of at most N ops:
//
//   midge::OpResolver<2> ops;
//   ops.Add(midge::kConv2DInt8);   // one element type
//   ops.Add(midge::kSoftmax);      // all
//
// or, constant-initialized in flash: `constexpr midge::OpResolver ops{&midge::kConv2D, …}`.
// Where two rows serve the same op and type, the one added first is used.
template <int N>
class OpResolver {
  static_assert(N > 0 && N <= kMaxOps);

 public:
  constexpr OpResolver() = default;
  template <typename... Rest, typename = std::enable_if_t<1 + sizeof...(Rest) == N>>
  constexpr explicit OpResolver(const Op* first, const Rest*... rest)
      : rows_{first, rest...}, count_(N) {}

  // kInvalidArgument if the list is full.
  Status Add(const Op& op) {
    if (count_ == N) return StatusCode::kInvalidArgument;
    rows_[count_++] = &op;
    return {};
  }
  constexpr OpResolverView view() const { return {rows_, &count_}; }
  constexpr operator OpResolverView() const { return view(); }  // NOLINT: implicit on purpose

 private:
  const Op* rows_[N] = {};
  int count_ = 0;
};
template <typename... Rest>
OpResolver(const Op*, const Rest*...) -> OpResolver<1 + static_cast<int>(sizeof...(Rest))>;

}  // namespace midge
