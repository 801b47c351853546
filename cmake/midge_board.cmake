# SPDX-License-Identifier: Apache-2.0
# Loads ports/<MIDGE_PORT>/board.cmake. Its flags apply to everything when Midge is the top-level
# project; a consumer of the library brings its own.

if(MIDGE_PORT)
  set(midge_port "${MIDGE_PORT}")
elseif(CMAKE_CROSSCOMPILING AND PROJECT_IS_TOP_LEVEL)
  message(FATAL_ERROR "Cross-compiling needs a board: set MIDGE_PORT to a folder of ports/")
else()
  set(midge_port host)
endif()
if(NOT EXISTS "${PROJECT_SOURCE_DIR}/ports/${midge_port}/board.cmake")
  message(FATAL_ERROR "Unknown board '${midge_port}': no ports/${midge_port}/board.cmake")
endif()
include("${PROJECT_SOURCE_DIR}/ports/${midge_port}/board.cmake")

if(NOT MIDGE_VARIANT)
  set(MIDGE_VARIANT "${MIDGE_BOARD_VARIANT}")
endif()

if(PROJECT_IS_TOP_LEVEL)
  if(MIDGE_BOARD_QEMU AND NOT CMAKE_CROSSCOMPILING)
    message(FATAL_ERROR "Board '${midge_port}' needs the cross compiler: use its preset, or "
                        "-DCMAKE_TOOLCHAIN_FILE=cmake/toolchains/arm-none-eabi.cmake")
  endif()
  if(NOT CMAKE_BUILD_TYPE)
    set(CMAKE_BUILD_TYPE RelWithDebInfo)
  endif()
  set(CMAKE_CXX_STANDARD 17)
  set(CMAKE_CXX_STANDARD_REQUIRED ON)
  set(CMAKE_CXX_EXTENSIONS OFF)
  set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
  add_compile_options(${MIDGE_BOARD_CPU_FLAGS})
  add_link_options(${MIDGE_BOARD_CPU_FLAGS})
  if(MIDGE_BOARD_QEMU)
    set(CMAKE_EXECUTABLE_SUFFIX ".elf")
    set(CMAKE_CROSSCOMPILING_EMULATOR "${PROJECT_SOURCE_DIR}/ports/run-qemu;${midge_port}")
  endif()
  if(MIDGE_SANITIZE)
    add_compile_options(-fsanitize=${MIDGE_SANITIZE} -fno-sanitize-recover=all
                        -fno-omit-frame-pointer)
    add_link_options(-fsanitize=${MIDGE_SANITIZE})
  endif()
endif()
