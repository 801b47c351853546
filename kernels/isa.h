// SPDX-License-Identifier: Apache-2.0
//
// The only place where a kernel variant is chosen: ops call midge::isa. The build defines
// MIDGE_VARIANT_<NAME> (CMake: MIDGE_VARIANT), and makes a header of the kernels that it wants from
// the portable ones all the same (CMake: MIDGE_PORTABLE_KERNELS): a name that is declared in isa
// itself comes before the variant's.
#pragma once

#if defined(MIDGE_VARIANT_ARM_DSP)
#include "kernels/arm_dsp/arm_dsp.h"
namespace midge::isa {
using namespace arm_dsp;
}
#elif defined(MIDGE_VARIANT_ARM_V6M)
#include "kernels/arm_v6m/arm_v6m.h"
namespace midge::isa {
using namespace arm_v6m;
}
#elif defined(MIDGE_VARIANT_ARM_MVE)
#include "kernels/arm_mve/arm_mve.h"
namespace midge::isa {
using namespace arm_mve;
}
#else
#include "kernels/portable/portable.h"
namespace midge::isa {
using namespace portable;
}
#endif

#if defined(MIDGE_PORTABLE_KERNELS)
#include "midge_portable_kernels.h"
#endif
