// SPDX-License-Identifier: Apache-2.0
#include "allocate.h"

namespace midge_tool {

namespace {

// Not inlined, so that the temporary is off the stack when memory is planned.
[[gnu::noinline]] void Renew(const midge::Model& model, midge::OpResolverView ops, Block* arena,
                             midge::Interpreter* interpreter) {
  *interpreter = midge::Interpreter(model, ops, arena->bytes());
}

}  // namespace

midge::Status AllocateAsNeeded(const midge::Model& model, midge::OpResolverView ops, bool streamed,
                               Block* arena, midge::Interpreter* interpreter) {
  const midge::AllocateOptions options = {false, midge::kFollowOfflinePlan,
                                          streamed ? midge::kStreamRows : nullptr};
  for (Renew(model, ops, arena, interpreter);; interpreter->set_arena(arena->bytes())) {
    const midge::Status status = interpreter->AllocateTensors(options);
    if (status.code() != midge::StatusCode::kArenaTooSmall) return status;
    // The first answer for a large model is the room to plan in; with that the next is final.
    const size_t needed_bytes = interpreter->arena_used_bytes();
    if (needed_bytes <= arena->bytes().size() || !arena->Allocate(needed_bytes)) return status;
  }
}

}  // namespace midge_tool
