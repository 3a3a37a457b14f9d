if(PENSTOCK_BATCHES)
  find_package(Python3 REQUIRED COMPONENTS Interpreter)
endif()

# With PENSTOCK_BATCHES, as scripts/build configures a folder that is new, the sources of a target are compiled in batches
# (CMake's unity build).
function(penstock_batches target)
  if(NOT PENSTOCK_BATCHES)
    return()
  endif()
  get_target_property(sources ${target} SOURCES)
  # Without what a start looks for in vain: it would take most of the time.
  execute_process(COMMAND "${Python3_EXECUTABLE}" -I -S "${PROJECT_SOURCE_DIR}/cmake/batches.py" 8 "${PROJECT_SOURCE_DIR}" ${sources}
    OUTPUT_VARIABLE numbers COMMAND_ERROR_IS_FATAL ANY)
  foreach(source number IN ZIP_LISTS sources numbers)
    set_source_files_properties("${source}" PROPERTIES UNITY_GROUP "batch_${number}")
  endforeach()
  set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_MODE GROUP)
  list(REMOVE_DUPLICATES numbers)
  list(LENGTH numbers batches)
  if(batches LESS 4) # as many batches as it takes for a precompiled header to pay
    set_target_properties(${target} PROPERTIES DISABLE_PRECOMPILE_HEADERS ON)
  endif()
endfunction()

# penstock_room(NAME [DEPENDS ...] [PRECOMPILE header...])
# A room is one static library made of all sources of its folder. Headers are included from the top:
# #include "core/cron.hpp". Each header must compile by itself: one with a .cpp of its own is that one's first line (a check
# holds it), the others are compiled alone (target all_verify_interface_header_sets). PENSTOCK_VERIFY_ALL_HEADERS compiles
# all of them alone, also without what is precompiled, which takes minutes.
function(penstock_room name)
  cmake_parse_arguments(arg "" "FOLDER" "DEPENDS;PRECOMPILE" ${ARGN})
  set(folder "${CMAKE_CURRENT_SOURCE_DIR}")
  if(arg_FOLDER)
    set(folder "${arg_FOLDER}")
  endif()
  file(GLOB sources CONFIGURE_DEPENDS "${folder}/*.cpp")
  file(GLOB headers CONFIGURE_DEPENDS "${folder}/*.hpp")
  set(scope PUBLIC)
  set(header_scope PUBLIC)
  if(sources)
    add_library(penstock_${name} STATIC ${sources})
  else()
    add_library(penstock_${name} INTERFACE)
    set(scope INTERFACE)
    set(header_scope INTERFACE)
  endif()
  add_library(penstock::${name} ALIAS penstock_${name})
  target_include_directories(penstock_${name} ${scope} "${PROJECT_SOURCE_DIR}")
  set(own_source "${sources}")
  list(TRANSFORM own_source REPLACE "\\.cpp$" ".hpp")
  set(alone "${headers}")
  if(NOT PENSTOCK_VERIFY_ALL_HEADERS AND sources)
    list(REMOVE_ITEM alone ${own_source})
    list(REMOVE_ITEM headers ${alone})
    target_sources(penstock_${name} ${header_scope}
      FILE_SET HEADERS BASE_DIRS "${PROJECT_SOURCE_DIR}" FILES ${headers})
  endif()
  if(alone)
    target_sources(penstock_${name} ${header_scope}
      FILE_SET alone TYPE HEADERS BASE_DIRS "${PROJECT_SOURCE_DIR}" FILES ${alone})
    set_target_properties(penstock_${name} PROPERTIES
      VERIFY_INTERFACE_HEADER_SETS ON INTERFACE_HEADER_SETS_TO_VERIFY alone)
  endif()
  if(sources)
    penstock_batches(penstock_${name})
    target_link_libraries(penstock_${name} PRIVATE penstock::compile_options)
    if(arg_PRECOMPILE)
      target_precompile_headers(penstock_${name} PRIVATE ${arg_PRECOMPILE})
    endif()
  endif()
  target_link_libraries(penstock_${name} ${scope} ${arg_DEPENDS})
endfunction()

# penstock_tests(NAME FOLDER folder DEPENDS ...): one test program of all *_test.cpp of a folder.
# Tests run in the project's folder: PENSTOCK_SOURCE_DIR is relative, or no two clones could share compiled tests.
# A test that hangs is killed: actors that wait for each other would otherwise never end.
function(penstock_tests name)
  cmake_parse_arguments(arg "" "FOLDER;TIMEOUT" "DEPENDS;PRECOMPILE;LABELS;PROPERTIES" ${ARGN})
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 60)
  endif()
  file(GLOB sources CONFIGURE_DEPENDS "${arg_FOLDER}/*.cpp")
  if(NOT sources)
    return()
  endif()
  add_executable(test_${name} ${sources})
  penstock_batches(test_${name})
  target_link_libraries(test_${name} PRIVATE penstock::compile_options ${arg_DEPENDS} GTest::gmock_main GTest::gtest)
  target_include_directories(test_${name} PRIVATE "${PROJECT_SOURCE_DIR}")
  target_compile_definitions(test_${name} PRIVATE PENSTOCK_SOURCE_DIR=".")
  target_precompile_headers(test_${name} PRIVATE <gtest/gtest.h> <gmock/gmock.h> <string> <vector> ${arg_PRECOMPILE})
  if(PENSTOCK_TESTS_TOGETHER)
    penstock_tests_together()
    return()
  endif()
  gtest_discover_tests(test_${name} DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 60
    WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}"
    PROPERTIES TIMEOUT ${arg_TIMEOUT} LABELS "${arg_LABELS}" ${arg_PROPERTIES})
endfunction()

# Called by penstock_tests: the tests of a program in few processes in place of one each, since a sanitized program takes
# most of a second to start. Each process leaves a report of its tests, which scripts/count-tests counts.
macro(penstock_tests_together)
  list(LENGTH sources processes)
  math(EXPR processes "(${processes} + 3) / 4")
  math(EXPR together_timeout "${arg_TIMEOUT} * 10")
  math(EXPR last "${processes} - 1")
  foreach(index RANGE ${last})
    set(test "test_${name}.${index}")
    add_test(NAME ${test} WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}"
      COMMAND "${CMAKE_COMMAND}" -E env GTEST_TOTAL_SHARDS=${processes} GTEST_SHARD_INDEX=${index}
              "GTEST_OUTPUT=xml:${CMAKE_BINARY_DIR}/test-reports/${test}.xml" "$<TARGET_FILE:test_${name}>")
    set_tests_properties(${test} PROPERTIES TIMEOUT ${together_timeout} LABELS "${arg_LABELS}" ${arg_PROPERTIES})
  endforeach()
endmacro()
