// SPDX-License-Identifier: Apache-2.0
// esp_timer, esp_log, esp_err and FreeRTOS delays on the host's clock.

#include <chrono>
#include <cstdarg>
#include <cstdio>
#include <thread>

#include "esp_err.h"
#include "esp_log.h"
#include "esp_timer.h"
#include "freertos/task.h"

namespace {

using Clock = std::chrono::steady_clock;
const Clock::time_point program_start = Clock::now();

}  // namespace

int64_t esp_timer_get_time(void) {
  using std::chrono::microseconds;
  return std::chrono::duration_cast<microseconds>(Clock::now() - program_start).count();
}

uint32_t esp_log_timestamp(void) { return static_cast<uint32_t>(esp_timer_get_time() / 1000); }

void esp_log_write(esp_log_level_t, const char*, const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  std::vprintf(format, arguments);
  va_end(arguments);
  std::fflush(stdout);
}

const char* esp_err_to_name(esp_err_t code) {
  switch (code) {
#define CASE(name) \
  case name:       \
    return #name
    CASE(ESP_OK);
    CASE(ESP_FAIL);
    CASE(ESP_ERR_NO_MEM);
    CASE(ESP_ERR_INVALID_ARG);
    CASE(ESP_ERR_INVALID_STATE);
    CASE(ESP_ERR_INVALID_SIZE);
    CASE(ESP_ERR_NOT_FOUND);
    CASE(ESP_ERR_NOT_SUPPORTED);
    CASE(ESP_ERR_TIMEOUT);
#undef CASE
    default:
      return "UNKNOWN ERROR";
  }
}

void vTaskDelay(TickType_t ticks) {
  std::this_thread::sleep_for(std::chrono::milliseconds(uint64_t{ticks} * portTICK_PERIOD_MS));
}

TickType_t xTaskGetTickCount(void) { return esp_log_timestamp() / portTICK_PERIOD_MS; }
