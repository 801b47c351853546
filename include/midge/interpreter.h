// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include "midge/model.h"
#include "midge/monitor.h"
#include "midge/op_resolver.h"
#include "midge/status.h"

namespace midge {

class Interpreter;

namespace internal {
struct PlanTables;
struct PlanPolicy;
struct BlockParts;
extern const BlockParts kBlockParts;

using OfflinePlan = Status(const Model& model, PlanTables& tables, uint16_t* lowest,
                           uint32_t* placed_bytes);
OfflinePlan PlaceAsModelSays;

struct StreamingParts;
extern const StreamingParts kStreamingParts;

// What not every model needs once it has been prepared: null until the Prepare of an op asks for
// it, so that an image links what its ops can use.
struct RunParts {
  Status (*reset)(Interpreter& interpreter);  // ResetState
  int32_t (*float16_source)(const Model& model, int32_t tensor);
  // RunDescending: Eval of node n for all rows of its output, which are written downwards.
  Status (*run_descending)(const Model& model, int n, const Op& op, const EvalContext& context);
};
Status RunDescending(const Model& model, int n, const Op& op, const EvalContext& context);
// Sets variables to what they start with, and runs the nodes that asked for it.
Status ResetState(Interpreter& interpreter);

struct SegmentResult {
  Status status;  // node: counted from the segment's first
  int node_count;
  const uint32_t* after;  // the record behind the segment
};
}  // namespace internal

// How the arena's bytes are used: [program][activations], the planner's tables lying where the
// activations will be. Where activations have a block of their own (MemoryBlocks): [program][kept].
struct ArenaUsage {
  uint32_t program_bytes;     // node records: operands, state, per-channel tables; with an embedded
                              // plan, which has these in flash: what InvokeRows() counts
  uint32_t activation_bytes;  // tensors and scratch
  uint32_t planning_bytes;    // tables used during AllocateTensors() only
  uint32_t kept_bytes;        // variables, where activations have a block of their own
  uint32_t fast_bytes;        // of the fast block
  bool activations_apart;     // in a block of their own
  // Of the arena: enough, and one less is not.
  uint32_t total_bytes() const {
    const uint32_t tensors = activations_apart ? kept_bytes : activation_bytes;
    return program_bytes + (tensors > planning_bytes ? tensors : planning_bytes);
  }
};

// Memory in more blocks than one, each at a multiple of kArenaAlignment. All but the arena may be
// empty.
struct MemoryBlocks {
  MemoryBlocks(Span<uint8_t> arena_block, Span<uint8_t> activations_block,
               Span<uint8_t> fast_block = {})
      : arena(arena_block), activations(activations_block), fast(fast_block) {}

  Span<uint8_t> arena;
  // For activations, that is all that need not survive until the next Invoke(). Several
  // interpreters may be given the same block, or blocks that overlap, if only one of them is at
  // work at a time: from writing its first input to reading its last output.
  Span<uint8_t> activations;
  // Memory that is faster than the arena (DTCM, say): what is used most of activations and scratch
  // goes there, as far as it has room. Interpreters may share it as they may share activations, but
  // only if these have a block of their own: else variables may be among what is in it.
  Span<uint8_t> fast;
};

// Where the bytes of a tensor are.
enum class Region : uint8_t { kNone, kModel, kActivations, kFast, kKept };

struct AllocateOptions {
  // Every tensor keeps its memory: after Invoke() all of them can be looked at through tensor(),
  // for comparing layer by layer. Takes much more arena; the bits are the same.
  bool keep_tensors_apart = false;
  // kFollowOfflinePlan: tensors go where the model's metadata OfflineMemoryAllocation says, if it
  // has any. An image that does not name it does not link it.
  internal::OfflinePlan* offline_plan = nullptr;
  // kStreamRows: nodes run row by row, together, where the arena can so be smaller: of tensors
  // between them it has only the rows in use. Only where rows are large, so that Invoke() takes
  // some 3 % more instructions at most; the bits are the same. Not where activations are in several
  // blocks or kept apart, or the model says where they go. An image that does not name it does not
  // link it.
  const internal::StreamingParts* streaming = nullptr;
};
inline constexpr internal::OfflinePlan* kFollowOfflinePlan = internal::PlaceAsModelSays;
inline constexpr const internal::StreamingParts* kStreamRows = &internal::kStreamingParts;

// Runs a model in an arena. Owns neither; the model, the ops and the arena must outlive it, and the
// arena may not be touched by others between AllocateTensors() and the last Invoke().
// Not thread-safe; two interpreters may run in two threads.
class Interpreter {
 public:
  // The bytes are verified by AllocateTensors().
  Interpreter(Span<const uint8_t> model, OpResolverView ops, Span<uint8_t> arena)
      : bytes_(model), ops_(ops), arena_(arena), verify_(Model::Verify) {}
  // A model that has been verified already, or is trusted (Model::Trust). An image that makes none
  // of bytes does not link what verifies them.
  Interpreter(const Model& model, OpResolverView ops, Span<uint8_t> arena)
      : bytes_(model.bytes()), model_(model), ops_(ops), arena_(arena) {}

  // Memory in several blocks. AllocateTensorsAsPlanned() uses the arena alone.
  Interpreter(Span<const uint8_t> model, OpResolverView ops, const MemoryBlocks& blocks)
      : bytes_(model),
        ops_(ops),
        arena_(blocks.arena),
        activations_(blocks.activations),
        fast_(blocks.fast),
        blocks_(&internal::kBlockParts),
        verify_(Model::Verify) {}

  // Verifies the model, finds and prepares every node's op, and plans the arena. May be called
  // again; after a failure the object can be tried again or destroyed. The error names node and
  // operand; on kArenaTooSmall, arena_used_bytes() is the size that will do.
  Status AllocateTensors();
  Status AllocateTensors(const AllocateOptions& options);

