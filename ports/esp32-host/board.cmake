# SPDX-License-Identifier: Apache-2.0
# The host, with the services that firmware in ESP-IDF's shape expects (app_main, esp_timer, ...).
set(MIDGE_BOARD_VARIANT portable)
