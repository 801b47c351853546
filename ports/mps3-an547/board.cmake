# SPDX-License-Identifier: Apache-2.0
# Arm MPS3 with the AN547 image: Cortex-M55 with Helium (MVE) at 32 MHz. Code lies in the instruction
# TCM, where the core finds its vectors; data in the 4 MB SRAM of the board.
set(MIDGE_BOARD_CPU_FLAGS -mthumb -mcpu=cortex-m55 -mfloat-abi=hard)
set(MIDGE_BOARD_VARIANT arm_mve)
set(MIDGE_BOARD_CLOCK_HZ 32000000)
set(MIDGE_BOARD_FLASH 0x00000000 512K)
set(MIDGE_BOARD_RAM 0x21000000 4M)
set(MIDGE_BOARD_HEAP 0x60000000 16M)
set(MIDGE_BOARD_STACK_BYTES 65536)
set(MIDGE_BOARD_QEMU "-machine mps3-an547")
