// SPDX-License-Identifier: Apache-2.0
//
// What the commands that look at a model (and do not run it) share. Host only.
#pragma once

#include <string>
#include <vector>

#include "files.h"
#include "host_planner.h"
#include "midge/interpreter.h"

namespace midge_tool {

// A verified model and what AllocateTensors() with all of Midge's ops says about it.
struct LoadedModel {
  Block file;
  midge::Model model;
  midge::ArenaUsage arena_usage = {};  // zeros unless `error` is empty
  std::string error;                   // why the model cannot run, in one line; empty if it can
  bool by_rows = false;                // its plan is for rows of ops_by_rows.h
};

// Returns kExitOk, also for a model that is sound but cannot run; or kExitFailure after one line on
// stderr.
int LoadModel(const char* program, const char* path, LoadedModel* loaded);

// What the same model needs where rows are streamed (kStreamRows); arena_usage if that cannot be
// told.
midge::ArenaUsage StreamedUsage(const LoadedModel& loaded);

// An op as a model uses it: one entry per row of the resolver.
struct UsedOp {
  std::string name;    // "CONV_2D", or a custom op's own
  std::string type;    // of the input that chooses the row, "INT8"
  std::string symbol;  // "kConv2DInt8"; empty where Midge has no such row
  int node_count;
  const midge::Op* row;  // null where Midge has no such row
};

// The ops of a model, of all its graphs, in the order of their first node.
// `by_rows`: of ops_by_rows.h where that has the op.
std::vector<UsedOp> UsedOps(const midge::Model& model, bool by_rows = false);
// A resolver of exactly the rows that a model uses, in the order in which Ops() of an embedded
// model has them: a plan names rows by their place.
class UsedOpResolver {
 public:
  explicit UsedOpResolver(const midge::Model& model, bool by_rows = false);
  midge::OpResolverView view() const { return {heads_.data(), &count_}; }

 private:
  std::vector<midge::Op> rows_;  // unchained
  std::vector<const midge::Op*> heads_;
  int count_ = 0;
};
// Makes the plan of a model that can run and replaces the model by one that holds it; arena_usage
// is then what the plan needs. Returns kExitOk, or kExitFailure after one line on stderr.
int KeepPlan(const char* program, const char* path, const HostPlanOptions& options,
             LoadedModel* loaded, HostPlan* plan = nullptr);
// Every row that Midge has; node counts are 0.
std::vector<UsedOp> AllRows();

std::string OpNameOf(const midge::NodeView& node);
std::string ShapeText(const midge::Shape& shape);  // "[1,49,10,1]"
std::string HashText(midge::Span<const uint8_t> bytes);
std::string FileName(const std::string& path);

// printf into a string.
[[gnu::format(printf, 1, 2)]] std::string Format(const char* format, ...);

}  // namespace midge_tool
