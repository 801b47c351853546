// SPDX-License-Identifier: Apache-2.0
//
// Ops that join tensors along a dimension into one (CONCATENATION, PACK) or take one apart (SPLIT,
// SPLIT_V, UNPACK): what their Prepare and Eval share.
//
// Shapes    the whole [lines, sum of pieces], part k [lines, piece k], in bytes: all dimensions
//           outside the one that is joined are lines, the rest of a part is its piece of each line.
// Math      whole[l] = part 0 [l], part 1 [l], …, bytes possibly looked up in tables.
// Requires  established by Prepare: all operands of one type, of whole bytes; shapes that agree.
// Memory    row window: the same row where lines are not longer than rows, else the whole input. No
//           scratch. A single part is an alias of the whole; of a single line, parts may be
//           views of it, unless there are tables. Moves bytes, so it has no variants.
#pragma once

#include <cstdint>

#include "midge/op.h"

namespace midge {

// Prepare of ops with all inputs, or all outputs, as parts, once their operands are known to be
// there. A stacked part has no such dimension: its extent is 1.
Status PrepareJoin(PrepareContext& context, int axis, bool stacked);

// The same for parts of bytes of which some are not moved but looked up: part k in table tables[k],
// unless that is -1. The caller appends the tables, 256 bytes each, to the node's state.
Status PrepareJoinByTables(PrepareContext& context, int axis, int32_t** tables);
Status PrepareTakeApart(PrepareContext& context, int whole_input, int axis, bool stacked);

Status EvalJoin(const EvalContext& context, Rows rows);
template <int kWholeInput>
Status EvalTakeApart(const EvalContext& context, Rows rows);

}  // namespace midge
