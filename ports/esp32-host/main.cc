// SPDX-License-Identifier: Apache-2.0
// ESP-IDF starts app_main() where other systems start main(). idf_component_register() adds this
// file to an application; tests on this board bring a main() of their own.

extern "C" void app_main(void);

int main() { app_main(); }
