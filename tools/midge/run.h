// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace midge_tool {

// `midge run`, and the whole of the firmware midge-run. Arguments begin after the command's name;
// `program` is what its messages and its help call it. Returns an exit code.
int Run(const char* program, int argc, char** argv);

}  // namespace midge_tool