  // The same, by the plan that `midge plan` has embedded in the model. The node records then stay
  // in the model, so the arena holds activations only, and nodes may run row by row. Every record
  // is compared with what Prepare makes of the node on this machine: kBadPlan if one differs (other
  // ops, another kernel variant or version), kNoPlan if there is no plan. An image that calls this
  // and not AllocateTensors() does not link the planner.
  Status AllocateTensorsAsPlanned();

  // Runs all nodes. Inputs must be written before each call: their memory is reused.
  Status Invoke();
  Status Invoke(const Monitor& monitor);

  // Input 0 as it arrives (lines of a camera, frames of audio) instead of all at once: copies the
  // next elements, any number of them, and runs what they suffice for. With the last ones all nodes
  // have run and the outputs are there, the same as after Invoke(). Other inputs are written before
  // the first element. kTooManyRows, and nothing happens, if the input has not that many left.
  //
  // A plan made for this (`midge plan --stream-input`) keeps only the rows in use: the input tensor
  // is not in the arena, input(0) has no data, and Invoke() is refused with kInputIsFed. With any
  // other plan the elements are gathered in the input tensor and the last ones run all nodes.
  template <typename T>
  Status InvokeRows(Span<T> elements) {
    if (!IsElement<T>(input(0).type())) return StatusCode::kInvalidArgument;
    return FeedBytes(
        {reinterpret_cast<const uint8_t*>(elements.data()), elements.size() * sizeof(T)});
  }
  // Where the next elements will lie, as far as they follow each other. Who writes them there, say
  // by DMA, and gives that very memory to InvokeRows(), saves the copy. Empty after the last one.
  template <typename T>
  Span<T> next_rows() {
    if (!IsElement<T>(input(0).type())) return {};
    const Span<uint8_t> place = NextBytes();
    return {reinterpret_cast<T*>(place.data()), place.size() / sizeof(T)};
  }
  // The bytes of input 0 that have not been fed yet; 0: the outputs are there.
  size_t input_bytes_left() const { return allocated_ ? input(0).size_bytes() - fed_bytes_ : 0; }
  // Begins the next inference, also where the last one was given up halfway.
  Status RestartRows();

  // Sets variable tensors (the state that a model carries from one Invoke() to the next) to zero;
  // includes RestartRows().
  Status Reset();

  // Graph inputs and outputs, with data once AllocateTensors() has succeeded. An index out of range
  // gives a view that is empty in every respect.
  int input_count() const { return static_cast<int>(model_.inputs().size()); }
  int output_count() const { return static_cast<int>(model_.outputs().size()); }
  TensorView input(int i) const;
  TensorView output(int i) const;
  // Any tensor by its index in the model, for debugging. Activations share memory: what is there is
  // the tensor's only between the node that writes it and the last node that reads it.
  TensorView tensor(int index) const;
  // In which memory that tensor's bytes are; kNone if nowhere, or in a ring.
  Region region(int index) const;

  // The arena size that this model, these ops and this kernel variant need: the same number on
  // every machine. Valid after AllocateTensors() succeeded or returned kArenaTooSmall, else 0.
  // Of the other blocks (MemoryBlocks) see arena_usage().
  size_t arena_used_bytes() const { return usage_.total_bytes(); }
  ArenaUsage arena_usage() const { return usage_; }
  // The size of the arena that was given.
  size_t arena_bytes() const { return arena_.size(); }
  // Gives another arena, such as one of arena_used_bytes(). AllocateTensors() must follow.
  void set_arena(Span<uint8_t> arena) {
    arena_ = arena;
    allocated_ = false;
  }

  // Empty until AllocateTensors() has found the bytes to be a model.
  const Model& model() const { return model_; }
  Span<const uint8_t> model_bytes() const { return bytes_; }
  const OpResolverView& ops() const { return ops_; }

 private:
  Status Begin();
  Status Allocate(const internal::PlanPolicy& policy);
  Status End();
  Status CanInvoke() const;
  template <bool kMonitored>
  Status Run(int n, const uint32_t* words, const Monitor* monitor);
  // Runs node n, whose record begins at `words`, and all behind it.
  Status Continue(int n, const uint32_t* words);
  Status FeedBytes(Span<const uint8_t> bytes);
  Status RunFedRows();
  Span<uint8_t> NextBytes() const;
  friend Status internal::ResetState(Interpreter& interpreter);
  const uint32_t* FindLocation(int tensor) const;
  TensorView ViewAt(int tensor, const uint32_t* location) const;
  uint8_t* Activations() const {
    return usage_.activations_apart ? activations_.data() : arena_.data() + usage_.program_bytes;
  }
  internal::RunState NewRun(EvalMoment moment) const;

  Span<const uint8_t> bytes_;
  Model model_;
  OpResolverView ops_;
  Span<uint8_t> arena_, activations_, fast_;
  const internal::BlockParts* blocks_ = nullptr;  // where there are MemoryBlocks
  const uint32_t* program_ = nullptr;
  const uint32_t* first_record_ = nullptr;
  // RunSegment, once a program with segments has been accepted: others need not link it.
  internal::SegmentResult (*run_segment_)(const OpResolverView& ops, const uint32_t* words,
                                          const uint8_t* model, uint8_t* activations) = nullptr;
  internal::RunParts parts_ = {};
  ArenaUsage usage_ = {};
  uint32_t fed_row_bytes_ = 0;  // 0: the plan holds input 0 whole
  uint32_t fed_bytes_ = 0;      // of input 0
  Result<Model> (*verify_)(Span<const uint8_t> bytes) = nullptr;
  bool allocated_ = false;
};

}  // namespace midge
