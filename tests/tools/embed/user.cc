// SPDX-License-Identifier: Apache-2.0
#include "m.h"

static_assert(sizeof(m::g_model) == m::kModelBytes);
static_assert(__alignof__(m::g_model) == 16);

#ifdef WITH_OPS
static_assert(m::kArenaBytes > 0);
constexpr auto kOps = m::Ops();
static_assert(kOps.view().count() == 1);
#endif
