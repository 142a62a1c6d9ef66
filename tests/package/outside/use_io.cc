// An array and a model to files and back, with convscope::io.
#include <convscope/formats/npy.h>
#include <convscope/formats/onnx.h>
#include <convscope/graph/reshape_operation.h>

int main() {
  convscope::WriteNpy(convscope::Tensor::Of({2, 2}, {1, 2, 3, 4}), "array.npy");
  const convscope::Tensor array = convscope::ReadNpy("array.npy");
  if (array.shape() != convscope::Shape{2, 2} || array.data()[3] != 4) return 1;

  convscope::GraphBuilder builder;
  builder.Input("image", {{1, 2, 2, 1}});
  builder.Add("flatten", convscope::ReshapeOp{}, {"image"});
  convscope::WriteOnnx({.model = convscope::Model(builder.Build(), {}), .name = "flat"}, "model.onnx");
  return convscope::ReadOnnx("model.onnx").name == "flat" ? 0 : 1;
}
