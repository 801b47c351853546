# SPDX-License-Identifier: Apache-2.0
# cmake -DWORK_DIR=… -DMIDGE=… -DMAKE_MODELS=… -DSOURCE_DIR=… -DGENERATOR=… -P check_host.cmake
#
# The host program's commands, and midge_add_model().

include("${CMAKE_CURRENT_LIST_DIR}/expect.cmake")

set(missing_op "missing_op.tflite: node 1 \\(LSH_PROJECTION\\): .*FLOAT32 -> FLOAT32")
set(custom_op "custom_op.tflite: node 0 \\(custom op Two\\?Lines\\): ")
set(wrong_type "wrong_type.tflite: node 0 \\(LOGISTIC\\), input 0 \\[t0, FLOAT64 1x4\\]: ")
expect(0 "" "${MAKE_MODELS}" .)
file(GLOB models RELATIVE "${WORK_DIR}" "${WORK_DIR}/*.tflite")

# The program.
expect(2 "no command given" "${MIDGE}")
expect(2 "unknown command 'frobnicate'" "${MIDGE}" frobnicate)
expect(0 "" "${MIDGE}" --version)
foreach(command inspect run embed plan ops)
  expect(0 "" "${MIDGE}" ${command} --help)
  if(NOT output MATCHES "^usage: midge ${command} ")
    message(SEND_ERROR "midge ${command} --help prints:\n${output}")
  endif()
  expect(2 "unknown option '--frobnicate'" "${MIDGE}" ${command} --frobnicate)
endforeach()

# Models that cannot run say where and why, and nothing is written.
foreach(command "inspect" "ops" "embed;--name;m;--out-dir;." "plan;--out;p.tflite;--svg;p.svg"
        "run;--output;out.bin")
  expect(1 "absent.tflite: No such file" "${MIDGE}" ${command} absent.tflite)
  expect(1 "cut_short.tflite: .*(corrupt|cut short)" "${MIDGE}" ${command} cut_short.tflite)
  expect(1 "missing_op.tflite: node 1 \\(LSH_PROJECTION\\): " "${MIDGE}" ${command} missing_op.tflite)
  expect(1 "${custom_op}" "${MIDGE}" ${command} custom_op.tflite)
  expect(1 "${wrong_type}" "${MIDGE}" ${command} wrong_type.tflite)
endforeach()
expect(1 "${missing_op}" "${MIDGE}" embed missing_op.tflite --name m --out-dir .)
expect(2 "must be a C\\+\\+ identifier" "${MIDGE}" embed long_chain.tflite --name a-b --out-dir .)
expect(2 "needs --name and --out-dir" "${MIDGE}" embed long_chain.tflite --name m)
expect_files(${models})

# A model that is too large to plan without an arena: the need is exact at the first answer.
string(REPEAT "0123456789abcdef" 1024 input)
file(WRITE "${WORK_DIR}/in.bin" "${input}")
expect(1 "arena too small: needs [0-9]+ bytes, has 16" "${MIDGE}" run long_chain.tflite
       --input in.bin --arena 16)
string(REGEX REPLACE ".*needs ([0-9]+) bytes.*" "\\1" need "${error}")
math(EXPR less "${need} - 1")
expect(1 "needs ${need} bytes, has ${less}" "${MIDGE}" run long_chain.tflite --input in.bin
       --arena ${less})
expect(0 "" "${MIDGE}" run long_chain.tflite --input in.bin --arena ${need})

# inspect, for programs: the same arena, and every node and tensor.
expect(0 "" "${MIDGE}" inspect --json long_chain.tflite)
string(JSON arena_bytes GET "${output}" arena total_bytes)
string(JSON node_count LENGTH "${output}" nodes)
string(JSON tensor_count LENGTH "${output}" tensors)
string(JSON row GET "${output}" ops 0 register)
if(NOT "${arena_bytes} ${node_count} ${tensor_count} ${row}" STREQUAL
   "${need} 300 301 midge::kLogisticFloat32")
  message(SEND_ERROR "inspect --json: ${arena_bytes} ${node_count} ${tensor_count} ${row}")
