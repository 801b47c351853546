# SPDX-License-Identifier: Apache-2.0
# cmake -DRUN=<command list> -DEXIT_CODE=<n> [-DOUTPUT=<regular expression>] -P expect.cmake
# Passes if the command ends with exactly this exit code and prints what matches.

execute_process(COMMAND ${RUN} TIMEOUT 50
                RESULT_VARIABLE exit_code OUTPUT_VARIABLE output ERROR_VARIABLE output)
message("${output}")
if(NOT exit_code STREQUAL EXIT_CODE)
  message(FATAL_ERROR "exit code is '${exit_code}', expected ${EXIT_CODE}")
endif()
if(NOT output MATCHES "${OUTPUT}")
  message(FATAL_ERROR "the output does not match: ${OUTPUT}")
endif()
