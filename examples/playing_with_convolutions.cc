// Convolution, sigmoid and pooling. A kernel slides over a cat in steps of three; the sigmoid of what it finds is
// pooled by its maximum and by its average. Sharpening and blurring in grey, then in colour, three maps shown as one
// picture. The cat is the middle 134 x 240 pixels of chelsea.png, divided by 256.
#include <cmath>
#include <iostream>
#include <string>
#include <utility>

#include "convscope/figures/render.h"
#include "convscope/filters/expression.h"
#include "convscope/graph/activation_operation.h"
#include "convscope/graph/conv_operation.h"
#include "convscope/graph/pool_operation.h"
#include "convscope/graph/trace.h"
#include "convscope/image/picture.h"
#include "nhwc.h"

using namespace convscope;

namespace {

// Convolves each channel of `image` (1, H, W, C) with `kernel` (3, 3), then squashes and pools.
Trace ConvolveAndPool(SharedTensor image, const Tensor& kernel) {
  const int64_t channels = image->shape()[3];
  Tensor weights({3, 3, 1, channels});
  for (int64_t i = 0; i < weights.size(); ++i) weights.data()[i] = kernel.data()[i / channels];

  GraphBuilder builder;
  builder.Input("image", {image->shape()});
  builder.Parameter("kernel", {weights.shape()});
  builder.Add("conv", ConvOp{.strides = {3}, .padding = {Padding::Same()}, .groups = channels}, {"image", "kernel"});
  builder.Add("sigmoid", ActivationOp{MakeActivation(ActivationKind::kSigmoid)}, {"conv"});
  PoolOp pool{.kind = PoolKind::kAverage, .sizes = {3}, .padding = {Padding::Same()}};
  builder.Add("average_pool", pool, {"sigmoid"});
  pool.kind = PoolKind::kMax;
  builder.Add("max_pool", pool, {"sigmoid"});
  const Model model(builder.Build(), {{"kernel", Share(std::move(weights))}});
  return Trace(model, {{"image", std::move(image)}});
}

// One figure of all stages; `name` becomes part of its file's name.
void Show(const Trace& trace, const Tensor& kernel, const std::string& name, const std::string& folder) {
  Figure figure{.title = name};
  figure.rows.resize(1);
  for (const std::string stage : {"image", "conv", "sigmoid", "average_pool", "max_pool"}) {
    const Tensor& tensor = trace[stage];
    std::cout << name << " " << stage << " " << tensor.shape().ToString() << "\n";
    MapPlot map{.values = PictureOf(tensor)};
    if (stage == "image") map.scale = PhotographScale();
    figure.rows[0].push_back({.title = stage, .content = map});
    if (stage == "image") figure.rows[0].push_back({.title = "kernel", .content = MatrixPlot{.values = kernel.view()}});
  }
  const std::string file = "playing_with_convolutions-" + name + ".png";
  Save(figure, folder + file, {.pixels_per_point = 1});
  std::cout << file << ": " << name << ", stage by stage\n";
}

// Prints the sum behind one value of "conv", term by term; false when it is not the value that the trace holds. The
// only padding is below the last row (44 * 3 + 3 = 135 rows for 134), so the window of y[i, j] starts at x[3i, 3j].
bool PrintFormula(const Trace& trace, int64_t i, int64_t j) {
  const Tensor &x = trace["image"], &k = trace["kernel"], &y = trace["conv"];
  std::cout << "y[i, j] = sum over r, s of x[3 i + r, 3 j + s] * k[r, s]\ny[" << i << ", " << j << "] = ";
  std::cout.setf(std::ios::fixed);
  std::cout.precision(3);
  double sum = 0;
  for (int64_t r = 0; r < 3; ++r) {
    for (int64_t s = 0; s < 3; ++s) {
      const float pixel = x.data()[(3 * i + r) * x.shape()[2] + 3 * j + s], weight = k.data()[r * 3 + s];
      if (weight == 0) continue;
      std::cout << (sum == 0 ? "" : " + ") << pixel << " * " << weight;
      sum += static_cast<double>(pixel) * weight;
    }
  }
  std::cout << " = " << sum << "\n";
  return std::abs(sum - y.data()[i * y.shape()[2] + j]) < 1e-5;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: playing_with_convolutions DATA FOLDER\n";
    return 2;
  }
  const std::string cat = std::string(argv[1]) + "/pictures/chelsea.png", folder = std::string(argv[2]) + "/";
  const Picture gray = ReadPicture(cat, {.colour = ReadOptions::Colour::kGrey, .scale = 256});
  const Picture colour = ReadPicture(cat, {.scale = 256});
  const SharedTensor gray_image = Share(CropMiddle(gray.pixels, 134, 240));
  const SharedTensor colour_image = Share(CropMiddle(colour.pixels, 134, 240));

  const Tensor sharpen = ParseKernel("[[0,-1,0], [-1,5,-1], [0,-1,0]]").values;
  const Tensor blur = ParseKernel("[[1,2,1], [2,4,2], [1,2,1]]/16").values;
  const Trace sharpened = ConvolveAndPool(gray_image, sharpen);
  Show(sharpened, sharpen, "sharpen", folder);
  if (!PrintFormula(sharpened, 20, 40)) {
    std::cerr << "the sum is not what the trace holds\n";
    return 1;
  }
  Show(ConvolveAndPool(gray_image, blur), blur, "blur", folder);
  Show(ConvolveAndPool(colour_image, sharpen), sharpen, "sharpen_colour", folder);
  Show(ConvolveAndPool(colour_image, blur), blur, "blur_colour", folder);
  return 0;
}
