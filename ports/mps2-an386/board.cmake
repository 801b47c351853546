# SPDX-License-Identifier: Apache-2.0
# Arm MPS2 with the AN386 image: Cortex-M4F at 25 MHz.
set(MIDGE_BOARD_CPU_FLAGS -mthumb -mcpu=cortex-m4 -mfpu=fpv4-sp-d16 -mfloat-abi=hard)
set(MIDGE_BOARD_VARIANT arm_dsp)
set(MIDGE_BOARD_CLOCK_HZ 25000000)
set(MIDGE_BOARD_FLASH 0x00000000 4M)
set(MIDGE_BOARD_RAM 0x20000000 4M)
set(MIDGE_BOARD_HEAP 0x21000000 16M)
set(MIDGE_BOARD_STACK_BYTES 65536)
set(MIDGE_BOARD_QEMU "-machine mps2-an386")
