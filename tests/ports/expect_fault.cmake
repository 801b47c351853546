# SPDX-License-Identifier: Apache-2.0
# cmake -DRUN=<command list> -DKIND=<fault's argument> -DCAUSE=<text> -P check_fault.cmake
# Passes if the firmware ends with exit code 1 and its report names CAUSE and the announced PC.

execute_process(COMMAND ${RUN} ${KIND} TIMEOUT 20
                RESULT_VARIABLE exit_code OUTPUT_VARIABLE output ERROR_VARIABLE output)
message("${output}")
if(NOT exit_code STREQUAL "1")
  message(FATAL_ERROR "exit code is '${exit_code}', expected 1")
endif()
if(NOT output MATCHES "FAULT [A-Za-z]+: ${CAUSE}")
  message(FATAL_ERROR "the report does not name the cause: ${CAUSE}")
endif()
if(output MATCHES "expect pc (0x[0-9a-f]+)")
  set(pc ${CMAKE_MATCH_1})
  if(NOT output MATCHES "\npc +${pc}\n")
    message(FATAL_ERROR "the report does not name the program counter, ${pc}")
  endif()
endif()
