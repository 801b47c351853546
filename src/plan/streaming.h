// SPDX-License-Identifier: Apache-2.0
//
// Planning on the device with segments: runs of nodes that execute row by row (segment.h), so that
// the tensors between them are rings of the rows in use. Linked by who allocates with kStreamRows.
#pragma once

#include "plan/planner.h"
#include "segment.h"

namespace midge::internal {

class GraphBuilder;

// Step 0 is before the first node; step n + 1 is node n, or a segment that begins with it.
struct StreamStep {
  static constexpr uint16_t kNoStep = 0xffff;
  static constexpr uint16_t kNoStride = 0xffff;

  uint32_t row_bytes;                    // of the output
  uint16_t rows;                         // of the output; 0: not known here
  uint16_t input_rows;                   // of each activation input; 0: not for segments
  uint16_t producers[kMaxStreamInputs];  // the steps that make these; kNoStep after the last
  uint16_t in_place;                     // which of these the output may lie on
  uint16_t item;                         // the output's
  uint16_t last_use;                     // of its memory
  uint16_t join;                         // the first step that all uses of the output have led to
  uint16_t ring_rows;                    // of the output, as a ring up to there

  // While segments are looked for. Bytes of tensors alive while the node runs, if nothing is a
  // ring; all that it needs as a step of its own; of the best steps that end with it: their peak,
  // how many nodes they stream, where the last of them begins, which in the end stays.
  uint32_t live_bytes;
  uint32_t alone_bytes;
  uint32_t peak_bytes;
  uint16_t streamed;
  uint16_t from;

  // In a segment whose last node is `seen`, when that makes row y: the node has made its rows
  // before y * stride + lead, as far as there are any and up to row `end`, and of them those before
  // y * stride + dead are no longer needed.
  uint16_t seen;
  uint16_t stride;  // kNoStride: it is not as simple
  uint16_t end;
  int32_t lead, dead;
};
static_assert(sizeof(StreamStep) == 60);

// How AllocateTensors() makes segments. `steps` has room for all nodes and one more.
struct StreamingParts {
  // After FindLifetimes, ShareAliases, FindDistances and AddScratch, without views: chooses
  // segments, makes what is between their nodes rings, has their nodes use one scratch in turn, and
  // gives items lifetimes in steps. Returns how many nodes are in segments: none where all tensors
  // are 4 MiB together, which is as far as the location of a ring goes. For each node, goes through
  // a few before it.
  int (*cut)(const Model& model, PlanTables& tables, StreamStep* steps, int first_scratch);
  // GraphBuilder::Locate() where nodes are in segments, for the program at `words`. Behind it there
  // is room for their StreamNodes.
  void (*locate)(GraphBuilder& builder, uint32_t* words, uint32_t program_bytes);
  decltype(&RunSegment) run_segment;
};
// The same, but whatever a row is worth: for tests.
extern const StreamingParts kStreamingOfAnyRows;

}  // namespace midge::internal
