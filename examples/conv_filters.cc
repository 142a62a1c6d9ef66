// Filters of a convolution and what comes out. A photograph in grey meets a kernel that finds edges, a kernel that
// embosses, and a bank of fifteen random filters whose parameters are listed by name and shape; then the same in
// colour, and a convolution of random numbers with a bias. The photograph is the middle 375 x 500 pixels of coffee.png.
#include <iostream>
#include <string>
#include <utility>

#include "convscope/base/random.h"
#include "convscope/figures/render.h"
#include "convscope/filters/expression.h"
#include "convscope/graph/conv_operation.h"
#include "convscope/graph/trace.h"
#include "convscope/image/picture.h"
#include "nhwc.h"

using namespace convscope;

namespace {

// Runs one convolution layer `name` on `x` (N, H, W, C): kernel (R, S, C / groups, F), bias (F,).
Trace Convolve(const std::string& name, SharedTensor x, Tensor kernel, Tensor bias, const ConvOp& operation) {
  GraphBuilder builder;
  builder.Input("x", {x->shape()});
  builder.Parameter(name + "/kernel", {kernel.shape()});
  builder.Parameter(name + "/bias", {bias.shape()});
  builder.Add(name, operation, {"x", name + "/kernel", name + "/bias"});
  const Model model(builder.Build(),
                    {{name + "/kernel", Share(std::move(kernel))}, {name + "/bias", Share(std::move(bias))}});
  return Trace(model, {{"x", std::move(x)}});
}

Tensor RandomNormal(const Shape& shape, const std::string& purpose) {
  Tensor values(shape);
  Random random(1, purpose);
  for (float& value : values.view().span()) value = random.Normal();
  return values;
}

void PrintShapes(const Trace& trace) {
  for (const GraphTensor& tensor : trace.graph().tensors()) {
    std::cout << tensor.name << " " << tensor.type.shape.ToString() << "\n";
  }
}

// The kernel and the maps of layer `name`, as a figure.
void Draw(const Trace& trace, const std::string& name, const std::string& file, const std::string& caption) {
  const Tensor kernel = KernelOf(trace[name + "/kernel"], 0, 0);
  const auto picture = PictureOf(trace["x"]), map = PictureOf(trace[name]);
  Save({.rows = {{{.title = "picture", .content = MapPlot{.values = picture, .scale = PhotographScale()}},
                  {.title = "kernel", .content = MatrixPlot{.values = kernel.view()}},
                  {.title = name + " " + map.shape().ToString(), .content = MapPlot{.values = map}}}}},
       file, {.pixels_per_point = 1});
  std::cout << file.substr(file.rfind('/') + 1) << ": " << caption << "\n";
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: conv_filters DATA FOLDER\n";
    return 2;
  }
  const std::string photograph = std::string(argv[1]) + "/pictures/coffee.png", folder = std::string(argv[2]) + "/";
  const Picture gray = ReadPicture(photograph, {.colour = ReadOptions::Colour::kGrey});
  const SharedTensor x = Share(CropMiddle(gray.pixels, 375, 500));

  // A kernel whose values sum to zero answers with zero wherever the picture is flat.
  Tensor edge_kernel = ParseKernel("[[-1, -1, -1], [-1, 8, -1], [-1, -1, -1]]").values;
  const Trace edges = Convolve("edges", x, std::move(edge_kernel).Reshaped({3, 3, 1, 1}), Tensor::Zeros({1}), {});
  PrintShapes(edges);
  Draw(edges, "edges", folder + "conv_filters-edges.png", "the eight neighbours subtracted: what is left are edges");

  // Two steps at a time: half as many rows and columns.
  Tensor emboss_kernel = ParseKernel("[[-2, -1, 0], [-1, 1, 1], [0, 1, 2]]").values;
  const Trace emboss =
      Convolve("emboss", x, std::move(emboss_kernel).Reshaped({3, 3, 1, 1}), Tensor::Zeros({1}), {.strides = {2}});
  PrintShapes(emboss);
  Draw(emboss, "emboss", folder + "conv_filters-emboss.png",
       "slopes that rise to the lower right, at every second row and column");

  const Trace bank = Convolve("bank", x, RandomNormal({4, 4, 1, 15}, "bank"), Tensor::Zeros({15}), {});
  PrintShapes(bank);
  const Tensor& bank_kernel = bank["bank/kernel"];
  const TensorView<const float> filters(bank_kernel.data(), {4, 4, 15});
  Save({.rows = {{{.title = "filters (4, 4, 1, 15)", .content = GridPlot{.values = filters, .columns = 5}},
                  {.title = "maps " + bank["bank"].shape().ToString(),
                   .content = GridPlot{.values = PictureOf(bank["bank"]), .columns = 5}}}}},
       folder + "conv_filters-bank.png", {.pixels_per_point = 1});
  std::cout << "conv_filters-bank.png: fifteen random filters and the map of each\n";

  // One kernel for each channel: three groups of one channel.
  const SharedTensor colour_x = Share(CropMiddle(ReadPicture(photograph).pixels, 375, 500));
  Tensor colour_kernel({3, 3, 1, 3});
  for (int64_t i = 0; i < colour_kernel.size(); ++i) colour_kernel.data()[i] = edges["edges/kernel"].data()[i / 3];
  const Trace colour = Convolve("colour_edges", colour_x, std::move(colour_kernel), Tensor::Zeros({3}), {.groups = 3});
  PrintShapes(colour);
  Draw(colour, "colour_edges", folder + "conv_filters-colour.png", "the same kernel on red, green and blue alone");

  // Kernel and bias of any origin, here random ones, as another model's would be.
  Tensor ones({6});
  for (float& value : ones.view().span()) value = 1;
  const Trace random =
      Convolve("random", Share(RandomNormal({1, 10, 10, 3}, "x")), RandomNormal({5, 5, 3, 6}, "kernel"),
               std::move(ones), {.strides = {2}, .padding = {Padding::Same()}});
  PrintShapes(random);
  return 0;
}
