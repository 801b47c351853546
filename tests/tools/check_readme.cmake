# SPDX-License-Identifier: Apache-2.0
# cmake -DSOURCE_DIR=… -P check_readme.cmake
# The README's program is examples/minimal/main.cc, below its licence line.

file(READ "${SOURCE_DIR}/README.md" readme)
file(READ "${SOURCE_DIR}/examples/minimal/main.cc" program)
string(REPLACE "// SPDX-License-Identifier: Apache-2.0\n" "" program "${program}")
string(FIND "${readme}" "```cpp\n${program}```\n" position)
if(position EQUAL -1)
  message(FATAL_ERROR "README.md does not show examples/minimal/main.cc as it is")
endif()
