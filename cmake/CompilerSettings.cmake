# One interface target that carries the language level, the warnings and the sanitizers of every target in the tree.
add_library(convscope_settings INTERFACE)
target_compile_features(convscope_settings INTERFACE cxx_std_20)
target_compile_options(convscope_settings INTERFACE -Wall -Wextra -Wshadow -Wnon-virtual-dtor
  # g++ 12 reports these inside the standard library when it inlines std::string and std::vector.
  $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict -Wno-stringop-overflow -Wno-array-bounds>
  # Designated initializers with defaults for the rest are the house style for options.
  -Wno-missing-field-initializers)
if(CONVSCOPE_WERROR)
  target_compile_options(convscope_settings INTERFACE -Werror)
endif()
if(CONVSCOPE_SANITIZE)
  target_compile_options(convscope_settings INTERFACE -fsanitize=${CONVSCOPE_SANITIZE} -fno-omit-frame-pointer
    -fno-sanitize-recover=all
    # Checked at each access, which doubles the time to build, for what the address sanitizer finds too.
    -fno-sanitize=null,vptr,object-size
    # As costly: kept where bytes of files are read as numbers.
    $<$<NOT:$<STREQUAL:$<TARGET_PROPERTY:NAME>,convscope_io>>:-fno-sanitize=alignment>
    # The tests' own sources: a bad address shows, the rest is looked for in what they call.
    $<$<BOOL:$<TARGET_PROPERTY:CONVSCOPE_TEST_PROGRAM>>:-fno-sanitize=undefined>
    # g++ takes what it adds itself for a use of what is not set (in std::regex, for one).
    $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
  # All instruction sets are compiled from one source: looking at the widest and at plain C++ is enough, and takes half
  # the time to build.
  target_compile_definitions(convscope_settings INTERFACE "HWY_DISABLED_TARGETS=(HWY_SSSE3|HWY_SSE4)")
  target_link_options(convscope_settings INTERFACE -fsanitize=${CONVSCOPE_SANITIZE})
endif()

# convscope_precompile(TARGET HEADER...): what nearly every source of a library includes, parsed once, and the headers
# given: takes a third off what a file of an operation needs. Sources still include all that they use.
function(convscope_precompile target)
  target_precompile_headers(${target} PRIVATE <algorithm> <array> <cmath> <functional> <limits> <map> <memory> <numeric>
    <optional> <set> <span> <string> <string_view> <utility> <variant> <vector>
    "${PROJECT_SOURCE_DIR}/convscope/base/error.h" "${PROJECT_SOURCE_DIR}/convscope/base/text.h" ${ARGN})
endfunction()

# convscope_build_quickly(TARGET): for what computes nothing itself (the tests, and the program, which parses, calls the
# libraries and prints), where optimising takes longer than it saves.
function(convscope_build_quickly target)
  if(CONVSCOPE_SANITIZE)
    target_compile_options(${target} PRIVATE -O0)
  elseif(CMAKE_BUILD_TYPE STREQUAL "Release")
    target_compile_options(${target} PRIVATE -O1)
  endif()
endfunction()
