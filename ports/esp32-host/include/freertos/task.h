// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "freertos/FreeRTOS.h"

#ifdef __cplusplus
extern "C" {
#endif

// Sleeps for this many ticks of portTICK_PERIOD_MS.
void vTaskDelay(TickType_t ticks);

// Ticks since the program started.
TickType_t xTaskGetTickCount(void);

#ifdef __cplusplus
}
#endif
