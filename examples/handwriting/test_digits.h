// SPDX-License-Identifier: Apache-2.0
// Made by train.py; model/MODEL_CARD.md names source and licence of the data.
#pragma once

#include <cstdint>

// Handwriting that training never saw: the last three of the data's 14 forms, each by one person.
inline constexpr int kTestDigitCount = 382;

// Row-major 8 x 8 images, one byte per pixel, from 0 (paper) to 16 (ink).
extern const uint8_t kTestDigits[kTestDigitCount][64];

// The digit, 0 to 9, that the writer was asked to write.
extern const uint8_t kTestLabels[kTestDigitCount];
