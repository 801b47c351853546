# SPDX-License-Identifier: Apache-2.0
# Programs that run on a board, or on the host when that is the board.

# midge_add_firmware(<name> SOURCES <file>... [STACK_BYTES <n>] [BARE] [PLAIN_LINK])
#
# An executable with `int main(int argc, char** argv)`, linked with midge and the port. A board's
# firmware also leaves <name>.map. BARE leaves out the fault report, the arguments and the C
# library's system calls, for images whose size is measured. PLAIN_LINK is without link-time
# optimization, for images whose symbols are looked at: each function is then there by its name.
function(midge_add_firmware name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "BARE;PLAIN_LINK" "STACK_BYTES" "SOURCES")
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE midge::midge midge_port midge_warnings)
  if(NOT CMAKE_CROSSCOMPILING)
    return()
  endif()
  target_link_libraries(${name} PRIVATE midge_embedded midge_lto)
  set_target_properties(${name} PROPERTIES MIDGE_PLAIN_LINK "${arg_PLAIN_LINK}")
  target_link_options(${name} PRIVATE
    -nostartfiles --specs=nano.specs -Wl,--gc-sections -Wl,--fatal-warnings
    -Wl,-Map=$<TARGET_FILE_DIR:${name}>/${name}.map
    -T "${MIDGE_LINKER_SCRIPT}" -Wl,--undefined=midge_vectors)
  # Nothing else would ask for these: startup calls them if they are there, and the C library asks
  # for its system calls when the linker has already passed the port.
  if(NOT arg_BARE)
    foreach(symbol FaultReport CommandLine exit _getpid)
      target_link_options(${name} PRIVATE -Wl,--undefined=${symbol})
    endforeach()
  endif()
  if(arg_STACK_BYTES)
    target_link_options(${name} PRIVATE -Wl,--defsym=midge_stack_bytes=${arg_STACK_BYTES})
  endif()
  set_property(TARGET ${name} APPEND PROPERTY LINK_DEPENDS "${MIDGE_LINKER_SCRIPT}")
endfunction()

# midge_op_group(<target> <group>)
#
# Gives a program that runs any model the ops of one group: layers, movers or elementwise
# (tools/midge/op_group.h). MIDGE_SMALL_FLASH says whether a board has room for no more.
function(midge_op_group target group)
  string(TOUPPER "${group}" upper)
  target_compile_definitions(${target} PRIVATE MIDGE_OP_GROUP_${upper})
endfunction()

set(MIDGE_SMALL_FLASH OFF)
if(MIDGE_BOARD_FLASH MATCHES ";(128|256)K$")
  set(MIDGE_SMALL_FLASH ON)
endif()

# midge_add_test(<name> SOURCES <file>... [ARGS <arg>...] [LABELS <label>...] [TIMEOUT <seconds>]
#                [STACK_BYTES <n>])
#
# A firmware that is also a CTest test; on boards it runs under QEMU. Its sources may use
# tests/support/test.h.
function(midge_add_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "TIMEOUT;STACK_BYTES" "SOURCES;ARGS;LABELS")
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 60)
  endif()
  set(stack)
  if(arg_STACK_BYTES)
    set(stack STACK_BYTES ${arg_STACK_BYTES})
  endif()
  midge_add_firmware(${name} SOURCES ${arg_SOURCES} ${stack})
  target_link_libraries(${name} PRIVATE midge_test_support)
  add_test(NAME ${name} COMMAND ${name} ${arg_ARGS})
  set_tests_properties(${name} PROPERTIES LABELS "${arg_LABELS}" TIMEOUT ${arg_TIMEOUT}
                       SKIP_RETURN_CODE 77)
endfunction()

# midge_add_expect_test(<name> COMMAND <firmware> [<arg>...] EXIT_CODE <n> [OUTPUT <regular expression>]
#                       [LABELS <label>...])
#
# Runs a firmware that exists already and compares its exit code and output.
function(midge_add_expect_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "EXIT_CODE;OUTPUT" "COMMAND;LABELS")
  list(POP_FRONT arg_COMMAND firmware)
  set(run ${CMAKE_CROSSCOMPILING_EMULATOR} "$<TARGET_FILE:${firmware}>" ${arg_COMMAND})
  add_test(NAME ${name}
           COMMAND "${CMAKE_COMMAND}" "-DRUN=${run}" -DEXIT_CODE=${arg_EXIT_CODE}
                   "-DOUTPUT=${arg_OUTPUT}" -P "${PROJECT_SOURCE_DIR}/tests/support/expect.cmake")
  set_tests_properties(${name} PROPERTIES LABELS "${arg_LABELS}" TIMEOUT 60)
endfunction()
