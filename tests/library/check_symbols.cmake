# SPDX-License-Identifier: Apache-2.0
# cmake -DNM=<nm> -DIMAGE=<elf> [-DABSENT=<regular expression>] [-DPRESENT=<regular expression>]
#       -P check_symbols.cmake
# Passes if no symbol of a linked image matches ABSENT, and one matches PRESENT.

execute_process(COMMAND "${NM}" --demangle "${IMAGE}" OUTPUT_VARIABLE text COMMAND_ERROR_IS_FATAL ANY)
if(PRESENT AND NOT text MATCHES "${PRESENT}")
  message(SEND_ERROR "${IMAGE} has no ${PRESENT}")
endif()
if(ABSENT AND text MATCHES "[^\n]*(${ABSENT})[^\n]*")
  message(SEND_ERROR "${IMAGE} has ${CMAKE_MATCH_0}")
endif()
