// Four filters from one. An array of four columns, its negative, its transpose and the transpose's negative become the
// filters of a convolution layer; their maps are shown before and after a ReLU. The photograph is astronaut.png.
#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include "convscope/figures/render.h"
#include "convscope/filters/expression.h"
#include "convscope/graph/activation_operation.h"
#include "convscope/graph/conv_operation.h"
#include "convscope/graph/trace.h"
#include "convscope/image/picture.h"
#include "nhwc.h"

using namespace convscope;

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: convolving DATA FOLDER\n";
    return 2;
  }
  const std::string data = argv[1], folder = std::string(argv[2]) + "/";
  const Picture photograph = ReadPicture(data + "/pictures/astronaut.png", {.colour = ReadOptions::Colour::kGrey});

  const std::string columns = "[[-1,-1,1,1], [-1,-1,1,1], [-1,-1,1,1], [-1,-1,1,1]]";
  std::vector<Kernel> filters;
  for (const std::string& text : {columns, "-" + columns, "t(" + columns + ")", "-t(" + columns + ")"}) {
    filters.push_back(ParseKernel(text));
  }
  std::vector<Panel> panels;
  Tensor weights({4, 4, 1, 4});
  for (size_t f = 0; f < filters.size(); ++f) {
    const Tensor& values = filters[f].values;
    std::cout << "filter " << f << " " << values.shape().ToString() << ": " << filters[f].name << "\n";
    panels.push_back({.title = "filter " + std::to_string(f), .content = MatrixPlot{.values = values.view()}});
    for (int64_t i = 0; i < values.size(); ++i) weights.data()[i * 4 + static_cast<int64_t>(f)] = values.data()[i];
  }
  Save({.rows = {panels}}, folder + "convolving-filters.png", {.pixels_per_point = 1});
  std::cout << "convolving-filters.png: one array, negated, transposed, and both\n";

  Tensor x = Crop(photograph.pixels, 0, 0, photograph.pixels.shape()[0], photograph.pixels.shape()[1]);
  GraphBuilder builder;
  builder.Input("x", {x.shape()});
  builder.Parameter("conv/weight", {weights.shape()});
  builder.Add("conv", ConvOp{}, {"x", "conv/weight"});
  builder.Add("relu", ActivationOp{MakeActivation(ActivationKind::kRelu)}, {"conv"});
  const Model net(builder.Build(), {{"conv/weight", Share(std::move(weights))}});
  for (const GraphNode& node : net.graph().nodes()) {
    std::cout << node.name << ": " << node.operation->type();
    for (const Attribute& attribute : node.operation->attributes()) {
      std::cout << " " << attribute.name << "=" << attribute.ValueText();
    }
    std::cout << "\n";
  }

  const Trace trace(net, {{"x", Share(std::move(x))}});
  for (const std::string name : {"x", "conv", "relu"}) {
    std::cout << name << " " << trace[name].shape().ToString() << "\n";
  }
  Save({.rows = {{{.title = "photograph", .content = MapPlot{.values = PictureOf(trace["x"]), .scale = Scale{}}}},
                 {{.title = "conv", .content = GridPlot{.values = PictureOf(trace["conv"]), .columns = 4}}},
                 {{.title = "relu", .content = GridPlot{.values = PictureOf(trace["relu"]), .columns = 4}}}}},
       folder + "convolving-maps.png", {.pixels_per_point = 1});
  std::cout << "convolving-maps.png: the four maps before the ReLU, and after it, where nothing negative is left\n";
  return 0;
}