endif()
execute_process(COMMAND "${MIDGE}" inspect --json missing_op.tflite
                WORKING_DIRECTORY "${WORK_DIR}" OUTPUT_VARIABLE output ERROR_QUIET)
string(JSON arena TYPE "${output}" arena)
string(JSON error GET "${output}" error)
string(JSON row TYPE "${output}" ops 1 register)
if(NOT arena STREQUAL "NULL" OR NOT row STREQUAL "NULL" OR NOT error MATCHES "LSH_PROJECTION")
  message(SEND_ERROR "inspect --json of a model that cannot run:\n${output}")
endif()

# plan: a smaller arena than a device finds, the same one for whoever embeds the model, twice the same
# file; and the planned file is a model like any other, of the same outputs.
set(network "${SOURCE_DIR}/examples/handwriting/model/handwriting.tflite")
expect(0 "" "${MIDGE}" plan "${network}" --json --out planned.tflite --svg plan.svg)
string(JSON planned_bytes GET "${output}" arena_bytes)
string(JSON device_bytes GET "${output}" arena_bytes_planned_on_device)
string(JSON bound_bytes GET "${output}" bound_bytes)
if(NOT planned_bytes LESS device_bytes OR planned_bytes LESS bound_bytes)
  message(SEND_ERROR "midge plan: ${planned_bytes}, on device ${device_bytes}, bound ${bound_bytes}")
endif()
file(READ "${WORK_DIR}/plan.svg" svg)
if(NOT svg MATCHES "^<svg .*ring.*</svg>\n$")
  message(SEND_ERROR "midge plan --svg makes no picture")
endif()
expect(0 "" "${MIDGE}" plan "${network}" --fast 1024)
if(NOT output MATCHES "with a fast block of 1024 bytes: [1-9][0-9]* of them used" OR
   NOT output MATCHES "\n  fast " OR NOT output MATCHES "\n  arena ")
  message(SEND_ERROR "midge plan --fast:\n${output}")
endif()
expect(2 "--fast" "${MIDGE}" plan "${network}" --fast much)
expect(0 "" "${MIDGE}" plan "${network}" --json --out again.tflite)
expect_same(planned.tflite "${WORK_DIR}/again.tflite")
expect(0 "" "${MIDGE}" embed "${network}" --name planned --out-dir embedded --planned)
file(READ "${WORK_DIR}/embedded/planned.h" header)
if(NOT header MATCHES "kArenaBytes = ${planned_bytes};" OR
   NOT header MATCHES "AllocateTensorsAsPlanned")
  message(SEND_ERROR "embed --planned:\n${header}")
endif()
# The least memory there is, whatever it takes.
expect(0 "" "${MIDGE}" plan "${network}" --json --variant arm_dsp)
string(JSON planned_bytes GET "${output}" arena_bytes)
expect(0 "" "${MIDGE}" plan "${network}" --json --variant arm_dsp --smallest)
string(JSON smallest_bytes GET "${output}" arena_bytes)
if(NOT smallest_bytes LESS planned_bytes)
  message(SEND_ERROR "midge plan --smallest: ${smallest_bytes}, else ${planned_bytes}")
endif()

# A model with subgraphs, and ops that only they use.
expect(0 "" "${MIDGE}" embed branch.tflite --name branch --out-dir embedded --planned)
file(READ "${WORK_DIR}/embedded/branch.h" header)
if(NOT header MATCHES "kIf,.*kLogisticFloat32,.*kTanhFloat32")
  message(SEND_ERROR "embed branch.tflite --planned:\n${header}")
endif()
expect(2 "exclude each other" "${MIDGE}" embed "${network}" --name m --out-dir . --planned --data-only)
expect(2 "--stream-input is for --planned" "${MIDGE}" embed "${network}" --name m --out-dir .
       --stream-input)

