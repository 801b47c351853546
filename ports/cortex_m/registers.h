// SPDX-License-Identifier: Apache-2.0
// The system control space of Armv6-M, Armv7-M and Armv8-M, as far as the port uses it. Names are
// those of the architecture manuals.
#pragma once

#include <cstdint>

namespace midge_port {

inline volatile uint32_t& Register(uint32_t address) {
  return *reinterpret_cast<volatile uint32_t*>(address);
}

constexpr uint32_t kSystCsr = 0xE000E010;  // SysTick control and status
constexpr uint32_t kSystRvr = 0xE000E014;  // SysTick reload value
constexpr uint32_t kSystCvr = 0xE000E018;  // SysTick current value, 24 bits, counts down
constexpr uint32_t kCpuid = 0xE000ED00;
constexpr uint32_t kIcsr = 0xE000ED04;
constexpr uint32_t kCcr = 0xE000ED14;
constexpr uint32_t kCfsr = 0xE000ED28;   // not on Armv6-M
constexpr uint32_t kHfsr = 0xE000ED2C;   // not on Armv6-M
constexpr uint32_t kMmfar = 0xE000ED34;  // not on Armv6-M
constexpr uint32_t kBfar = 0xE000ED38;   // not on Armv6-M
constexpr uint32_t kCpacr = 0xE000ED88;
constexpr uint32_t kMpuType = 0xE000ED90;  // 0 where there is no MPU
constexpr uint32_t kMpuCtrl = 0xE000ED94;
constexpr uint32_t kMpuRbar = 0xE000ED9C;  // Armv7-M layout
constexpr uint32_t kMpuRasr = 0xE000EDA0;  // Armv7-M layout

constexpr uint32_t kSystCsrEnable = 1u << 0;
constexpr uint32_t kSystCsrInterrupt = 1u << 1;
constexpr uint32_t kSystCsrCpuClock = 1u << 2;
constexpr uint32_t kIcsrSysTickPending = 1u << 26;
constexpr uint32_t kCcrTrapUnaligned = 1u << 3;
constexpr uint32_t kCcrTrapDivideByZero = 1u << 4;
constexpr uint32_t kCpacrFullFpuAccess = 0xFu << 20;
constexpr uint32_t kMpuCtrlEnable = 1u << 0;
constexpr uint32_t kMpuCtrlDefaultMap = 1u << 2;  // PRIVDEFENA: the rest stays as it is
constexpr uint32_t kMpuRbarValid = 1u << 4;
constexpr uint32_t kMpuRasrEnable = 1u << 0;
constexpr uint32_t kMpuRasrSize64K = 15u << 1;
constexpr uint32_t kMpuRasrNeverExecute = 1u << 28;

}  // namespace midge_port
