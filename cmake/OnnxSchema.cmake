# convscope_onnx_schema: what protoc makes of third_party/onnx/onnx-ml.proto, as objects that become part of
# convscope::io. The schema moves into a namespace of its own, see third_party/onnx/README.md.

# Protobuf 22 and later need Abseil, which only their own package knows of; Debian's has none.
find_package(protobuf CONFIG QUIET)
if(NOT TARGET protobuf::libprotobuf-lite)
  find_package(Protobuf REQUIRED)
endif()

set(schema_dir "${PROJECT_BINARY_DIR}/onnx_schema")
set(schema_source "${PROJECT_SOURCE_DIR}/third_party/onnx/onnx-ml.proto")
file(READ "${schema_source}" schema)
string(REPLACE "\npackage onnx;\n" "\npackage convscope.onnx_schema;\n" renamed "${schema}")
if(renamed STREQUAL schema)
  message(FATAL_ERROR "${schema_source} has no line 'package onnx;'")
endif()
# Written only when it differs, so that nothing is built again for nothing.
file(CONFIGURE OUTPUT "${schema_dir}/onnx_schema.proto" CONTENT "${renamed}" @ONLY)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${schema_source}")

add_custom_command(
  OUTPUT "${schema_dir}/onnx_schema.pb.h" "${schema_dir}/onnx_schema.pb.cc"
  COMMAND protobuf::protoc --cpp_out=lite:${schema_dir} --proto_path=${schema_dir} onnx_schema.proto
  DEPENDS "${schema_dir}/onnx_schema.proto" protobuf::protoc
  COMMENT "Compiling the ONNX schema" VERBATIM)
add_library(convscope_onnx_schema OBJECT "${schema_dir}/onnx_schema.pb.cc" "${schema_dir}/onnx_schema.pb.h")
target_include_directories(convscope_onnx_schema SYSTEM PUBLIC "${schema_dir}")
target_link_libraries(convscope_onnx_schema PUBLIC protobuf::libprotobuf-lite)
target_compile_features(convscope_onnx_schema PUBLIC cxx_std_20)
set_target_properties(convscope_onnx_schema PROPERTIES POSITION_INDEPENDENT_CODE ON)
