# Whether the studio can be built here, as CONVSCOPE_STUDIO_IS_POSSIBLE; and what is missing where it cannot. Asked once
# for each build folder.
find_program(CONVSCOPE_NPM npm)
find_program(CONVSCOPE_NODE NAMES node nodejs)
set(missing "")
if(NOT CONVSCOPE_NPM OR NOT CONVSCOPE_NODE)
  list(APPEND missing "npm, with Node.js")
endif()
find_package(Boost 1.74 QUIET)
if(Boost_FOUND)
  # Coroutines that this compiler and this Boost both know: Boost 1.74 knows those of GCC, not those of clang.
  include(CheckCXXSourceCompiles)
  set(CMAKE_REQUIRED_FLAGS "${CMAKE_CXX20_STANDARD_COMPILE_OPTION}")
  set(CMAKE_REQUIRED_INCLUDES ${Boost_INCLUDE_DIRS})
  check_cxx_source_compiles("#include <utility>
    #include <boost/asio/awaitable.hpp>
    #ifndef BOOST_ASIO_HAS_CO_AWAIT
    #error none
    #endif
    int main() {}" CONVSCOPE_BOOST_HAS_COROUTINES)
  unset(CMAKE_REQUIRED_FLAGS)
  unset(CMAKE_REQUIRED_INCLUDES)
  if(NOT CONVSCOPE_BOOST_HAS_COROUTINES)
    list(APPEND missing "a Boost that knows this compiler's coroutines (GCC, or a newer Boost)")
  endif()
else()
  list(APPEND missing "Boost's headers, 1.74 or newer")
endif()

if(missing)
  set(CONVSCOPE_STUDIO_IS_POSSIBLE OFF)
  list(JOIN missing "; " missing)
  message(STATUS "The studio (convscope serve) is left out; missing: ${missing}. scripts/setup studio installs npm and Boost")
else()
  set(CONVSCOPE_STUDIO_IS_POSSIBLE ON)
endif()
