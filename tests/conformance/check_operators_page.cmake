# SPDX-License-Identifier: Apache-2.0
# cmake -DPROGRAM=… -DPAGE=… "-DPACKS=…" -P check_operators_page.cmake
# docs/OPERATORS.md is what operators_page writes.

execute_process(COMMAND "${PROGRAM}" ${PACKS} OUTPUT_VARIABLE made RESULT_VARIABLE result)
file(READ "${PAGE}" page)
if(NOT result EQUAL 0 OR NOT made STREQUAL page)
  message(FATAL_ERROR "${PAGE} is not current: operators_page tests/conformance/corpus/*.cases > docs/OPERATORS.md")
endif()
