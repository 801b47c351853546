# SPDX-License-Identifier: Apache-2.0
# Configures, builds and runs consumer/ in WORK_DIR. WAY is how it gets Midge: subdirectory,
# fetch_content or package (installed from MIDGE_BINARY_DIR, which has been built). MIDGE_TOOL may
# name a host program that is there already.

set(settings -DWAY=${WAY} -DCMAKE_BUILD_TYPE=Debug
    "-DMODEL=${MIDGE_SOURCE_DIR}/examples/hello_world/model/sine_int8.tflite")
if(WAY STREQUAL "package")
  file(REMOVE_RECURSE "${WORK_DIR}/prefix")
  execute_process(COMMAND "${CMAKE_COMMAND}" --install "${MIDGE_BINARY_DIR}"
                          --prefix "${WORK_DIR}/prefix"
                  OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
  list(APPEND settings "-DCMAKE_PREFIX_PATH=${WORK_DIR}/prefix")
else()
  list(APPEND settings "-DMIDGE_SOURCE_DIR=${MIDGE_SOURCE_DIR}"
                       "-DFETCHCONTENT_SOURCE_DIR_MIDGE=${MIDGE_SOURCE_DIR}")
endif()
if(MIDGE_TOOL)
  list(APPEND settings "-DMIDGE_TOOL=${MIDGE_TOOL}")
endif()
execute_process(COMMAND "${CMAKE_COMMAND}" -G "${GENERATOR}" ${settings}
                        -S "${CMAKE_CURRENT_LIST_DIR}/consumer" -B "${WORK_DIR}/build"
                COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND "${CMAKE_COMMAND}" --build "${WORK_DIR}/build" COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND "${WORK_DIR}/build/consumer" COMMAND_ERROR_IS_FATAL ANY)
