// SPDX-License-Identifier: Apache-2.0
//
// The memory that a test program has for one model and one arena.
#pragma once

#include <cstdint>

#include "midge/span.h"

namespace midge_conformance {

// One block from the heap, as large as the caller allows and the machine gives (a little is left to
// stdio), cut into [model][guard][arena][guard]. Guards are filled with a pattern: whoever writes
// beside its own memory changes it.
class Workspace {
 public:
  explicit Workspace(uint32_t limit_bytes);
  Workspace(const Workspace&) = delete;
  Workspace& operator=(const Workspace&) = delete;
  ~Workspace();

  uint32_t size_bytes() const { return size_bytes_; }

  // Room for a model, aligned as weakly as the API allows. Null if there is none.
  uint8_t* PlaceModel(uint32_t model_bytes);
  // What is left for an arena beside the model.
  uint32_t arena_room_bytes() const;
  // The arena behind the model: `arena_bytes` of rubbish between fresh guards.
  midge::Span<uint8_t> PlaceArena(uint32_t arena_bytes);
  bool GuardsIntact() const;

 private:
  uint8_t* block_ = nullptr;  // as malloc() gave it
  uint8_t* begin_ = nullptr;  // aligned for an arena
  uint32_t size_bytes_ = 0;   // from begin_
  uint32_t arena_offset_ = 0;
  uint32_t arena_bytes_ = 0;
};

}  // namespace midge_conformance
