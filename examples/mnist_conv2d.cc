// A kernel cut out of a digit. Rows 20 to 24 and columns 5 to 9 of a handwritten five become a kernel; a convolution
// written out in four loops shows where it answers, on that digit and on five others; a layer whose two parameters are
// set by hand gives the same; `same` padding and max pooling follow. The digits are the first six of MNIST.
#include <algorithm>
#include <cmath>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include "convscope/figures/render.h"
#include "convscope/graph/conv_operation.h"
#include "convscope/graph/pool_operation.h"
#include "convscope/graph/trace.h"
#include "convscope/image/picture.h"
#include "nhwc.h"

using namespace convscope;

namespace {

// y[i, j] = sum over r, s of image[i + r, j + s] * kernel[r, s]: image (H, W), kernel (R, S), result (H-R+1, W-S+1).
Tensor Conv2dByHand(TensorView<const float> image, TensorView<const float> kernel) {
  const int64_t width = image.shape()[1], rows = kernel.shape()[0], columns = kernel.shape()[1];
  Tensor result({image.shape()[0] - rows + 1, width - columns + 1});
  float* y = result.data();
  for (int64_t i = 0; i < result.shape()[0]; ++i) {
    for (int64_t j = 0; j < result.shape()[1]; ++j, ++y) {
      *y = 0;
      for (int64_t r = 0; r < rows; ++r) {
        for (int64_t s = 0; s < columns; ++s) *y += image[(i + r) * width + j + s] * kernel[r * columns + s];
      }
    }
  }
  return result;
}

void SaveFigure(const Figure& figure, const std::string& folder, const std::string& file, const std::string& caption) {
  Save(figure, folder + file, {.pixels_per_point = 1});
  std::cout << file << ": " << caption << "\n";
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: mnist_conv2d DATA FOLDER\n";
    return 2;
  }
  const std::string data = argv[1], folder = std::string(argv[2]) + "/";
  std::vector<Tensor> digits;
  for (int i = 0; i < 6; ++i) {
    digits.push_back(ReadPicture(data + "/mnist/train_" + std::to_string(i) + ".png").pixels);
  }
  const Tensor kernel = Crop(digits[0], 20, 5, 5, 5).Reshaped({5, 5});
  const Tensor by_hand = Conv2dByHand(digits[0].view(), kernel.view());
  std::cout << "digit " << digits[0].shape().ToString() << "\nkernel " << kernel.shape().ToString()
            << "\nconv2d by hand " << by_hand.shape().ToString() << "\n";
  const Frame frame{.row = 20, .column = 5, .rows = 5, .columns = 5};
  SaveFigure({.rows = {{{.title = "digit",
                         .content = MapPlot{.values = digits[0].view(), .scale = PhotographScale(), .frames = {frame}}},
                        {.title = "kernel", .content = MatrixPlot{.values = kernel.view()}},
                        {.title = "conv2d by hand", .content = MapPlot{.values = by_hand.view()}}}}},
             folder, "mnist_conv2d-kernel.png", "the kernel, where it comes from (red), and where it answers");

  std::vector<Tensor> results;
  Figure five{.rows = {{}, {}}};
  for (int i = 1; i < 6; ++i) results.push_back(Conv2dByHand(digits[i].view(), kernel.view()));
  for (int i = 1; i < 6; ++i) {
    five.rows[0].push_back({.content = MapPlot{.values = digits[i].view(), .scale = PhotographScale()}});
    five.rows[1].push_back({.content = MapPlot{.values = results[i - 1].view()}});
  }
  SaveFigure(five, folder, "mnist_conv2d-digits.png", "the same kernel over five other digits");

  // A layer with the same kernel, its bias zero; the same again with padding; the first one pooled.
  Tensor layer_kernel = kernel.Clone().Reshaped({5, 5, 1, 1});
  GraphBuilder builder;
  builder.Input("x", {{1, 28, 28, 1}});
  builder.Parameter("conv2d/kernel", {layer_kernel.shape()});
  builder.Parameter("conv2d/bias", {{1}});
  builder.Add("conv2d", ConvOp{}, {"x", "conv2d/kernel", "conv2d/bias"});
  builder.Add("conv2d_same", ConvOp{.padding = {Padding::Same()}}, {"x", "conv2d/kernel", "conv2d/bias"});
  builder.Add("max_pool", PoolOp{.sizes = {2}}, {"conv2d"});
  const Model model(builder.Build(),
                    {{"conv2d/kernel", Share(std::move(layer_kernel))}, {"conv2d/bias", Share(Tensor::Zeros({1}))}});
  const Trace trace(model, {{"x", Share(Crop(digits[0], 0, 0, 28, 28))}});
  for (const GraphTensor& tensor : trace.graph().tensors()) {
    std::cout << tensor.name << " " << tensor.type.shape.ToString() << "\n";
  }
  float difference = 0;
  for (int64_t i = 0; i < by_hand.size(); ++i) {
    difference = std::max(difference, std::abs(by_hand.data()[i] - trace["conv2d"].data()[i]));
  }
  // 25 products of values up to 1: both sums are exact to about 25 * 25 / 2^24.
  std::cout << "the layer and the loops " << (difference < 4e-5f ? "agree" : "differ") << "\n";
  SaveFigure({.rows = {{{.title = "conv2d", .content = MapPlot{.values = PictureOf(trace["conv2d"])}},
                        {.title = "conv2d_same", .content = MapPlot{.values = PictureOf(trace["conv2d_same"])}},
                        {.title = "max_pool", .content = MapPlot{.values = PictureOf(trace["max_pool"])}}}}},
             folder, "mnist_conv2d-layer.png", "the layer's output, with padding, and pooled two by two");
  return difference < 4e-5f ? 0 : 1;
}
