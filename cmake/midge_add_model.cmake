# SPDX-License-Identifier: Apache-2.0
# midge_add_model(<name> <model.tflite> [PLAN [STREAM_INPUT] [SMALLEST] | STREAM | DATA_ONLY])
#
# A library <name> with the model in it, to link to. It brings midge::midge and the header <name>.h:
#
#   namespace <name> {
#   alignas(16) extern const uint8_t g_model[kModelBytes];  // lies in flash
#   constexpr size_t kModelBytes;
#   constexpr size_t kArenaBytes;                 // what the model needs, to the byte
#   constexpr auto Ops();                         // an OpResolver of just the ops that it needs
#   midge::Status Allocate(midge::Interpreter&);  // AllocateTensors(), or what PLAN or
#                                                 // STREAM says
#   }
#
# With PLAN the model in flash holds a plan made by the host (`midge plan`): a smaller arena for some
# more flash, by AllocateTensorsAsPlanned(). STREAM_INPUT plans for InvokeRows(): the first input
# arrives row by row and is not in the arena. SMALLEST takes the least memory, even if inference then
# takes much longer.
#
# With STREAM the device runs nodes row by row where that makes the arena smaller (kStreamRows), at
# some 4 KB of flash: for a large network most of what PLAN saves, with nothing kept in flash that
# depends on the plan. Without effect on a model where it makes nothing smaller.
#
# The numbers come from the host program `midge`, which is the library itself. A model that is not
# sound, or needs an op or a type that Midge has not, is an error of the build. With DATA_ONLY there
# are just the bytes: for a model with ops of your own, which the host program does not know.
#
# Where the target is not the host, the program is built once with the host's own compiler, in
# MIDGE_HOST_TOOL_DIR. MIDGE_TOOL may name one that exists already.

set(MIDGE_TOOL "" CACHE FILEPATH "Host program `midge` (default: built, or found, when needed)")

if(EXISTS "${CMAKE_CURRENT_LIST_DIR}/../tools/midge/CMakeLists.txt" AND CMAKE_CROSSCOMPILING)
  set(MIDGE_HOST_TOOL_DIR "${PROJECT_BINARY_DIR}/host-tool" CACHE PATH
      "Where the host program is built; several builds may share it")
  get_filename_component(midge_source_dir "${CMAKE_CURRENT_LIST_DIR}/.." ABSOLUTE)
  # A tool for each choice of kernels, since they ask for scratch.
  list(JOIN MIDGE_PORTABLE_KERNELS "," midge_portable_kernels)
  set(midge_host_tool_dir "${MIDGE_HOST_TOOL_DIR}/${MIDGE_VARIANT}")
  if(midge_portable_kernels)
    string(MAKE_C_IDENTIFIER "${midge_portable_kernels}" suffix)
    string(APPEND midge_host_tool_dir "-without-${suffix}")
  endif()
  set(midge_host_tool "${midge_host_tool_dir}/bin/midge")
  file(GLOB_RECURSE midge_host_tool_sources
       "${midge_source_dir}/include/*.h" "${midge_source_dir}/schema/*.fbs"
       "${midge_source_dir}/src/*" "${midge_source_dir}/kernels/*"
       "${midge_source_dir}/tools/midge/*" "${midge_source_dir}/tools/plan/*")
  # The stamp is this build's; the program may be shared, and may be up to date already.
  add_custom_command(
    OUTPUT "${PROJECT_BINARY_DIR}/host-tool.stamp"
    BYPRODUCTS "${midge_host_tool}"
    COMMAND "${CMAKE_COMMAND}" "-DSOURCE_DIR=${midge_source_dir}"
            "-DBINARY_DIR=${midge_host_tool_dir}" "-DGENERATOR=${CMAKE_GENERATOR}"
            "-DMAKE_PROGRAM=${CMAKE_MAKE_PROGRAM}" "-DMIDGE_VARIANT=${MIDGE_VARIANT}"
            "-DMIDGE_PORTABLE_KERNELS=${midge_portable_kernels}"
            "-DMIDGE_FLATC=${MIDGE_FLATC}"
            "-DMIDGE_FLATBUFFERS_INCLUDE_DIR=${MIDGE_FLATBUFFERS_INCLUDE_DIR}"
            -P "${CMAKE_CURRENT_LIST_DIR}/midge_build_host_tool.cmake"
    COMMAND "${CMAKE_COMMAND}" -E touch "${PROJECT_BINARY_DIR}/host-tool.stamp"
    DEPENDS ${midge_host_tool_sources} "${CMAKE_CURRENT_LIST_DIR}/midge_build_host_tool.cmake"
    COMMENT "Building midge for the host"
    VERBATIM)
  add_custom_target(midge_host_tool DEPENDS "${PROJECT_BINARY_DIR}/host-tool.stamp")
  set_target_properties(midge_host_tool PROPERTIES MIDGE_PROGRAM "${midge_host_tool}")
