# SPDX-License-Identifier: Apache-2.0
# The machine that builds.
set(MIDGE_BOARD_VARIANT portable)
