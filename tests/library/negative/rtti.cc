// SPDX-License-Identifier: Apache-2.0
struct Base {
  virtual ~Base();
};

Base::~Base() = default;
