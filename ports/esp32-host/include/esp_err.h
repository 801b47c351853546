// SPDX-License-Identifier: Apache-2.0
// Error codes with ESP-IDF's names and values.
#pragma once

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef int esp_err_t;

#define ESP_OK 0
#define ESP_FAIL (-1)
#define ESP_ERR_NO_MEM 0x101
#define ESP_ERR_INVALID_ARG 0x102
#define ESP_ERR_INVALID_STATE 0x103
#define ESP_ERR_INVALID_SIZE 0x104
#define ESP_ERR_NOT_FOUND 0x105
#define ESP_ERR_NOT_SUPPORTED 0x106
#define ESP_ERR_TIMEOUT 0x107

// The code's name, or "UNKNOWN ERROR".
const char* esp_err_to_name(esp_err_t code);

#ifdef __cplusplus
}
#endif

// Prints the failed expression and aborts.
#define ESP_ERROR_CHECK(expression)                                                      \
  do {                                                                                   \
    const esp_err_t midge_error_ = (expression);                                         \
    if (midge_error_ != ESP_OK) {                                                        \
      fprintf(stderr, "ESP_ERROR_CHECK failed: %s (0x%x) at %s:%d: %s\n",                \
              esp_err_to_name(midge_error_), (unsigned)midge_error_, __FILE__, __LINE__, \
              #expression);                                                              \
      abort();                                                                           \
    }                                                                                    \
  } while (0)
