// SPDX-License-Identifier: Apache-2.0
// In a file of its own, so that a test program may bring its own main().

namespace midge_test {
int RunAll(int argc, char** argv);
}  // namespace midge_test

int main(int argc, char** argv) { return midge_test::RunAll(argc, argv); }
