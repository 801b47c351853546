# SPDX-License-Identifier: Apache-2.0
# cmake -DNM=<nm> -DIMAGE=<elf> -P check_int8_image.cmake
# Passes if an image holds no float or double arithmetic of libgcc: then nothing calls any.

execute_process(COMMAND "${NM}" "${IMAGE}" OUTPUT_VARIABLE text COMMAND_ERROR_IS_FATAL ANY)
if(NOT text MATCHES "Conv2DS8")
  message(FATAL_ERROR "${IMAGE} has no kernels")
endif()
string(REGEX MATCHALL "__aeabi_c?[df][a-z0-9]+" found "${text}")
if(found)
  list(REMOVE_DUPLICATES found)
  message(FATAL_ERROR "${IMAGE} links ${found}")
endif()
message("no floating point")
