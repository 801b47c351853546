// SPDX-License-Identifier: Apache-2.0
//
// A plan that a host has made (tools/plan), kept in the model as metadata of the name below: a
// header and the program. Other runtimes ignore it.
#pragma once

#include <cstdint>

namespace midge::internal {

inline constexpr char kPlanMetadataName[] = "midge_plan";

struct EmbeddedPlanHeader {
  uint32_t format;  // kPlanFormat
  uint32_t program_bytes;
  uint32_t activation_bytes;
  uint32_t variable_bytes;  // of these, the first: named variables and nothing else
  uint32_t work_bytes;      // that it takes to check the plan, where activations are later
  // Of the counts of rows that InvokeRows() keeps from call to call (segment.h); 0 if the plan
  // holds the input whole.
  uint32_t fed_counts_bytes;
};
static_assert(sizeof(EmbeddedPlanHeader) == 24);

// Changes with the record layout. States of nodes may change without it: a record is only used if
// it is what this library's Prepare makes.
inline constexpr uint32_t kPlanFormat = 3;

}  // namespace midge::internal
