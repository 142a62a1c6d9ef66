# The three installed libraries. A folder is a floor; which floors make which library is decided here and nowhere else.

# convscope_component(NAME FLOOR...): the library convscope_NAME (alias convscope::NAME) of every source in the floors.
function(convscope_component name)
  set(sources "")
  foreach(floor IN LISTS ARGN)
    file(GLOB_RECURSE found CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/convscope/${floor}/*.cc")
    list(FILTER found EXCLUDE REGEX "_test\\.cc$")
    list(APPEND sources ${found})
  endforeach()
  add_library(convscope_${name} ${sources})
  add_library(convscope::${name} ALIAS convscope_${name})
  target_include_directories(convscope_${name} PUBLIC
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  target_compile_features(convscope_${name} PUBLIC cxx_std_20)
  target_link_libraries(convscope_${name} PRIVATE $<BUILD_INTERFACE:convscope_settings>)
  set_target_properties(convscope_${name} PROPERTIES EXPORT_NAME ${name} POSITION_INDEPENDENT_CODE ON)
  set(CONVSCOPE_COMPONENTS ${CONVSCOPE_COMPONENTS} ${name} PARENT_SCOPE)
  set(CONVSCOPE_FLOORS ${CONVSCOPE_FLOORS} ${ARGN} PARENT_SCOPE)
  set(CONVSCOPE_FLOORS_OF_${name} ${ARGN} PARENT_SCOPE)
endfunction()

find_package(PkgConfig REQUIRED)

convscope_component(core base tensor kernels graph filters nn data train inspect)
convscope_precompile(convscope_core)
find_package(hwy CONFIG QUIET)
if(NOT TARGET hwy::hwy)
  pkg_check_modules(hwy REQUIRED IMPORTED_TARGET libhwy)
  add_library(hwy::hwy ALIAS PkgConfig::hwy)
endif()
target_link_libraries(convscope_core PRIVATE hwy::hwy)
if(CONVSCOPE_THREADS)
  find_package(TBB REQUIRED CONFIG)
  find_package(Threads REQUIRED)
  target_link_libraries(convscope_core PRIVATE TBB::tbb Threads::Threads)
  target_compile_definitions(convscope_core PRIVATE CONVSCOPE_THREADS=1)
endif()

if(CONVSCOPE_IO)
  convscope_component(io formats datasets)
  convscope_precompile(convscope_io "${PROJECT_SOURCE_DIR}/convscope/graph/graph.h")
  # Homebrew keeps libarchive out of the way of the system's own, which has no headers.
  if(APPLE)
    list(APPEND CMAKE_PREFIX_PATH /opt/homebrew/opt/libarchive /usr/local/opt/libarchive)
  endif()
  find_package(ZLIB REQUIRED)
  find_package(LibArchive REQUIRED)
  find_package(CURL REQUIRED)
  pkg_check_modules(hdf5 REQUIRED IMPORTED_TARGET hdf5)
  find_package(nlohmann_json REQUIRED)  # headers alone: nothing of it is left for a user to find
  include(OnnxSchema)
  target_link_libraries(convscope_io PUBLIC convscope_core
    PRIVATE ZLIB::ZLIB LibArchive::LibArchive CURL::libcurl protobuf::libprotobuf-lite PkgConfig::hdf5
      $<BUILD_INTERFACE:nlohmann_json::nlohmann_json>)
  target_sources(convscope_io PRIVATE $<TARGET_OBJECTS:convscope_onnx_schema>)
  target_include_directories(convscope_io SYSTEM PRIVATE
    $<TARGET_PROPERTY:convscope_onnx_schema,INTERFACE_INCLUDE_DIRECTORIES>)
  target_compile_definitions(convscope_io PRIVATE CONVSCOPE_VERSION="${PROJECT_VERSION}")
  # Where a program that uses the library finds the bundled data.
  set_source_files_properties(convscope/datasets/data_places.cc PROPERTIES
    COMPILE_DEFINITIONS CONVSCOPE_INSTALLED_DATA="${CMAKE_INSTALL_FULL_DATADIR}/convscope")
endif()

if(CONVSCOPE_MEDIA)
  convscope_component(media image figures tasks)
  convscope_precompile(convscope_media <fmt/format.h> "${PROJECT_SOURCE_DIR}/convscope/graph/graph.h")
  pkg_check_modules(vips REQUIRED IMPORTED_TARGET vips gmodule-no-export-2.0)
  pkg_check_modules(pangocairo REQUIRED IMPORTED_TARGET pangocairo cairo cairo-pdf)
  pkg_check_modules(chafa REQUIRED IMPORTED_TARGET chafa)
  pkg_check_modules(graphviz REQUIRED IMPORTED_TARGET libgvc libcgraph)
  find_package(ZLIB REQUIRED)
  find_package(fmt REQUIRED)
  find_package(nlohmann_json REQUIRED)
  target_link_libraries(convscope_media PUBLIC convscope_io convscope_core
    PRIVATE PkgConfig::vips PkgConfig::pangocairo PkgConfig::chafa PkgConfig::graphviz ZLIB::ZLIB fmt::fmt
      nlohmann_json::nlohmann_json)
  target_compile_definitions(convscope_media PRIVATE CONVSCOPE_VERSION="${PROJECT_VERSION}")
endif()
