// SPDX-License-Identifier: Apache-2.0
//
// What Describe reads of bytes that Model::Verify has refused. Only what a Status of Verify makes
// sure of is looked at.
#pragma once

#include "midge/status.h"
#include "text_writer.h"

namespace midge::internal {

// "node 3 (CONV_2D), input 1" or "tensor 5 [weights, INT8]"; nothing if the Status names no place.
void WriteRefusedPlace(TextWriter& out, Status status, Span<const uint8_t> bytes);
// "names buffer 99 of 12": what was found and what was needed. False, and nothing is written, if
// there is no more to say than the code does.
bool WriteRefusedDetail(TextWriter& out, Status status, Span<const uint8_t> bytes);

}  // namespace midge::internal
