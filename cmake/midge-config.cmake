# SPDX-License-Identifier: Apache-2.0
include("${CMAKE_CURRENT_LIST_DIR}/midge-targets.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/midge_add_model.cmake")
