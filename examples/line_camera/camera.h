// SPDX-License-Identifier: Apache-2.0
//
// A camera that hands over one line of pixels at a time and keeps no image. This one draws what it
// sees, the same scenes as train.py; on a board, the interrupt of the sensor's interface stands
// here.
#pragma once

#include <cstdint>

inline constexpr int kLines = 96, kColumns = 96;

// What a scene shows, and what the network calls it.
enum Kind { kNothing, kDisc, kSquare, kTriangle, kCross, kKindCount };

// Scenes have numbers; training used those from 2^20 on.
class Camera {
 public:
  explicit Camera(uint32_t scene);

  Kind kind() const { return kind_; }
  // Brightness less 128, as the network takes it.
  void ReadLine(int y, int8_t* line) const;

 private:
  int32_t Choose(uint32_t what, int32_t low, int32_t high) const;
  bool InShape(int32_t dx, int32_t dy) const;

  uint32_t scene_;
  Kind kind_;
  int32_t cos_, sin_;  // of the shape's turn, times 64
  int32_t center_x_, center_y_, radius_, contrast_;
  int32_t light_, light_x_, light_y_;
  int32_t stripe_cos_, stripe_sin_, stripe_at_, stripe_contrast_;
};
