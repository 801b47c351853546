# SPDX-License-Identifier: Apache-2.0
# cmake -DNM=<nm> -DOBJDUMP=<objdump> -DARCHIVE=<libmidge.a> -P check_archive.cmake
# Passes if an archive for Arm needs nothing but what every firmware has: no heap, no exceptions, no
# type information, no static constructors, no data that must be copied or cleared at reset.

# Undefined symbols that are fine: memory and string functions that keep no state, libgcc's
# arithmetic, and the float functions of libm, which only float ops link.
set(allowed
  "mem(cpy|move|set|cmp)|strlen"
  "__aeabi_(mem(cpy|move|set|clr)[48]?|[a-z]*(add|sub|rsub|mul|div|divmod|lsl|lsr|asr))"
  "__aeabi_([fd]cmp[a-z]+|[fd]2[a-z]+|[a-z]+2[fd]|lcmp|ulcmp|[cd]?[df]cmp[a-z]*)"
  "__(clz|ctz|clrsb|popcount|ffs)[sd]i2|__gnu_thumb1_case_[a-z]+"
  "(exp|expm1|log|sqrt|tanh|floor|ceil|round|pow|sin|cos|erfc?|fmod)f"
  "frexp|pow|sqrt")  # of double, where RSQRT and a quantized REDUCE_PROD take roots of scales
list(JOIN allowed "|" allowed)

function(run output)
  execute_process(COMMAND ${ARGN} OUTPUT_VARIABLE text COMMAND_ERROR_IS_FATAL ANY)
  string(REGEX REPLACE "[][;]" "_" text "${text}")  # which CMake's lists would trip over
  string(REPLACE "\n" ";" lines "${text}")
  set(${output} "${lines}" PARENT_SCOPE)
endfunction()

set(problems)

run(lines "${NM}" "${ARCHIVE}")
set(defined)
set(undefined)
foreach(line IN LISTS lines)
  if(line MATCHES " [Uw] ([^ ]+)$")
    list(APPEND undefined "${CMAKE_MATCH_1}")
  elseif(line MATCHES "^[0-9a-f]+ [A-Za-z] ([^ ]+)$")
    list(APPEND defined "${CMAKE_MATCH_1}")
  endif()
endforeach()
list(LENGTH defined defined_count)
if(defined_count EQUAL 0)
  message(FATAL_ERROR "${ARCHIVE} defines nothing")
endif()
list(REMOVE_DUPLICATES undefined)
list(REMOVE_ITEM undefined ${defined})
foreach(symbol IN LISTS undefined)
  if(NOT symbol MATCHES "^(${allowed})$")
    list(APPEND problems "needs ${symbol}")
  endif()
endforeach()
foreach(symbol IN LISTS defined)
  if(symbol MATCHES "^_(ZTI|ZTS|GLOBAL__sub_I)")
    list(APPEND problems "defines ${symbol}")
  endif()
endforeach()

run(lines "${OBJDUMP}" --section-headers "${ARCHIVE}")
foreach(line IN LISTS lines)
  if(line MATCHES "^ *[0-9]+ (\\.(data|bss|tdata|tbss|init_array|ctors)[^ ]*) +([0-9a-f]+)" AND
     NOT CMAKE_MATCH_3 STREQUAL "00000000")
    list(APPEND problems "has a section ${CMAKE_MATCH_1}")
  endif()
endforeach()

if(problems)
  list(JOIN problems "\n  " problems)
  message(FATAL_ERROR "${ARCHIVE}\n  ${problems}")
endif()
message("${defined_count} symbols, nothing but code and constants")
