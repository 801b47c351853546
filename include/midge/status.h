// SPDX-License-Identifier: Apache-2.0
//
// How Midge says what went wrong and where. The library never prints, logs or aborts; text for a
// Status comes from describe.h, which links only if it is used.
#pragma once

#include <cstdint>

namespace midge {

// High nibble = who has to act. docs/FORMAT.md lists the rule behind each code of the model.
enum class StatusCode : uint8_t {
  kOk = 0x00,

  // 0x1_ to 0x3_: the model.
  kNotAModel = 0x10,          // no "TFL3" identifier, or too short to hold one
  kCorruptModel,              // FlatBuffers structure leaves the bytes, or a needed part is absent
  kUnsupportedSchemaVersion,  // not version 3
  kUnsupportedOpVersion,      // a version that no op has
  kTooLarge,                  // beyond a limit of config.h, or a size that overflows
  kBadIndex,                  // a tensor, buffer or operator-code index out of range
  kBadShape,                  // negative dimension, or shapes that disagree with the op's meaning
  kBadBufferSize,             // a constant's bytes differ from its shape times its type
  kNotWritten,                // read, or an output of the graph, although nothing wrote it before
  kWrittenTwice,              // two nodes write one tensor
  kWritesInput,               // a node writes an input of the graph
  kWritesConstant,            // a node writes a constant or a variable
  kBadGraph,                  // an input that is a constant, or a variable or handle that is none
  kTooDeep,                   // subgraphs that call each other too deep, or themselves
  kBadOperands,               // wrong number of inputs or outputs, or a required one is absent
  kMissingOptions,            // no builtin options although the op needs them
  kForeignOptions,            // builtin options of another op
  kBadOptions,                // builtin options out of range or damaged
  kBadQuantization,           // scales or zero points missing, or of the wrong number
  kBadScale,                  // a scale that is not above zero and finite, or not what the op needs
  kBadZeroPoint,              // a zero point beyond the tensor's type
  kBadQuantizedDimension,     // scales along another dimension than the op's channels
  kUnsupportedType,           // a tensor type that this op does not take
  kUnsupportedOption,         // legal in the format, not implemented here
  kNotConstant,               // this operand must be a constant
  kNoPlan,                    // the model has no embedded plan
  kBadPlan,                   // the embedded plan is not for this model, these ops or this library
  kBadOfflinePlan,            // OfflineMemoryAllocation is damaged, or places a tensor wrongly

  // 0x4_: the caller.
  kMissingOp = 0x40,  // the resolver has no row for this op
  kMissingKernel,     // the resolver has the op, but not for this operand type
  kArenaTooSmall,     // arena_used_bytes() tells how many bytes are enough
  kArenaMisaligned,   // the arena must start at a multiple of kArenaAlignment
  kModelMisaligned,   // the model must start at a multiple of kModelAlignment
  kInvalidArgument,   // an argument that no model could make right
  kNotAllocated,      // Invoke() or Reset() without a successful AllocateTensors()
  kTooManyRows,       // InvokeRows() was given more than input 0 still has
  kInputIsFed,        // Invoke() with a plan that takes input 0 by InvokeRows() only

  // 0x5_: while running.
  kStopped = 0x50,     // the monitor asked to stop
  kBadData,            // an index that is data, not part of the model, is out of range
  kOpFailed,           // a custom op reported failure
  kTooManyIterations,  // the model's loops made more rounds than config.h allows
};

// One of a node's operands, or none. Inputs and outputs are numbered from 0.
class Operand {
 public:
  static constexpr Operand None() { return Operand(0xff); }
  static constexpr Operand Input(int i) { return Operand(i < 0x7e ? i : 0x7e); }
  static constexpr Operand Output(int i) { return Operand(0x80 | (i < 0x7e ? i : 0x7e)); }
  // For use by Status: the location is not a node but a tensor of the model.
  static constexpr Operand Tensor() { return Operand(0x7f); }

  constexpr bool is_none() const { return bits_ == 0xff; }
  constexpr bool is_tensor() const { return bits_ == 0x7f; }
  constexpr bool is_output() const { return (bits_ & 0x80) != 0 && !is_none(); }
  constexpr bool is_input() const { return bits_ < 0x7f; }
  constexpr int index() const { return bits_ & 0x7f; }
  constexpr uint8_t bits() const { return bits_; }
  static constexpr Operand FromBits(uint8_t bits) { return Operand(bits); }

 private:
  explicit constexpr Operand(int bits) : bits_(static_cast<uint8_t>(bits)) {}
  uint8_t bits_;
};

// Success, or a code with the place it belongs to. One 32-bit word (code, operand, node), so that
// returning it costs what returning an int costs.
class [[nodiscard]] Status {
 public:
  static constexpr int kNoNode = 0xffff;

  constexpr Status() = default;      // ok
  constexpr Status(StatusCode code)  // NOLINT: a bare code is a Status without a place
      : Status(code, kNoNode, Operand::None()) {}
  constexpr Status(StatusCode code, int node, Operand operand)
      : bits_(code == StatusCode::kOk
                  ? 0
                  : static_cast<uint32_t>(code) | static_cast<uint32_t>(operand.bits()) << 8 |
                        static_cast<uint32_t>(node) << 16) {}
  static constexpr Status AtTensor(StatusCode code, int tensor) {
    return Status(code, tensor, Operand::Tensor());
  }

  constexpr bool ok() const { return bits_ == 0; }
  constexpr StatusCode code() const { return static_cast<StatusCode>(bits_ & 0xff); }
  constexpr Operand operand() const {
    return Operand::FromBits(ok() ? 0xff : static_cast<uint8_t>(bits_ >> 8));
  }
  // The node in execution order of the file, or kNoNode.
  constexpr int node() const {
    return ok() || operand().is_tensor() ? kNoNode : static_cast<int>(bits_ >> 16);
  }
  // The tensor, if the place is a tensor and not a node; else -1.
  constexpr int tensor() const {
    return operand().is_tensor() ? static_cast<int>(bits_ >> 16) : -1;
  }
  constexpr uint32_t bits() const { return bits_; }
  friend constexpr bool operator==(Status a, Status b) { return a.bits_ == b.bits_; }
  friend constexpr bool operator!=(Status a, Status b) { return a.bits_ != b.bits_; }

 private:
  uint32_t bits_ = 0;
};

// A value, or the Status that says why there is none. value() is meaningful only if ok().
template <typename T>
class [[nodiscard]] Result {
 public:
  constexpr Result(const T& value) : value_(value) {}            // NOLINT: implicit on purpose
  constexpr Result(Status status) : none_(), status_(status) {}  // NOLINT
  constexpr Result(StatusCode code) : none_(), status_(code) {}  // NOLINT
  constexpr bool ok() const { return status_.ok(); }
  constexpr Status status() const { return status_; }
  constexpr const T& value() const { return value_; }
  constexpr const T& operator*() const { return value_; }
  constexpr const T* operator->() const { return &value_; }

 private:
  union {
    char none_;
    T value_;
  };
  Status status_;
};

}  // namespace midge

// Returns from the enclosing function with the Status of `expression` unless it is ok.
#define MIDGE_TRY(expression)                                                \
  do {                                                                       \
    if (::midge::Status midge_status_ = (expression); !midge_status_.ok()) { \
      return midge_status_;                                                  \
    }                                                                        \
  } while (false)
