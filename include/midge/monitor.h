// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "midge/op.h"

namespace midge {

class Interpreter;

// Called around every node by Interpreter::Invoke(monitor): to time nodes, feed a watchdog, look at
// tensors, or stop. Invoke() without a monitor contains none of this.
struct Monitor {
  enum class Moment : uint8_t { kBeforeNode, kAfterNode };

  // Nodes that a plan executes row by row together are one here: kBeforeNode at the first of them,
  // kAfterNode at the last.
  //
  // Return false to stop: Invoke then returns kStopped at this node. Outputs of `node` may be read
  // through `interpreter` at kAfterNode, before later nodes reuse their memory.
  bool (*callback)(void* context, const Interpreter& interpreter, Moment moment, int node);
  void* context;
};

}  // namespace midge
