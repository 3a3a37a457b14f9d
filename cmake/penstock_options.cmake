# Language level, warnings and sanitizers: the same for every target.
option(PENSTOCK_BUILD_TESTS "Build the tests" ON)
option(PENSTOCK_BUILD_BENCH "Build the benchmarks" ON)
option(PENSTOCK_SANITIZE "Build with AddressSanitizer and UndefinedBehaviorSanitizer" OFF)
option(PENSTOCK_BATCHES "Compile sources in batches: quicker from nothing, slower after a change" OFF)
option(PENSTOCK_TESTS_TOGETHER "Run the tests of a program in few processes, not each in its own" OFF)
option(PENSTOCK_VERIFY_ALL_HEADERS "check.headers compiles those alone too that a .cpp includes first" OFF)
option(PENSTOCK_MIMALLOC "Let programs allocate with mimalloc, unless they are sanitized" ON)
option(PENSTOCK_TIDY "Run clang-tidy with each compilation" OFF)
option(PENSTOCK_COVERAGE "Instrument for coverage" OFF)
option(PENSTOCK_FUZZ "Build the targets of tests/fuzz as fuzzers; needs clang" OFF)

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")

find_program(CCACHE ccache)
if(CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # Precompiled headers are cached only when ccache is told that their defines and times do not matter. Paths are taken
  # relative to the project, so that all build folders and clones share what one of them compiled.
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CMAKE_COMMAND}" -E env
      CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
      "CCACHE_BASEDIR=${PROJECT_SOURCE_DIR}" CCACHE_NOHASHDIR=1 "${CCACHE}")
endif()

# Programs link in a quarter of the time: what a machine with few cores notices.
find_program(MOLD mold)
if(MOLD)
  add_link_options(-fuse-ld=mold)
endif()

# What the optimiser of g++ guesses about coroutines and std::string temporaries, wrongly (GCC bugs 105329, 105562,
# 105651, 107138). The sanitizers look for the same at run time, and see what is there.
set(false_alarms -Wno-restrict -Wno-maybe-uninitialized -Wno-array-bounds -Wno-stringop-overflow
                 -Wno-stringop-overread)
add_library(penstock_compile_options INTERFACE)
add_library(penstock::compile_options ALIAS penstock_compile_options)
target_compile_options(penstock_compile_options INTERFACE
  -Wall -Wextra -Wpedantic -Werror
  "$<$<CXX_COMPILER_ID:GNU>:${false_alarms}>"
  -fno-omit-frame-pointer "-ffile-prefix-map=${PROJECT_SOURCE_DIR}=.")
if(PENSTOCK_BATCHES)
  # Sources of a unity build look like headers to g++, whose anonymous namespaces it would warn of.
  target_compile_options(penstock_compile_options INTERFACE "$<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage>")
endif()
if(CCACHE AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_compile_options(penstock_compile_options INTERFACE -fpch-preprocess)
endif()
if(PENSTOCK_SANITIZE)
  # CAF 0.17.6 binds a null reference when it spawns without arguments (detail/init_fun_factory.hpp): no `null` check.
  target_compile_options(penstock_compile_options INTERFACE
    -fsanitize=address,undefined -fno-sanitize=null,vptr -fno-sanitize-recover=all)
  target_link_options(penstock_compile_options INTERFACE -fsanitize=address,undefined)
endif()
if(PENSTOCK_FUZZ)
  target_compile_options(penstock_compile_options INTERFACE
    -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize=vptr -fno-sanitize-recover=all)
  target_link_options(penstock_compile_options INTERFACE -fsanitize=address,undefined)
endif()
if(PENSTOCK_COVERAGE)
  target_compile_options(penstock_compile_options INTERFACE --coverage)
  target_link_options(penstock_compile_options INTERFACE --coverage)
endif()
if(PENSTOCK_TIDY)
  set(CMAKE_CXX_CLANG_TIDY clang-tidy)
endif()
