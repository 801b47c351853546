# SPDX-License-Identifier: Apache-2.0
# BBC micro:bit, first edition: nRF51822, Cortex-M0 at 16 MHz, 256 KB flash, 16 KB RAM.
set(MIDGE_BOARD_CPU_FLAGS -mthumb -mcpu=cortex-m0plus -mfloat-abi=soft)
set(MIDGE_BOARD_DEFINITIONS MIDGE_PORT_COMMAND_LINE_BYTES=512)
set(MIDGE_BOARD_VARIANT arm_v6m)
set(MIDGE_BOARD_CLOCK_HZ 16000000)
set(MIDGE_BOARD_FLASH 0x00000000 256K)
set(MIDGE_BOARD_RAM 0x20000000 16K)
set(MIDGE_BOARD_STACK_BYTES 3072)
set(MIDGE_BOARD_QEMU "-machine microbit")