endif()

# Sets <command> to the host program and <depends> to what makes it.
function(midge_find_tool command depends)
  if(MIDGE_TOOL)
    set(program "${MIDGE_TOOL}")
    set(makers "${MIDGE_TOOL}")
  elseif(TARGET midge::tool AND NOT CMAKE_CROSSCOMPILING)
    set(program midge::tool)
    set(makers midge::tool)
  elseif(TARGET midge_host_tool)
    get_target_property(program midge_host_tool MIDGE_PROGRAM)
    set(makers midge_host_tool "${program}")
  else()
    find_program(MIDGE_INSTALLED_TOOL midge NO_CMAKE_FIND_ROOT_PATH
                 DOC "The installed host program `midge`")
    if(NOT MIDGE_INSTALLED_TOOL)
      message(FATAL_ERROR "midge_add_model() needs the program `midge` for this machine, and found "
                          "none: install Midge for the host, or set MIDGE_TOOL to its path.")
    endif()
    set(program "${MIDGE_INSTALLED_TOOL}")
    set(makers "${MIDGE_INSTALLED_TOOL}")
  endif()
  set(${command} "${program}" PARENT_SCOPE)
  set(${depends} "${makers}" PARENT_SCOPE)
endfunction()

function(midge_add_model name model)
  cmake_parse_arguments(PARSE_ARGV 2 arg "PLAN;STREAM_INPUT;SMALLEST;STREAM;DATA_ONLY" "" "")
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "midge_add_model(${name}): unknown arguments ${arg_UNPARSED_ARGUMENTS}")
  endif()
  if((arg_STREAM_INPUT OR arg_SMALLEST) AND NOT arg_PLAN)
    message(FATAL_ERROR "midge_add_model(${name}): STREAM_INPUT and SMALLEST are for PLAN")
  endif()
  if((arg_PLAN AND arg_STREAM) OR (arg_DATA_ONLY AND (arg_PLAN OR arg_STREAM)))
    message(FATAL_ERROR "midge_add_model(${name}): PLAN, STREAM and DATA_ONLY exclude each other")
  endif()
  if(NOT name MATCHES "^[A-Za-z_][A-Za-z0-9_]*$")
    message(FATAL_ERROR "midge_add_model(${name}): the name is also a C++ namespace and must be an "
                        "identifier")
  endif()
  get_filename_component(model "${model}" ABSOLUTE)
  midge_find_tool(tool depends)
  set(out_dir "${CMAKE_CURRENT_BINARY_DIR}/${name}.model")
  set(options)
  if(arg_DATA_ONLY)
    set(options --data-only)
  elseif(arg_STREAM)
    set(options --streamed)
  elseif(arg_PLAN)
    set(options --planned)
    if(arg_STREAM_INPUT)
      list(APPEND options --stream-input)
    endif()
    if(arg_SMALLEST)
      list(APPEND options --smallest)
    endif()
  endif()
  get_filename_component(model_name "${model}" NAME)
  add_custom_command(
    OUTPUT "${out_dir}/${name}.h" "${out_dir}/${name}.cc"
    COMMAND "${tool}" embed "${model}" --name "${name}" --out-dir "${out_dir}" ${options}
    DEPENDS "${model}" ${depends}
    COMMENT "Embedding ${model_name}"
    VERBATIM)
  add_library(${name} STATIC "${out_dir}/${name}.h" "${out_dir}/${name}.cc")
  target_include_directories(${name} PUBLIC "${out_dir}")
  target_link_libraries(${name} PUBLIC midge::midge)
endfunction()
