// SPDX-License-Identifier: Apache-2.0
#include "camera.h"

namespace {

// 64 * cos and sin of multiples of pi / 16, for a quarter turn.
constexpr int8_t kTurns[8][2] = {{64, 0},  {63, 12}, {59, 24}, {53, 36},
                                 {45, 45}, {36, 53}, {24, 59}, {12, 63}};

uint32_t Mix(uint32_t value) {
  value = (value ^ (value >> 16)) * 0x7feb352d;
  value = (value ^ (value >> 15)) * 0x846ca68b;
  return value ^ (value >> 16);
}

int32_t Magnitude(int32_t value) { return value < 0 ? -value : value; }

// floor(value / 96)
int32_t FloorDivide96(int32_t value) { return value >= 0 ? value / 96 : -((95 - value) / 96); }

}  // namespace

Camera::Camera(uint32_t scene) : scene_(scene) {
  kind_ = static_cast<Kind>(Choose(0, 0, kKindCount - 1));
  const int8_t* turn = kTurns[Choose(1, 0, 7)];
  cos_ = turn[0];
  sin_ = turn[1];
  center_x_ = Choose(2, 26, 69);
  center_y_ = Choose(3, 26, 69);
  radius_ = Choose(4, 13, 24);
  light_ = Choose(5, 70, 180);
  light_x_ = Choose(6, -40, 40);
  light_y_ = Choose(7, -40, 40);
  contrast_ = Choose(8, 30, 60) * (2 * Choose(9, 0, 1) - 1);
  turn = kTurns[Choose(10, 0, 7)];
  stripe_cos_ = turn[0];
  stripe_sin_ = turn[1];
  stripe_at_ = Choose(11, 0, kColumns - 1) * 64;
  stripe_contrast_ = Choose(12, -40, 40);
}

int32_t Camera::Choose(uint32_t what, int32_t low, int32_t high) const {
  const auto span = static_cast<uint32_t>(high - low + 1);
  return low + static_cast<int32_t>(Mix(scene_ * 16 + what) % span);
}

bool Camera::InShape(int32_t dx, int32_t dy) const {
  // In the shape's own frame, in 1/64 pixel.
  const int32_t u = Magnitude(cos_ * dx + sin_ * dy), v = cos_ * dy - sin_ * dx;
  const int32_t a = Magnitude(v), r = radius_;
  switch (kind_) {
    case kDisc:
      return dx * dx + dy * dy <= r * r * 5 / 8;
    case kSquare:
      return u <= r * 45 && a <= r * 45;
    case kTriangle:
      return u * 64 <= (v + r * 64) * 37 && v <= r * 32;
    case kCross:
      return (u <= r * 18 && a <= r * 64) || (a <= r * 18 && u <= r * 64);
    default:
      return false;
  }
}

void Camera::ReadLine(int y, int8_t* line) const {
  for (int x = 0; x < kColumns; ++x) {
    int32_t value = light_ + FloorDivide96(light_x_ * x + light_y_ * y);
    const int32_t along = stripe_cos_ * x - stripe_sin_ * (y - kLines / 2) - stripe_at_;
    if (InShape(x - center_x_, y - center_y_)) {
      value += contrast_;
    } else if (Magnitude(along) <= 96) {
      value += stripe_contrast_;
    }
    const uint32_t pixel = (scene_ << 14) + static_cast<uint32_t>(y * kColumns + x);
    value += static_cast<int32_t>(Mix(pixel) & 31) - 16;
    line[x] = static_cast<int8_t>((value < 0 ? 0 : value > 255 ? 255 : value) - 128);
  }
}
