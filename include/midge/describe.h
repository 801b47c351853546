// SPDX-License-Identifier: Apache-2.0
//
// Text for people. In objects of their own: an image that calls nothing here carries none of it.
#pragma once

#include "midge/interpreter.h"

namespace midge {

// "CONV_2D", or "UNKNOWN" for a number that the format does not define.
const char* OpName(BuiltinOp code);
// "INT8"; "UNKNOWN" likewise.
const char* TypeName(TensorType type);

// "kConv2D": the name that ops.h has for all rows of an op; "" if Midge has none. buffer as below.
const char* OpSymbol(BuiltinOp code, Span<char> buffer);

// One line about `status`: node with its op, operand with its tensor, what is wrong, what was found,
// what to do. Writes at most buffer.size() bytes including the final NUL, cuts what does not fit,
// returns buffer.data(). `model` may be a default-constructed Model if there is none.
const char* Describe(Status status, const Model& model, Span<char> buffer);
// As above, for a Status of Model::Verify of these bytes.
const char* Describe(Status status, Span<const uint8_t> model_bytes, Span<char> buffer);
// As above, for the Status of this interpreter's last call: also asks the node's op once more, for
// what it needs, and gives the arena size that is needed.
const char* Describe(Status status, const Interpreter& interpreter, Span<char> buffer);

}  // namespace midge
