#include "convscope/tasks/demo_insides.h"

#include "convscope/figures/render.h"
#include "convscope/tasks/attribute_figure.h"
#include "convscope/tasks/compare_classes.h"
#include "convscope/tasks/explain_value.h"
#include "convscope/tasks/feature_figure.h"
#include "convscope/tasks/network_report.h"
#include "convscope/tasks/predict_pictures.h"

namespace convscope {
namespace {

constexpr int64_t kBag = 18;         // a test picture whose outline the first layer shows well
constexpr int64_t kFirstTests = 40;  // all classes are among the first so many test pictures

}  // namespace

void LookInside(const DemoInsides& demo) {
  const auto draw = [&](const Figure& figure, const std::string& file, const std::string& shows) {
    Report(demo.progress, "drawing " + file, 0);
    Save(figure, demo.folder / file);
    if (demo.done) demo.done(demo.folder / file, shows);
  };
  const PictureChoice bag{.data = demo.data, .samples = {kBag}, .progress = demo.progress};

  const Predictions said =
      PredictPictures({.model = demo.model, .pictures = {.data = demo.data, .samples = {0, 1, 2, 3}}});
  draw(PredictFigure(said), "predictions.png", "What it says of four of them, and how sure it is");

  const Features features = ShowFeatures({.model = demo.model, .picture = bag});
  draw(OverviewFigure(features).figure, "features.png",
       "A bag on its way through the network: mean maps, and the scores");
  draw(LayersFigure(features, {.before = true}, {"conv_layer_1"}).figure, "maps.png",
       "All 64 maps of the first layer, before and after ReLU");
  draw(LayersFigure(features, {.channels = {33, 39}}, {"conv_layer_1", "conv_layer_3"}).figure, "two_maps.png",
       "Two maps of two layers, large");

  const Comparison classes = CompareClasses({.model = demo.model, .data = demo.data, .first = kFirstTests});
  draw(CompareFigure(classes), "classes.png", "A picture of each class, and the mean maps of the first three layers");
  const Comparison two = CompareClasses(
      {.model = demo.model, .data = demo.data, .first = kFirstTests, .classes = {"0", "9"}, .filter = 10});
  draw(CompareFigure(two), "two_classes.png", "One filter of four layers on two T-shirts and two ankle boots");

  const ExplainedValue value = ExplainOn({.model = demo.model, .pictures = bag, .at = "conv_layer_1:6,14,33"});
  draw(ExplainFigure(value).figure, "explained.png", "Why one number is what it is: window, kernel, products, sum");
  const AttributedPicture evidence = AttributePicture({.model = demo.model, .picture = bag, .progress = demo.progress});
  draw(AttributeFigure(evidence), "grad_cam.png", "Where the network finds what it says: Grad-CAM");

  if (demo.report_page.empty()) return;
  const std::filesystem::path report = demo.folder / "report.html";
  WriteReport({.model = demo.model,
               .pictures = {.data = demo.data, .samples = {0, 1, 2, 3, 4, 5, 6, 7, 8, kBag}},
               .progress = demo.progress},
              demo.report_page, report);
  if (demo.done) demo.done(report, "All of it to click through, on ten pictures; open it in a browser");
}

}  // namespace convscope
