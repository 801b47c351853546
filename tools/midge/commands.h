// SPDX-License-Identifier: Apache-2.0
//
// The commands of the host program. Each takes the arguments after its name and returns an exit
// code.
#pragma once

namespace midge_tool {

int Inspect(int argc, char** argv);
int Ops(int argc, char** argv);
int Embed(int argc, char** argv);
int Plan(int argc, char** argv);

}  // namespace midge_tool
