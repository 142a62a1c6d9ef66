# Every *_test.cc beside its source becomes part of one test program a component, so that linking stays cheap.
find_package(GTest REQUIRED)
include(GoogleTest)

configure_file(${CMAKE_CURRENT_LIST_DIR}/source_file.cc.in ${PROJECT_BINARY_DIR}/source_file.cc)

function(convscope_test_program name)
  set(sources "")
  foreach(floor IN LISTS CONVSCOPE_FLOORS_OF_${name})
    file(GLOB_RECURSE found CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/convscope/${floor}/*_test.cc")
    list(APPEND sources ${found})
  endforeach()
  if(NOT sources)
    return()
  endif()
  add_executable(convscope_${name}_test ${sources} ${PROJECT_BINARY_DIR}/source_file.cc)
  target_link_libraries(convscope_${name}_test PRIVATE convscope_${name} convscope_settings hwy::hwy
    GTest::gtest GTest::gmock GTest::gtest_main)
  convscope_build_quickly(convscope_${name}_test)
  set_target_properties(convscope_${name}_test PROPERTIES CONVSCOPE_TEST_PROGRAM ON)
  convscope_precompile(convscope_${name}_test <gmock/gmock.h> <gtest/gtest.h> <filesystem> <fstream> <random> <sstream>
    "${PROJECT_SOURCE_DIR}/convscope/graph/graph.h")
  gtest_discover_tests(convscope_${name}_test DISCOVERY_TIMEOUT 60 PROPERTIES TIMEOUT 600)
endfunction()

convscope_test_program(core)
if(CONVSCOPE_THREADS AND NOT CONVSCOPE_SANITIZE)
  # The same tests on the core without threads, which differs only in the sources that ask for them; oneTBB is not linked.
  get_target_property(sources convscope_core SOURCES)
  set(threaded "")
  foreach(source IN LISTS sources)
    file(STRINGS "${source}" asks REGEX "CONVSCOPE_THREADS")
    if(asks)
      list(APPEND threaded "${source}")
    endif()
  endforeach()
  list(TRANSFORM threaded REPLACE "^.*/" "/" OUTPUT_VARIABLE names)
  list(JOIN names "|" names)
  add_executable(convscope_core_serial_test ${threaded}
    $<TARGET_OBJECTS:convscope_core_test> $<FILTER:$<TARGET_OBJECTS:convscope_core>,EXCLUDE,${names}>)
  target_include_directories(convscope_core_serial_test PRIVATE "${PROJECT_SOURCE_DIR}")
  target_link_libraries(convscope_core_serial_test PRIVATE convscope_settings hwy::hwy
    GTest::gtest GTest::gmock GTest::gtest_main)
  # The kernels are the same objects in both: what they compute is compared with the reference once.
  add_test(NAME core_without_threads
    COMMAND convscope_core_serial_test --gtest_brief=1 "--gtest_filter=-*Reference*:*OnEveryTarget*:*AtAnyNumberOfThreads*")
  set_tests_properties(core_without_threads PROPERTIES TIMEOUT 900)
endif()
if(CONVSCOPE_IO)
  convscope_test_program(io)
  # The tests write what the readers read, and those of internal parts see the headers of the libraries behind them.
  target_link_libraries(convscope_io_test PRIVATE ZLIB::ZLIB LibArchive::LibArchive protobuf::libprotobuf-lite
    nlohmann_json::nlohmann_json)
  target_include_directories(convscope_io_test SYSTEM PRIVATE
    $<TARGET_PROPERTY:convscope_onnx_schema,INTERFACE_INCLUDE_DIRECTORIES>)
endif()
if(CONVSCOPE_MEDIA)
  convscope_test_program(media)
  # The tests of internal parts see the headers of the libraries behind them.
  target_link_libraries(convscope_media_test PRIVATE PkgConfig::vips PkgConfig::pangocairo ZLIB::ZLIB
    nlohmann_json::nlohmann_json)
endif()
add_subdirectory(tests)
