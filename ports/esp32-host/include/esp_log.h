// SPDX-License-Identifier: Apache-2.0
// Log lines as ESP-IDF prints them, "I (1234) tag: text" with milliseconds since the start, on
// standard output. Debug and verbose lines are compiled out unless LOG_LOCAL_LEVEL asks for them.
#pragma once

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
  ESP_LOG_NONE,
  ESP_LOG_ERROR,
  ESP_LOG_WARN,
  ESP_LOG_INFO,
  ESP_LOG_DEBUG,
  ESP_LOG_VERBOSE
} esp_log_level_t;

// Milliseconds since the program started.
uint32_t esp_log_timestamp(void);

// Prints one line; the macros below add its letter, time, tag and end.
void esp_log_write(esp_log_level_t level, const char* tag, const char* format, ...)
    __attribute__((format(printf, 3, 4)));

#ifdef __cplusplus
}
#endif

#ifndef LOG_LOCAL_LEVEL
#define LOG_LOCAL_LEVEL ESP_LOG_INFO
#endif

#define ESP_LOG_LEVEL_LOCAL(level, letter, tag, format, ...)              \
  do {                                                                    \
    if (LOG_LOCAL_LEVEL >= (level)) {                                     \
      esp_log_write((level), (tag), letter " (%u) %s: " format "\n",      \
                    (unsigned)esp_log_timestamp(), (tag), ##__VA_ARGS__); \
    }                                                                     \
  } while (0)

#define ESP_LOGE(tag, ...) ESP_LOG_LEVEL_LOCAL(ESP_LOG_ERROR, "E", tag, __VA_ARGS__)
#define ESP_LOGW(tag, ...) ESP_LOG_LEVEL_LOCAL(ESP_LOG_WARN, "W", tag, __VA_ARGS__)
#define ESP_LOGI(tag, ...) ESP_LOG_LEVEL_LOCAL(ESP_LOG_INFO, "I", tag, __VA_ARGS__)
#define ESP_LOGD(tag, ...) ESP_LOG_LEVEL_LOCAL(ESP_LOG_DEBUG, "D", tag, __VA_ARGS__)
#define ESP_LOGV(tag, ...) ESP_LOG_LEVEL_LOCAL(ESP_LOG_VERBOSE, "V", tag, __VA_ARGS__)
