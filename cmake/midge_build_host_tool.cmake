# SPDX-License-Identifier: Apache-2.0
# cmake -DSOURCE_DIR=… -DBINARY_DIR=… -DGENERATOR=… -DMAKE_PROGRAM=… -DMIDGE_VARIANT=…
#       [-DMIDGE_PORTABLE_KERNELS=…] [-DMIDGE_FLATC=…] [-DMIDGE_FLATBUFFERS_INCLUDE_DIR=…] -P midge_build_host_tool.cmake
#
# Builds BINARY_DIR/bin/midge with the host's compiler, from within a build for another machine: of
# that build's settings only those given here may come along. Builds that share BINARY_DIR wait for
# each other.

file(MAKE_DIRECTORY "${BINARY_DIR}")
file(LOCK "${BINARY_DIR}.lock")

set(environment "${CMAKE_COMMAND}" -E env)
foreach(variable CC CXX CFLAGS CXXFLAGS CPPFLAGS LDFLAGS CMAKE_TOOLCHAIN_FILE CMAKE_BUILD_TYPE)
  list(APPEND environment --unset=${variable})
endforeach()

function(run)
  execute_process(COMMAND ${environment} ${ARGN} RESULT_VARIABLE result
                  OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT result EQUAL 0)
    message(FATAL_ERROR "Building the host program `midge` failed:\n${output}")
  endif()
endfunction()

set(settings)
foreach(setting MIDGE_FLATC MIDGE_FLATBUFFERS_INCLUDE_DIR)
  if(${setting})
    list(APPEND settings "-D${setting}=${${setting}}")
  endif()
endforeach()
run("${CMAKE_COMMAND}" -S "${SOURCE_DIR}" -B "${BINARY_DIR}" -G "${GENERATOR}"
    "-DCMAKE_MAKE_PROGRAM=${MAKE_PROGRAM}" -DCMAKE_BUILD_TYPE=Release
    "-DCMAKE_RUNTIME_OUTPUT_DIRECTORY=${BINARY_DIR}/bin"
    "-DCMAKE_RUNTIME_OUTPUT_DIRECTORY_RELEASE=${BINARY_DIR}/bin"
    "-DMIDGE_VARIANT=${MIDGE_VARIANT}" "-DMIDGE_PORTABLE_KERNELS=${MIDGE_PORTABLE_KERNELS}"
    ${settings}
    -DMIDGE_BUILD_TESTS=OFF -DMIDGE_BUILD_EXAMPLES=OFF -DMIDGE_BUILD_BENCHMARKS=OFF
    -DMIDGE_BUILD_TOOLS=ON)
run("${CMAKE_COMMAND}" --build "${BINARY_DIR}" --config Release --target midge_tool --parallel)
