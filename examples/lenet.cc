// LeNet, drawn and trained. Two convolutions, each squashed by tanh and pooled, a dense layer with dropout, and a
// logistic regression that starts from zeroes, so that the first loss is ln 10. Its shapes with and without padding,
// its graph with a frame around each of its layers, its loss while it learns, raw and smoothed; and AlexNet's graph. It
// learns from the bundled clothes; `--data mnist` takes the digits that it was made for, once `convscope data fetch
// mnist` has got them, and knows 98 in 100.
//
//   $ convscope graph lenet -o lenet.png
//   $ convscope train lenet --data fashion-mnist-small --optimizer adagrad:learning_rate=0.1 --out runs/lenet
//   $ convscope graph alexnet -o alexnet.png
#include <cmath>
#include <iostream>
#include <string>

#include "convscope/figures/render.h"
#include "convscope/nn/architectures.h"
#include "convscope/nn/layers.h"
#include "convscope/nn/network_builder.h"
#include "convscope/nn/summary.h"
#include "convscope/tasks/network_figure.h"
#include "convscope/tasks/training_figures.h"
#include "convscope/train/evaluate.h"
#include "convscope/train/fit_network.h"
#include "training_program.h"

using namespace convscope;

namespace {

// Names are paths: what is before the first "/" is framed when the network is drawn.
Sequential LeNet(const Padding& padding) {
  return Sequential(
      {28, 28, 1},
      {Conv2D{.filters = 4, .kernel_size = 5, .padding = padding, .activation = "tanh", .name = "layer1/conv"},
       MaxPooling2D{.pool_size = 2, .padding = padding, .name = "layer1/pool"},
       Conv2D{.filters = 6, .kernel_size = 5, .padding = padding, .activation = "tanh", .name = "layer2/conv"},
       MaxPooling2D{.pool_size = 2, .padding = padding, .name = "layer2/pool"}, Flatten{.name = "layer2/flatten"},
       Dense{.units = 1024, .activation = "tanh", .name = "dense"}, Dropout{.rate = 0.5, .name = "dropout"},
       Dense{.units = 10, .activation = "softmax", .kernel_initializer = Zeros{}, .name = "logistic_regression"}},
      "lenet");
}

void PrintShapes(const Network& network, const std::string& padding) {
  const NetworkSummary summary = Summarize(network);
  for (const LayerSummary& layer : summary.layers) {
    std::cout << padding << " " << layer.name << " " << layer.output.ToString() << ", "
              << WithThousands(layer.parameters) << " parameters\n";
  }
  std::cout << padding << ", in all: " << WithThousands(summary.parameters) << " parameters\n";
}

void SaveFigure(const Figure& figure, const std::string& folder, const std::string& file, const std::string& caption) {
  Save(figure, folder + file, {.pixels_per_point = 1});
  std::cout << file << ": " << caption << "\n";
}

void Learn(const TrainingArguments& arguments) {
  PrintShapes(LeNet(Padding::Valid()), "valid");
  Network network = LeNet(Padding::Same());
  PrintShapes(network, "same");
  SaveFigure(NetworkFigure(network.graph(), "lenet"), arguments.folder, "lenet-graph.png",
             "LeNet, with a frame around each of its two layers");

  const OpenedData pictures = OpenPictures(arguments);
  const auto& [train, test] = pictures.data;
  network.Initialize(1);
  const FitResult result = Fit(network, train,
                               {.optimizer = Adagrad{.learning_rate = 0.1},
                                .epochs = arguments.epochs,
                                .seed = 1,
                                .validation = test,
                                .callbacks = {EpochLines(arguments.epochs)}});
  // Ten classes, each as likely as the others.
  const double first_loss = result.history.step_losses.at(0);
  std::cout << "the first loss is " << (std::abs(first_loss - std::log(10.0)) < 1e-6 ? "ln 10" : "not ln 10") << "\n";
  PrintSteps(result.history);
  const Evaluation evaluation = Evaluate(network, test);
  PrintMeasured("test accuracy", evaluation.accuracy(),
                {{"fashion-mnist-small", 10000, 0.83, 0.87}, {"mnist", 60000, 0.98, 0.988}}, pictures, arguments);
  SaveFigure(CurvesFigure(result.history, EpochSteps(result.history), "lenet on " + pictures.name), arguments.folder,
             "lenet-learned_curves.png",
             "what each step loses (thin), smoothed (thick), and on pictures that it has not seen");

  const Network alexnet = MakeArchitecture("alexnet");
  std::cout << "alexnet: " << alexnet.layers().size() << " layers, " << WithThousands(alexnet.ParameterCount())
            << " parameters\n";
  SaveFigure(NetworkFigure(alexnet.graph(), "alexnet"), arguments.folder, "lenet-alexnet.png",
             "AlexNet, which came fourteen years later");
}

}  // namespace

int main(int argc, char** argv) {
  return RunTrainingProgram(argc, argv, Learn);
}
