// SPDX-License-Identifier: Apache-2.0
//
// The firmware midge-run: `midge run` on a board. Arguments and files are the host's.

#include "run.h"

int main(int argc, char** argv) {
  return midge_tool::Run("midge-run", argc > 1 ? argc - 1 : 0, argv + 1);
}
