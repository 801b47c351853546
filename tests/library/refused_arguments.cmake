# SPDX-License-Identifier: Apache-2.0
# cmake -DARGUMENTS=... -P: calls midge_add_model with arguments that it refuses, before it looks at
# anything else.
include("${CMAKE_CURRENT_LIST_DIR}/../../cmake/midge_add_model.cmake")
midge_add_model(${ARGUMENTS})
