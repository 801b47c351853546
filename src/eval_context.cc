// SPDX-License-Identifier: Apache-2.0
#include "midge/op.h"
#include "midge/record.h"

namespace midge {

const void* EvalContext::Address(uint32_t location) const {
  if (location < internal::kInFast) return activations_ + location;
  if (location == internal::kAbsent) return nullptr;
  if ((location & internal::kInModel) != 0) return model_ + (location & ~internal::kInModel);
  if ((location & internal::kInRing) != 0)
    return activations_ + internal::ActivationOffset(location);
  const uint8_t* const region = (location & internal::kInFast) != 0 ? run_->fast : run_->kept;
  return region + (location & ~internal::kRegionMask);
}

const void* EvalContext::InputData(int i) const {
  return i < input_count() ? Address(record_.location(i)) : nullptr;
}

void* EvalContext::OutputData(int i) const {
  return const_cast<void*>(Address(record_.location(input_count() + i)));
}

void* EvalContext::ScratchData() const {
  return record_.has_scratch() ? const_cast<void*>(Address(record_.scratch_location())) : nullptr;
}

internal::RowPlaces EvalContext::Places(int operand, int32_t row_elements,
                                        int32_t first_row) const {
  const int32_t ring_rows =
      operand < input_count() + output_count() ? internal::RingRows(record_.location(operand)) : 0;
  if (ring_rows == 0) return internal::RowPlaces(row_elements);
  return {row_elements, ring_rows, first_row};
}

}  // namespace midge
