// SPDX-License-Identifier: Apache-2.0
#include "m.h"

static_assert(sizeof(m::g_model) == m::kModelBytes);
static_assert(alignof(decltype(m::g_model)) >= 1);

#ifdef WITH_OPS
static_assert(m::kArenaBytes > 0);
constexpr auto kOps = m::Ops();
static_assert(kOps.view().count() == 1);
#endif
