# SPDX-License-Identifier: Apache-2.0
# cmake -DWORK_DIR=… -DRUN=<command list> -DGOLDENS_DIR=… -DMODELS=name;… -DMOST=<n>
#       -P check_goldens.cmake
#
# Runs models whose outputs and layers table are known to the last bit. Those of GOLDENS_DIR that lie
# elsewhere say where in their manifest. MOST inputs of each, or all if it is -1.

include("${CMAKE_CURRENT_LIST_DIR}/expect.cmake")

if(NOT IS_DIRECTORY "${GOLDENS_DIR}")
  message(STATUS "skipped: no folder ${GOLDENS_DIR}")
  return()
endif()
foreach(model IN LISTS MODELS)
  set(golden "${GOLDENS_DIR}/${model}")
  file(READ "${golden}/manifest.json" manifest)
  string(JSON path GET "${manifest}" path)
  string(JSON invokes GET "${manifest}" invokes)
  set(file "${golden}/${path}")
  if(NOT EXISTS "${file}")
    set(file "${GOLDENS_DIR}/../${path}")
  endif()
  file(GLOB inputs "${golden}/*.in.bin")
  list(SUBLIST inputs 0 ${MOST} inputs)
  if(NOT inputs)
    message(SEND_ERROR "no inputs in ${golden}")
  endif()
  foreach(input IN LISTS inputs)
    string(REGEX REPLACE "\\.in\\.bin$" "" case "${input}")
    file(REMOVE "${WORK_DIR}/out.bin" "${WORK_DIR}/layers.tsv")
    expect(0 "" ${RUN} "${file}" --input "${input}"
           --invokes ${invokes} --output out.bin --layers layers.tsv)
    expect_same(out.bin "${case}.out.bin")
    expect_same(layers.tsv "${case}.layers.tsv")
    message(STATUS "same outputs and layers: ${case}")
  endforeach()
endforeach()
