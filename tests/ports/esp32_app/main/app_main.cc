// SPDX-License-Identifier: Apache-2.0
// Firmware in ESP-IDF's shape that checks the services it uses. The test reads its last line.

#include <cstdint>
#include <cstdlib>

#include "esp_err.h"
#include "esp_heap_caps.h"
#include "esp_log.h"
#include "esp_timer.h"
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"

namespace {

constexpr const char* kTag = "esp32_app";

void Check(bool holds, const char* what) {
  if (holds) return;
  ESP_LOGE(kTag, "failed: %s", what);
  std::exit(1);
}

void CheckTime() {
  const int64_t begin_us = esp_timer_get_time();
  const TickType_t begin_ticks = xTaskGetTickCount();
  vTaskDelay(pdMS_TO_TICKS(50));
  Check(esp_timer_get_time() - begin_us >= 50000, "vTaskDelay sleeps as long as it was asked to");
  Check(xTaskGetTickCount() - begin_ticks >= 4, "ticks pass while the task sleeps");
}

void CheckMemory() {
  const size_t before_bytes = heap_caps_get_free_size(MALLOC_CAP_INTERNAL);
  void* arena = heap_caps_aligned_alloc(64, 100000, MALLOC_CAP_INTERNAL | MALLOC_CAP_8BIT);
  Check(arena != nullptr, "an arena fits internal memory");
  Check(reinterpret_cast<uintptr_t>(arena) % 64 == 0, "the arena is aligned");
  Check(heap_caps_get_free_size(MALLOC_CAP_INTERNAL) == before_bytes - 100000,
        "an allocation takes its size");
  Check(heap_caps_malloc(before_bytes, MALLOC_CAP_INTERNAL) == nullptr,
        "what does not fit internal memory is refused");
  void* external = heap_caps_malloc(before_bytes, MALLOC_CAP_SPIRAM);
  Check(external != nullptr, "external memory has room for it");
  heap_caps_free(external);
  heap_caps_free(arena);
  Check(heap_caps_get_free_size(MALLOC_CAP_INTERNAL) == before_bytes, "free gives everything back");
  Check(heap_caps_get_minimum_free_size(MALLOC_CAP_INTERNAL) == before_bytes - 100000,
        "the fullest moment is remembered");

  const auto* zeros = static_cast<uint8_t*>(heap_caps_calloc(4, 4, MALLOC_CAP_DEFAULT));
  Check(zeros != nullptr && zeros[15] == 0, "calloc clears");
  heap_caps_free(const_cast<uint8_t*>(zeros));
}

}  // namespace

extern "C" void app_main(void) {
  CheckTime();
  CheckMemory();
  ESP_ERROR_CHECK(ESP_OK);
  ESP_LOGW(kTag, "%s", esp_err_to_name(ESP_ERR_NO_MEM));
  ESP_LOGI(kTag, "all services work");
}