# Of the input only the rows in use are in the arena.
set(camera "${SOURCE_DIR}/examples/line_camera/model/line_camera.tflite")
expect(0 "" "${MIDGE}" plan "${camera}" --json)
string(JSON whole_bytes GET "${output}" arena_bytes)
expect(0 "" "${MIDGE}" plan "${camera}" --json --stream-input)
string(JSON streamed_bytes GET "${output}" arena_bytes)
if(NOT streamed_bytes LESS whole_bytes OR NOT streamed_bytes LESS 9216)
  message(SEND_ERROR "midge plan --stream-input: ${streamed_bytes}, else ${whole_bytes}")
endif()

# Other variants need other scratch memory.
expect(0 "" "${MIDGE}" plan "${network}" --json --variant portable)
string(JSON portable_bytes GET "${output}" arena_bytes_planned_on_device)
expect(0 "" "${MIDGE}" plan --variant=arm_dsp "${network}" --json)
string(JSON arm_dsp_bytes GET "${output}" arena_bytes_planned_on_device)
if(NOT portable_bytes LESS arm_dsp_bytes)
  message(SEND_ERROR "midge plan --variant: ${portable_bytes}, with arm_dsp ${arm_dsp_bytes}")
endif()
expect(2 "unknown variant 'arm' \\(variants: portable arm_dsp" "${MIDGE}" plan "${network}" --variant arm)

set(golden "${SOURCE_DIR}/tests/networks/handwriting")
expect(0 "" "${MIDGE}" run planned.tflite --input "${golden}/1.in.bin" --output planned.bin
       --layers planned.tsv)
expect_same(planned.bin "${golden}/1.out.bin")
expect_same(planned.tsv "${golden}/1.layers.tsv")

# What `ops` says to register exists.
expect(0 "" "${MIDGE}" ops)
file(READ "${SOURCE_DIR}/include/midge/ops.h" declarations)
string(REGEX MATCHALL "midge::k[A-Za-z0-9]+" symbols "${output}")
list(LENGTH symbols symbol_count)
if(symbol_count LESS 20)
  message(SEND_ERROR "midge ops lists only:\n${output}")
endif()
foreach(symbol IN LISTS symbols)
  string(REPLACE "midge::" "" symbol "${symbol}")
  if(NOT declarations MATCHES "[ ,]${symbol}[,;]")
    message(SEND_ERROR "midge ops names ${symbol}, which is not in ops.h")
  endif()
endforeach()

# midge_add_model(): a good model builds; of a bad one the build says what is wrong with it.
function(build_model model options expected_result message)
  set(dir "${WORK_DIR}/build_${model}${options}")
  execute_process(
    COMMAND "${CMAKE_COMMAND}" -S "${CMAKE_CURRENT_LIST_DIR}/embed" -B "${dir}" -G "${GENERATOR}"
            "-DMIDGE_SOURCE_DIR=${SOURCE_DIR}" "-DMIDGE_TOOL=${MIDGE}" "-DOPTIONS=${options}"
            "-DMODEL=${WORK_DIR}/${model}.tflite"
    OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
  execute_process(COMMAND "${CMAKE_COMMAND}" --build "${dir}"
                  RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(expected_result STREQUAL "builds")
    if(NOT result EQUAL 0)
      message(SEND_ERROR "${model} does not build:\n${output}")
    endif()
  elseif(result EQUAL 0 OR NOT output MATCHES "${message}" OR EXISTS "${dir}/m.model/m.h")
    message(SEND_ERROR "${model}: expected an error that matches: ${message}\n${output}")
  endif()
endfunction()
build_model(long_chain "" builds "")
build_model(custom_op "DATA_ONLY" builds "")
build_model(missing_op "" fails "${missing_op}")
build_model(custom_op "" fails "${custom_op}")
build_model(wrong_type "" fails "${wrong_type}")
