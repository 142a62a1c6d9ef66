// A convolution and a ReLU with convscope::core alone: the one place where a step in a row of pixels goes up.
#include <convscope/graph/activation_operation.h>
#include <convscope/graph/conv_operation.h>
#include <convscope/graph/trace.h>

using namespace convscope;

int main() {
  GraphBuilder builder;
  builder.Input("x", {{1, 1, 5, 1}});
  builder.Parameter("step", {{1, 2, 1, 1}});
  builder.Add("conv", ConvOp{}, {"x", "step"});
  builder.Add("relu", ActivationOp{MakeActivation(ActivationKind::kRelu)}, {"conv"});
  const Model model(builder.Build(), {{"step", Share(Tensor::Of({1, 2, 1, 1}, {-1, 1}))}});
  const Trace trace(model, {{"x", Share(Tensor::Of({1, 1, 5, 1}, {0, 0, 3, 3, 1}))}});
  const Tensor& y = trace["relu"];
  return y.shape() == Shape{1, 1, 4, 1} && y.data()[1] == 3 && y.data()[3] == 0 ? 0 : 1;
}
