# SPDX-License-Identifier: Apache-2.0
# cmake -DWORK_DIR=… -DRUN=<command list> -DNETWORKS_DIR=… -DMODEL_HEADER=… -P check_run.cmake
#
# `midge run`, or midge-run on a board: results, exit codes, messages, and that a failure leaves
# nothing. MODEL_HEADER is what midge_add_model() made of
# the same model on the host: its arena size must be the board's, to the byte.

include("${CMAKE_CURRENT_LIST_DIR}/expect.cmake")

set(golden "${NETWORKS_DIR}/sine_int8")
file(READ "${golden}/manifest.json" manifest)
string(JSON path GET "${manifest}" path)
string(JSON invokes GET "${manifest}" invokes)
file(COPY_FILE "${golden}/${path}" "${WORK_DIR}/model.tflite")
file(COPY_FILE "${golden}/1.in.bin" "${WORK_DIR}/in.bin")
file(WRITE "${WORK_DIR}/note.txt" "not a model, though long enough to be one")
set(given in.bin model.tflite note.txt)

# What is right.
expect(0 "" ${RUN} model.tflite --input in.bin --invokes ${invokes} --output out.bin
       --layers=layers.tsv)
expect_same(out.bin "${golden}/1.out.bin")
expect_same(layers.tsv "${golden}/1.layers.tsv")
file(REMOVE "${WORK_DIR}/out.bin" "${WORK_DIR}/layers.tsv")

file(SIZE "${WORK_DIR}/in.bin" in_bytes)
math(EXPR last "${invokes} - 1")
expect(0 "" ${RUN} model.tflite --input in.bin --invokes ${invokes})
if(NOT in_bytes EQUAL invokes)
  message(FATAL_ERROR "this test takes the model for one byte in, one byte out")
endif()
if(NOT output MATCHES
   "\ninvoke ${last}\noutput 0: INT8 \\[1,1\\], scale 0\\.[0-9]+, zero point -?[0-9]+\n  -?[0-9]+\n$")
  message(SEND_ERROR "prints:\n${output}")
endif()

expect(0 "" ${RUN} --help)
if(NOT output MATCHES "^usage: ")
  message(SEND_ERROR "--help prints:\n${output}")
endif()

# The caller's mistakes.
expect(2 "no model given" ${RUN})
expect(2 "unknown option '--frobnicate'" ${RUN} model.tflite --frobnicate)
expect(2 "--output needs a value" ${RUN} model.tflite --input in.bin --output)
expect(2 "unexpected argument 'in.bin'" ${RUN} model.tflite in.bin)
expect(2 "--invokes needs a number .* not '-1'" ${RUN} model.tflite --input in.bin --invokes -1)
expect(2 "--invokes must be at least 1" ${RUN} model.tflite --input in.bin --invokes 0)
expect(2 "--arena needs a number .* not '1k'" ${RUN} model.tflite --input in.bin --arena 1k)
expect(2 "needs --input" ${RUN} model.tflite --output out.bin)
expect_files(${given})

# Bad files. Where the failure comes after outputs were begun, they must not remain.
expect(1 "cannot open absent.tflite: No such file" ${RUN} absent.tflite --input in.bin)
expect(1 "note.txt: .*not a .tflite model" ${RUN} note.txt --input in.bin --output out.bin)
expect(1 "cannot open absent.bin: No such file" ${RUN} model.tflite --input absent.bin
       --output out.bin)
math(EXPR more "${invokes} + 1")
math(EXPR fewer "${invokes} - 1")
expect(1 "in.bin is too short" ${RUN} model.tflite --input in.bin --output out.bin
       --layers layers.tsv --invokes ${more})
expect(1 "in.bin is too long" ${RUN} model.tflite --input in.bin --output out.bin
       --layers layers.tsv --invokes ${fewer})
expect(1 "cannot write no/such/folder.bin: No such file" ${RUN} model.tflite --input in.bin
       --output no/such/folder.bin --invokes ${invokes})
expect_files(${given})

# What was there before a failure is still there.
file(WRITE "${WORK_DIR}/out.bin" "before")
expect(1 "in.bin is too short" ${RUN} model.tflite --input in.bin --output out.bin
       --invokes ${more})
file(READ "${WORK_DIR}/out.bin" before)
if(NOT before STREQUAL "before")
  message(SEND_ERROR "a failed run overwrote its output")
endif()
file(REMOVE "${WORK_DIR}/out.bin")

# The arena: the need is told, it is the host's, it is enough, and one byte less is not.
expect(1 "arena too small: needs [0-9]+ bytes, has 0" ${RUN} model.tflite --input in.bin --arena 0
       --output out.bin)
string(REGEX REPLACE ".*needs ([0-9]+) bytes.*" "\\1" need "${error}")
file(STRINGS "${MODEL_HEADER}" line REGEX "kArenaBytes = ")
string(REGEX REPLACE ".* = ([0-9]+).*" "\\1" host_need "${line}")
if(NOT need EQUAL host_need)
  message(SEND_ERROR "the arena is ${need} bytes here, and ${host_need} for the host program")
endif()
math(EXPR less "${need} - 1")
expect(1 "arena too small: needs ${need} bytes, has ${less}" ${RUN} model.tflite --input in.bin
       --arena ${less} --output out.bin)
expect_files(${given})
expect(0 "" ${RUN} model.tflite --input in.bin --arena ${need} --invokes ${invokes}
       --output out.bin)
expect_same(out.bin "${golden}/1.out.bin")
