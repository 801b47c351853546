# SPDX-License-Identifier: Apache-2.0
# How the library is compiled and installed. Sources are added by src/ and kernels/.

include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

add_library(midge_warnings INTERFACE)
target_compile_options(midge_warnings INTERFACE -Wall -Wextra -Wconversion -Wshadow)
if(PROJECT_IS_TOP_LEVEL)
  target_compile_options(midge_warnings INTERFACE -Werror)
endif()

# Code that needs no runtime: no unwinder, no type information, no guards around statics. No
# contraction, because a fused multiply-add gives other bits than the two operations.
add_library(midge_embedded INTERFACE)
target_compile_features(midge_embedded INTERFACE cxx_std_17)
target_compile_options(midge_embedded INTERFACE
  -fno-exceptions -fno-rtti -fno-threadsafe-statics -ffp-contract=off
  -ffunction-sections -fdata-sections)

# Objects hold code for either kind of link. GCC optimizes at link time unless told -fno-lto, also
# in programs that only link to the installed library; the linker, called by itself, does not. No
# function is worth a second copy for some of its callers.
add_library(midge_lto INTERFACE)
if(CMAKE_CROSSCOMPILING AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  option(MIDGE_LTO "Make firmware smaller by link-time optimization" ON)
  if(MIDGE_LTO)
    set(flags -flto -flto-partition=one -fno-ipa-cp-clone -fmerge-all-constants)
    set(is_plain "$<BOOL:$<TARGET_PROPERTY:MIDGE_PLAIN_LINK>>")
    target_compile_options(midge_lto INTERFACE -flto -ffat-lto-objects)
    target_link_options(midge_lto INTERFACE "$<IF:${is_plain},-fno-lto,${flags}>")
  endif()
endif()

function(midge_add_library name)
  add_library(${name} STATIC)
  add_library(midge::${name} ALIAS ${name})
  target_compile_features(${name} PUBLIC cxx_std_17)
  target_include_directories(${name}
    PUBLIC "$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>"
           "$<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>"
    PRIVATE "${PROJECT_SOURCE_DIR}")
  target_compile_definitions(${name} PRIVATE $<$<BOOL:${MIDGE_ASSERTS}>:MIDGE_ASSERTS=1>)
  # BUILD_INTERFACE keeps the build's own targets out of the installed package.
  target_link_libraries(${name} PRIVATE $<BUILD_INTERFACE:midge_embedded>
                                        $<BUILD_INTERFACE:midge_lto>
                                        $<BUILD_INTERFACE:midge_warnings>)
endfunction()

# midge_add_sources(<library> size|speed <file>...): sources of the current folder, and what the
# compiler is to make of them outside debug builds. MIDGE_OPTIMIZE=size makes all of them small.
function(midge_add_sources library goal)
  if(NOT MIDGE_OPTIMIZE MATCHES "^(speed|size)$")
    message(FATAL_ERROR "MIDGE_OPTIMIZE is speed or size, not '${MIDGE_OPTIMIZE}'")
  endif()
  if(goal STREQUAL "size" OR MIDGE_OPTIMIZE STREQUAL "size")
    set(level -Os)
  else()
    set(level -O2)
  endif()
  list(TRANSFORM ARGN PREPEND "${CMAKE_CURRENT_SOURCE_DIR}/")
  target_sources(${library} PRIVATE ${ARGN})
  set_source_files_properties(${ARGN} TARGET_DIRECTORY ${library} PROPERTIES
    COMPILE_OPTIONS "$<$<NOT:$<CONFIG:Debug>>:${level}>")
endfunction()

function(midge_install_library name)
  install(TARGETS ${name} EXPORT midge-targets)
  install(DIRECTORY "${PROJECT_SOURCE_DIR}/include/midge" TYPE INCLUDE)
  install(EXPORT midge-targets NAMESPACE midge:: DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/midge)
  write_basic_package_version_file("${PROJECT_BINARY_DIR}/midge-config-version.cmake"
                                   COMPATIBILITY SameMinorVersion)
  install(FILES "${PROJECT_SOURCE_DIR}/cmake/midge-config.cmake"
                "${PROJECT_SOURCE_DIR}/cmake/midge_add_model.cmake"
                "${PROJECT_BINARY_DIR}/midge-config-version.cmake"
          DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/midge)
endfunction()
