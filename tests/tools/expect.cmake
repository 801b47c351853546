# SPDX-License-Identifier: Apache-2.0
# For the checks of this folder. They work in WORK_DIR, which this empties first.

cmake_minimum_required(VERSION 3.25)

file(REMOVE_RECURSE "${WORK_DIR}")
file(MAKE_DIRECTORY "${WORK_DIR}")

# expect(<exit code> <regular expression> <word>...): runs a command that must end with this exit
# code and write exactly one line that matches to stderr, or nothing if the expression is empty.
# Leaves `output` and `error`.
function(expect exit_code line)
  execute_process(COMMAND ${ARGN} WORKING_DIRECTORY "${WORK_DIR}" TIMEOUT 120
                  RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE error)
  string(JOIN " " command ${ARGN})
  if(NOT result STREQUAL exit_code)
    message(SEND_ERROR "${command}\nexit code is '${result}', expected ${exit_code}\n${error}")
  endif()
  if(line STREQUAL "")
    if(NOT error STREQUAL "")
      message(SEND_ERROR "${command}\nwrites to stderr:\n${error}")
    endif()
  elseif(NOT error MATCHES "^[^\n]+\n$" OR NOT error MATCHES "${line}")
    message(SEND_ERROR "${command}\nexpected one line that matches: ${line}\ngot:\n${error}")
  endif()
  set(output "${output}" PARENT_SCOPE)
  set(error "${error}" PARENT_SCOPE)
endfunction()

# expect_files(<name>...): just these are in WORK_DIR.
function(expect_files)
  file(GLOB found RELATIVE "${WORK_DIR}" "${WORK_DIR}/*")
  list(SORT found)
  list(SORT ARGN)
  if(NOT "${found}" STREQUAL "${ARGN}")
    message(SEND_ERROR "files are: ${found}\nexpected:  ${ARGN}")
  endif()
endfunction()

# expect_same(<file in WORK_DIR> <file>)
function(expect_same name b)
  set(a "${WORK_DIR}/${name}")
  execute_process(COMMAND "${CMAKE_COMMAND}" -E compare_files "${a}" "${b}"
                  RESULT_VARIABLE result OUTPUT_QUIET ERROR_QUIET)
  if(NOT result EQUAL 0)
    message(SEND_ERROR "${a} differs from ${b}")
  endif()
endfunction()
