// SPDX-License-Identifier: Apache-2.0
// Types and constants of FreeRTOS with ESP-IDF's default tick of 10 ms.
#pragma once

#include <stdint.h>

typedef int BaseType_t;
typedef unsigned int UBaseType_t;
typedef uint32_t TickType_t;

#define pdFALSE ((BaseType_t)0)
#define pdTRUE ((BaseType_t)1)
#define pdFAIL pdFALSE
#define pdPASS pdTRUE

#define configTICK_RATE_HZ 100
#define portTICK_PERIOD_MS ((TickType_t)(1000 / configTICK_RATE_HZ))
#define portMAX_DELAY ((TickType_t)0xFFFFFFFFu)
#define pdMS_TO_TICKS(milliseconds) \
  ((TickType_t)(((uint64_t)(milliseconds)*configTICK_RATE_HZ) / 1000u))
