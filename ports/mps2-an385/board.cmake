# SPDX-License-Identifier: Apache-2.0
# Arm MPS2 with the AN385 image: a Cortex-M3 at 25 MHz that stands in for a Cortex-M0+ with more
# memory than QEMU's only ARMv6-M machine has. The code is an M0+'s, and startup makes unaligned
# accesses trap as they do there.
set(MIDGE_BOARD_CPU_FLAGS -mthumb -mcpu=cortex-m0plus -mfloat-abi=soft)
set(MIDGE_BOARD_DEFINITIONS MIDGE_PORT_TRAP_UNALIGNED=1)
set(MIDGE_BOARD_VARIANT arm_v6m)
set(MIDGE_BOARD_CLOCK_HZ 25000000)
set(MIDGE_BOARD_FLASH 0x00000000 4M)
set(MIDGE_BOARD_RAM 0x20000000 4M)
set(MIDGE_BOARD_HEAP 0x21000000 16M)
set(MIDGE_BOARD_STACK_BYTES 65536)
set(MIDGE_BOARD_QEMU "-machine mps2-an385")
