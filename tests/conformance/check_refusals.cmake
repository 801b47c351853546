# SPDX-License-Identifier: Apache-2.0
# cmake -DPROGRAM=… -DPAGE=… "-DPACKS=…" -P check_refusals.cmake
# refusals.txt is what refusals writes; if not, names the models whose refusals are others.

execute_process(COMMAND "${PROGRAM}" ${PACKS} OUTPUT_VARIABLE made RESULT_VARIABLE result)
file(READ "${PAGE}" page)
if(result EQUAL 0 AND made STREQUAL page)
  return()
endif()
string(REGEX MATCHALL "[^\n]+" made "${made}")
string(REGEX MATCHALL "[^\n]+" page "${page}")
list(REMOVE_ITEM made ${page})
list(JOIN made "\n" made)
message(FATAL_ERROR "ended with ${result}; ${PAGE} does not say:\n${made}\n"
                    "Compare `refusals --full tests/conformance/corpus/*.cases` with that of before; "
                    "if it is right, refusals tests/conformance/corpus/*.cases > ${PAGE}")
