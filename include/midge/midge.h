// SPDX-License-Identifier: Apache-2.0
//
// The whole public API. One header per noun, should you want less of it.
#pragma once

#include "midge/config.h"
#include "midge/describe.h"
#include "midge/interpreter.h"
#include "midge/model.h"
#include "midge/monitor.h"
#include "midge/op.h"
#include "midge/op_resolver.h"
#include "midge/ops.h"
#include "midge/span.h"
#include "midge/status.h"
#include "midge/tensor.h"
