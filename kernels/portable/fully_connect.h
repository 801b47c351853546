// SPDX-License-Identifier: Apache-2.0
//
// The loops of FULLY_CONNECTED, for every type: see products.h.
#pragma once

#include "kernels/fully_connected.h"
#include "kernels/portable/products.h"

namespace midge::portable {

// `offset(x)` is what is added to each sum of a batch whose input is x.
template <typename Products, typename Offset>
void FullyConnect(const Products& products, const FullyConnectedShape& shape,
                  const typename Products::Element* input, int32_t batches,
                  typename Products::Output* output, const Offset& offset) {
  const int32_t depth = shape.depth, units = shape.units;
  for (; batches > 0; --batches, input += depth) {
    const typename Products::Sum more = offset(input);
    int32_t u = 0, w = 0;
    for (; u + kDotChannels <= units; u += kDotChannels, w += kDotChannels * depth) {
      typename Products::Sum sums[kDotChannels];
      for (int32_t k = 0; k < kDotChannels; ++k) sums[k] = AddWrapping(more, products.Begin(u + k));
      products.template Add<kDotChannels>(input, w, depth, depth, sums);
      for (int32_t k = 0; k < kDotChannels; ++k) *output++ = products.End(sums[k], u + k);
    }
    for (; u < units; ++u, w += depth) {
      typename Products::Sum sum = AddWrapping(more, products.Begin(u));
      products.template Add<1>(input, w, depth, depth, &sum);
      *output++ = products.End(sum, u);
    }
  }
}

template <typename Products>
void FullyConnect(const Products& products, const FullyConnectedShape& shape,
                  const typename Products::Element* input, int32_t batches,
                  typename Products::Output* output) {
  FullyConnect(products, shape, input, batches, output,
               [](const typename Products::Element*) { return typename Products::Sum{}; });
}

}  // namespace midge::portable
