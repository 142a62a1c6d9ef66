// What the filters of a network look at. A network that tells clothes apart, already trained; a picture goes through
// it, and every layer's maps come out: all 64 of a layer, one of them large and as numbers, their mean; then the same
// for a picture of each class, and one filter on two classes side by side.
//
//   $ convscope train fashion-cnn --data fashion-mnist-small --out run
//   $ convscope features run --data fashion-mnist-small --sample 18 --all features
//   $ convscope features run --data fashion-mnist-small --sample 18 --layer conv_layer_1 --channel 39 --table
//   $ convscope compare run --data fashion-mnist-small --first 40 -o classes.png
//   $ convscope compare run --data fashion-mnist-small --class 0 --class 9 --filter 10 -o two.png
#include <exception>
#include <filesystem>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include "convscope/data/class_places.h"
#include "convscope/figures/render.h"
#include "convscope/tasks/compare_classes.h"
#include "convscope/tasks/feature_figure.h"
#include "convscope/tasks/number_table.h"

using namespace convscope;

namespace {

constexpr int64_t kFirst = 40;  // all classes are among the first so many test pictures

class Program {
 public:
  Program(const std::string& data, std::string folder)
      : model_(data + "/models/fashion-cnn.onnx"),
        pictures_{.source = "fashion-mnist-small", .places = {.bundled = data}},
        folder_(std::move(folder) + "/") {
    std::filesystem::create_directories(folder_);
  }

  void Run() const {
    const OpenedData opened = OpenData(pictures_);
    const auto places = ClassPlaces(opened.data.test, {.first = kFirst});
    for (size_t label = 0; label < places.size(); ++label) {
      std::cout << label << " " << opened.data.test.class_names()[label] << ": pictures";
      for (const int64_t place : places[label]) std::cout << " " << place;
      std::cout << "\n";
    }
    ShowLayers(places[8].at(0));
    ShowClasses();
  }

 private:
  // Everything that the network makes of one picture.
  void ShowLayers(int64_t sample) const {
    const Features features = ShowFeatures({.model = model_, .picture = {.data = pictures_, .samples = {sample}}});
    std::cout << "picture " << sample << " is: " << *features.shown.truth << "\n";
    std::cout << features.layers.size() << " layers\n";
    for (const std::string& layer : features.layers) {
      std::cout << layer << " " << features.trace[layer].shape().ToString() << "\n";
    }
    Draw(OverviewFigure(features).figure, "overview", "the picture, the mean of each layer's maps, and what it says");
    for (const std::string layer : {"conv_layer_1", "conv_layer_3"}) {
      Draw(LayersFigure(features, {}, {layer}).figure, layer, "all 64 maps of " + layer);
    }
    Draw(LayersFigure(features, {.channels = {39}, .mean = true}, {"conv_layer_1"}).figure, "map",
         "one map of the first layer, and the mean of all");

    Features first = ShowFeatures(
        {.model = model_, .picture = {.data = pictures_, .samples = {sample}}, .layers = {"conv_layer_1"}});
    const Tensor map = TableOf(first, 39).map;
    int64_t positive = 0;
    for (const float value : map.view().span()) positive += value > 0 ? 1 : 0;
    std::cout << "map 39 has " << map.shape()[0] << " rows of " << map.shape()[1] << " numbers\n";
    std::cerr << positive << " of them are above 0:\n" << NumberTableText(map.view(), 240, false);
  }

  void ShowClasses() const {
    const Comparison all = CompareClasses({.model = model_, .data = pictures_, .first = kFirst});
    Draw(CompareFigure(all), "classes", "a picture of each class, and the mean maps of the first three layers");
    const Comparison two =
        CompareClasses({.model = model_, .data = pictures_, .first = kFirst, .classes = {"0", "9"}, .filter = 10});
    Draw(CompareFigure(two), "two", "filter 10 of the first four layers, on two T-shirts and two ankle boots");
  }

  void Draw(const Figure& figure, const std::string& name, const std::string& caption) const {
    const std::string file = "filter_visualization-" + name + ".png";
    Save(figure, folder_ + file, {.pixels_per_point = 1});
    std::cout << file << ": " << caption << "\n";
  }

  std::string model_;
  OpenDataOptions pictures_;
  std::string folder_;
};

}  // namespace

int main(int argc, char** argv) {
  try {
    if (argc != 3) throw std::runtime_error("usage: filter_visualization DATA FOLDER");
    Program(argv[1], argv[2]).Run();
    return 0;
  } catch (const std::exception& error) {
    std::cerr << argv[0] << ": " << error.what() << "\n";
    return 1;
  }
}
