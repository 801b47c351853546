# SPDX-License-Identifier: Apache-2.0
# Target midge_flatbuffers: the headers of FlatBuffers and nothing else. They usually lie in
# /usr/include, which a cross build must not search: it would find the host's libc.

find_path(MIDGE_FLATBUFFERS_INCLUDE_DIR flatbuffers/flatbuffers.h REQUIRED
          PATHS /usr/include /usr/local/include NO_CMAKE_FIND_ROOT_PATH)

set(midge_flatbuffers_dir "${PROJECT_BINARY_DIR}/flatbuffers-include")
file(MAKE_DIRECTORY "${midge_flatbuffers_dir}")
file(CREATE_LINK "${MIDGE_FLATBUFFERS_INCLUDE_DIR}/flatbuffers"
     "${midge_flatbuffers_dir}/flatbuffers" SYMBOLIC)

add_library(midge_flatbuffers INTERFACE)
target_include_directories(midge_flatbuffers SYSTEM INTERFACE "${midge_flatbuffers_dir}")
