// SPDX-License-Identifier: Apache-2.0
//
// Ops that find slabs of elements in a table by indices that are data: what their Prepare and Eval
// share. An index that the table does not have is never followed: Eval then returns kBadData at the
// operand of the indices, and the output is what it happens to be.
//
// Shapes    table [batches, outer, e1 … eD, slab], indices [batches, count, D], slabs
//           [batches, outer, count, slab]; D indices in a row say which of the e1 * … * eD slabs.
// Memory    needs everything. No scratch. Moves bytes of any type, so it has no variants.
#pragma once

#include <cstdint>
#include <cstring>

#include "midge/op.h"

namespace midge {

// Checks that the operand holds indices: int16, int32 or int64.
Status ExpectIndices(const PrepareContext& context, int input);

// Element i of such an operand, which need not be aligned; beyond int32 it becomes INT32_MIN or
// INT32_MAX.
int32_t IndexAt(const uint8_t* indices, int32_t index_bytes, int32_t i);

struct LookupState {
  int32_t batches, outer, count;
  int32_t table_slabs;  // e1 * … * eD
  int32_t slab_bytes;
  uint8_t index_bytes;
  uint8_t depth;  // D
  int32_t extents[kMaxRank];
};

// Fills in a lookup of single indices along dimension `axis` of a table. The output's shape is
// table[:axis] + indices[batch_dimensions:] + table[axis + 1:]; kBadShape at output 0 if not.
Status PlanAxisLookup(const PrepareContext& context, int table, int indices, int axis,
                      int batch_dimensions, LookupState* state);

// Fills in a lookup of the tuples that are the rows of `indices` in the first dimensions of a
// table, and checks that slabs is indices[:-1] + table[D:].
Status PlanTupleLookup(const PrepareContext& context, int indices, Operand table, Operand slabs,
                       LookupState* state);

// The slab that index tuple `i` names; false if there is none.
bool FindSlab(const LookupState& state, const uint8_t* indices, int32_t i, int32_t* slab);

// Copies slabs out of the table, which is an input, to output 0.
Status CopySlabs(const EvalContext& context, const LookupState& state, int table, int indices);

}  // namespace midge
