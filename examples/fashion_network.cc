// A network that tells clothes apart. Ten classes of clothes, one picture of each; a network of seven layers, its
// table, five epochs of Adam, and how good it then is on what it has learned from and on what it has not seen. It
// learns from the bundled sixth of Fashion-MNIST; `--data fashion-mnist`, after `convscope data fetch fashion-mnist`,
// takes all of it, for nine right in ten.
//
//   $ convscope data show fashion-mnist-small --first 40 -o classes.png
//   $ convscope summary fashion-cnn
//   $ convscope train fashion-cnn --data fashion-mnist-small --out runs/fashion-cnn
//   $ convscope evaluate runs/fashion-cnn --data fashion-mnist-small -o confusion.png
#include <algorithm>
#include <iostream>
#include <map>
#include <string>

#include "convscope/figures/render.h"
#include "convscope/nn/layers.h"
#include "convscope/nn/network_builder.h"
#include "convscope/nn/summary.h"
#include "convscope/tasks/show_data.h"
#include "convscope/tasks/training_figures.h"
#include "convscope/train/evaluate.h"
#include "convscope/train/fit_network.h"
#include "training_program.h"

using namespace convscope;

namespace {

constexpr int64_t kFirst = 40;  // all classes are among the first so many training pictures

void SaveFigure(const Figure& figure, const std::string& folder, const std::string& file, const std::string& caption) {
  Save(figure, folder + file, {.pixels_per_point = 1});
  std::cout << file << ": " << caption << "\n";
}

// The classes, and where the first picture of each is.
void PrintClasses(const Dataset& data) {
  std::map<int32_t, int64_t> first;
  for (int64_t i = 0; i < std::min(kFirst, data.size()); ++i) first.emplace(data.label(i), i);
  for (const auto& [label, place] : first) {
    std::cout << label << " " << data.class_names()[static_cast<size_t>(label)] << ", first at " << place << "\n";
  }
}

void Learn(const TrainingArguments& arguments) {
  const OpenedData pictures = OpenPictures(arguments);
  const auto& [train, test] = pictures.data;
  PrintClasses(train);
  SaveFigure(MakeDataSheet(pictures, {.first = kFirst}).figure, arguments.folder, "fashion_network-classes.png",
             "the first picture of each class");

  Sequential network({28, 28, 1},
                     {Conv2D{.filters = 64, .kernel_size = 3, .activation = "relu", .name = "conv_layer_1"},
                      MaxPooling2D{.pool_size = 2, .name = "pool_layer_2"},
                      Conv2D{.filters = 64, .kernel_size = 3, .activation = "relu", .name = "conv_layer_3"},
                      MaxPooling2D{.pool_size = 2, .name = "pool_layer_4"}, Flatten{.name = "flatten_layer_5"},
                      Dense{.units = 128, .activation = "relu", .name = "dense_layer_6"},
                      Dense{.units = 10, .activation = "softmax", .name = "dense_layer_7"}},
                     "fashion_network");
  std::cout << SummaryText(Summarize(network));

  network.Initialize(1);
  const FitResult result = Fit(network, train,
                               {.optimizer = Adam{},
                                .epochs = arguments.epochs,
                                .batch_size = 32,
                                .seed = 1,
                                .validation = test,
                                .callbacks = {EpochLines(arguments.epochs)}});
  PrintSteps(result.history);
  const Evaluation learned = Evaluate(network, train), unseen = Evaluate(network, test);
  const auto print = [&](const std::string& what, double value, const std::vector<Bounds>& bounds) {
    PrintMeasured(what, value, bounds, pictures, arguments);
  };
  print("training accuracy", learned.accuracy(),
        {{"fashion-mnist-small", 10000, 0.88, 0.92}, {"fashion-mnist", 60000, 0.92, 0.95}});
  print("training loss", learned.loss,
        {{"fashion-mnist-small", 10000, 0.23, 0.33}, {"fashion-mnist", 60000, 0.13, 0.21}});
  print("test accuracy", unseen.accuracy(),
        {{"fashion-mnist-small", 10000, 0.84, 0.88}, {"fashion-mnist", 60000, 0.9, 0.925}});
  print("test loss", unseen.loss, {{"fashion-mnist-small", 10000, 0.35, 0.45}, {"fashion-mnist", 60000, 0.21, 0.28}});
  SaveFigure(CurvesFigure(result.history, EpochSteps(result.history), "fashion_network on " + pictures.name),
             arguments.folder, "fashion_network-learned_curves.png",
             "loss and accuracy of each step, smoothed, and on the test pictures");
  const OwningFigure confusion =
      ConfusionFigure(unseen.counts, test.class_names(), "fashion_network on " + pictures.name);
  SaveFigure(confusion.figure, arguments.folder, "fashion_network-learned_confusion.png",
             "what it takes for what, of pictures that it has not seen");
}

}  // namespace

int main(int argc, char** argv) {
  return RunTrainingProgram(argc, argv, Learn);
}
