// SPDX-License-Identifier: Apache-2.0
#include "midge/op.h"
#include "midge/record.h"

namespace midge {

const void* EvalContext::Elsewhere(uint32_t location) const {
  if (location == internal::kAbsent) return nullptr;
  if ((location & internal::kInModel) != 0) return model_ + (location & ~internal::kInModel);
  if ((location & internal::kInRing) != 0)
    return activations_ + internal::ActivationOffset(location);
  const uint8_t* const region = (location & internal::kInFast) != 0 ? run_->fast : run_->kept;
  return region + (location & ~internal::kRegionMask);
}

}  // namespace midge
