// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "files.h"
#include "midge/interpreter.h"

namespace midge_tool {

// Makes `interpreter` one for `model` and `ops` whose AllocateTensors() has been called, with as
// much arena as that asked for; nodes may be streamed (kStreamRows) if `streamed`. kArenaTooSmall
// means that the machine has not got that much memory.
midge::Status AllocateAsNeeded(const midge::Model& model, midge::OpResolverView ops, bool streamed,
                               Block* arena, midge::Interpreter* interpreter);

}  // namespace midge_tool
