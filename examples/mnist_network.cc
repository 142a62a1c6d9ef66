// A network in place of a kernel. Convolution and max pooling twice, then one dense layer with a softmax: where one
// kernel was cut out of a digit by hand, 32 and 16 are now learned from pictures. Its table of layers, its loss and
// accuracy over five epochs of Adam, and the first layer's kernels before and after. It learns from the bundled
// clothes; `--data mnist`, after `convscope data fetch mnist`, takes digits, of which it then knows 98 in 100.
//
//   $ convscope summary keras-mnist
//   $ convscope train keras-mnist --data fashion-mnist-small --out runs/keras-mnist
//   $ convscope evaluate runs/keras-mnist --data fashion-mnist-small
#include <iostream>
#include <string>

#include "convscope/figures/render.h"
#include "convscope/nn/layers.h"
#include "convscope/nn/network_builder.h"
#include "convscope/nn/summary.h"
#include "convscope/tasks/training_figures.h"
#include "convscope/train/evaluate.h"
#include "convscope/train/fit_network.h"
#include "training_program.h"

using namespace convscope;

namespace {

// The kernels (3, 3, 1, F) of the first layer as F small maps.
GridPlot Kernels(const Tensor& kernels, const Scale& scale) {
  return {.values = {kernels.data(), {3, 3, kernels.shape()[3]}},
          .scaling = GridPlot::Scaling::kGiven,
          .scale = scale,
          .columns = 8};
}

void Learn(const TrainingArguments& arguments) {
  Sequential network({28, 28, 1},
                     {Conv2D{.filters = 32, .kernel_size = 3, .padding = Padding::Same()}, MaxPooling2D{},
                      Conv2D{.filters = 16, .kernel_size = 3, .padding = Padding::Same()}, MaxPooling2D{}, Flatten{},
                      Dense{.units = 10, .activation = "softmax"}},
                     "mnist_network");
  std::cout << SummaryText(Summarize(network));
  const OpenedData pictures = OpenPictures(arguments);
  const auto& [train, test] = pictures.data;
  network.Initialize(1);
  const SharedTensor before = network.GetWeights("conv2d")[0];

  const FitResult result = Fit(network, train,
                               {.optimizer = Adam{},
                                .epochs = arguments.epochs,
                                .batch_size = 32,
                                .seed = 1,
                                .validation = test,
                                .callbacks = {EpochLines(arguments.epochs)}});
  PrintSteps(result.history);
  const Evaluation evaluation = Evaluate(network, test);
  PrintMeasured("test accuracy", evaluation.accuracy(),
                {{"fashion-mnist-small", 10000, 0.84, 0.88}, {"mnist", 60000, 0.978, 0.988}}, pictures, arguments);
  PrintMeasured("test loss", evaluation.loss,
                {{"fashion-mnist-small", 10000, 0.36, 0.46}, {"mnist", 60000, 0.045, 0.075}}, pictures, arguments);

  const std::string curves = "mnist_network-learned_curves.png", kernels = "mnist_network-learned_kernels.png";
  Save(CurvesFigure(result.history, EpochSteps(result.history), "mnist_network on " + pictures.name),
       arguments.folder + curves, {.pixels_per_point = 1});
  std::cout << curves << ": loss and accuracy of each step, smoothed, and on pictures that it has not seen\n";
  const SharedTensor after = network.GetWeights("conv2d")[0];
  const Scale scale = ScaleFor(Join(RangeOf(before->view()), RangeOf(after->view())));
  Save({.rows = {{{.title = "conv2d/kernel, before", .content = Kernels(*before, scale)},
                  {.title = "conv2d/kernel, after, on the same scale", .content = Kernels(*after, scale)}}}},
       arguments.folder + kernels, {.pixels_per_point = 1});
  std::cout << kernels
            << ": the 32 kernels of the first layer, as they were drawn at random and as they were learned\n";
}

}  // namespace

int main(int argc, char** argv) {
  return RunTrainingProgram(argc, argv, Learn);
}
