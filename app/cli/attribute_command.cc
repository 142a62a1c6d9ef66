// convscope attribute: parses, calls, prints.
#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "command.h"
#include "convscope/tasks/attribute_figure.h"
#include "convscope/tasks/attribute_picture.h"
#include "figure_arguments.h"
#include "picture_arguments.h"
#include "unread_options.h"

namespace convscope::cli {
namespace {

struct Arguments {
  AttributeRequest request;
  PictureArguments picture;
  FigureArguments output;
  std::string layer;
  int64_t window = 0, stride = 0;
  bool curves = false;
  int64_t curve_steps = 50;
};

// Each method has settings of its own.
void CheckRead(const CLI::App& command, const Arguments& arguments) {
  const std::vector<AttributionMethod> methods = ParseMethods(arguments.request.methods).methods;
  const auto makes = [&](AttributionMethod method) {
    return std::find(methods.begin(), methods.end(), method) != methods.end();
  };
  const bool of_layer = std::any_of(methods.begin(), methods.end(), [](auto one) { return FactsOf(one).of_layer; });
  const bool integrates = makes(AttributionMethod::kIntegratedGradients);
  const bool occludes = makes(AttributionMethod::kOcclusion);
  if (!of_layer) RefuseUnread(command, {"--layer"}, "is of a --method with cam in its name");
  if (!integrates) RefuseUnread(command, {"--steps"}, "is of --method integrated-gradients");
  if (!makes(AttributionMethod::kSmoothGrad)) {
    RefuseUnread(command, {"--samples", "--noise", "--seed"}, "is of --method smoothgrad");
  }
  if (!occludes) RefuseUnread(command, {"--window", "--stride"}, "is of --method occlusion");
  if (!integrates && !occludes && !arguments.curves) {
    RefuseUnread(command, {"--baseline"}, "is of --method integrated-gradients or occlusion, and of --curves");
  }
}

void RunAttribute(const CLI::App& command, Arguments& arguments) {
  const FigureArguments& output = arguments.output;
  output.Check();
  CheckRead(command, arguments);
  ProgressLine progress;
  AttributeRequest& request = arguments.request;
  request.picture = arguments.picture.Choice(progress.callback());
  request.progress = progress.callback();
  if (!arguments.layer.empty()) request.layer = arguments.layer;
  if (arguments.window > 0) request.window = arguments.window;
  if (arguments.stride > 0) request.stride = arguments.stride;
  if (arguments.curves) request.curve_steps = arguments.curve_steps;
  request.integration.most_steps = std::max(request.integration.most_steps, request.integration.steps);
  const AttributedPicture picture = AttributePicture(request);
  output.Deliver(progress,
                 {.draw = [&] { return OwningFigure{AttributeFigure(picture)}; },
                  .files = {{output.save, [&] { SaveAttributions(picture, output.save, progress.callback()); }}},
                  .text = [&] { return output.json ? AttributeJson(picture) : AttributeText(picture); }});
}

std::string MethodNames() {
  std::string names;
  for (const AttributionMethodFacts& facts : AttributionMethods()) names += std::string(facts.name) + ", ";
  return names + "or all";
}

}  // namespace

void AddAttributeCommand(CLI::App& app) {
  CLI::App* command = app.add_subcommand("attribute", "Show what in a picture speaks for a class");
  command->footer(
      "Examples:\n"
      "  convscope attribute runs/first shoe.jpg -o shoe.png\n"
      "  convscope attribute runs/first --data fashion-mnist-small --sample 3 --method all --curves -o all.png\n"
      "  convscope attribute runs/first shoe.jpg --method grad-cam,occlusion --class Sneaker,Bag --save arrays");
  auto arguments = std::make_shared<Arguments>();
  Arguments& a = *arguments;
  AttributeRequest& request = a.request;
  AddModelArgument(*command, request.model);
  a.picture.AddTo(*command, 1);
  OneEach(command->add_option("-m,--method", request.methods,
                              MethodNames() + "; several with commas; default: grad-cam, or saliency where no layer "
                                              "has rows and columns"))
      ->type_name("NAME[,NAME...]");
  AddClassesOption(*command, request.classes, "default: the predicted class");
  command
      ->add_option("--layer", a.layer,
                   "Of class activation maps (names with cam); default: the last one with rows and columns")
      ->type_name("TENSOR");
  command
      ->add_option("--baseline", request.baseline,
                   "What a picture with nothing in it is: zero, black, mean, blur, or a picture file; default: black "
                   "for integrated gradients, mean to hide pixels, blur to insert them")
      ->type_name("KIND");
  command
      ->add_option("--steps", request.integration.steps,
                   "Of integrated gradients to begin with; doubled, up to 1024, until they are complete")
      ->check(AtLeast(1))
      ->capture_default_str();
  command->add_option("--samples", request.smooth_grad.samples, "Noisy copies for smoothgrad")
      ->check(AtLeast(1))
      ->capture_default_str();
  command->add_option("--noise", request.smooth_grad.noise, "Its deviation, as a share of the input's range")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  command->add_option("--seed", request.smooth_grad.seed, "Of that noise")->capture_default_str()->check(AtLeast(0));
  command->add_option("--window", a.window, "Of occlusion, in pixels; default: a seventh of the smaller side")
      ->check(AtLeast(1));
  command->add_option("--stride", a.stride, "Of that window; default: half of it")->check(AtLeast(1));
  CLI::Option* curves = command->add_flag(
      "--curves", a.curves, "Measure how faithful each is: deletion and insertion of pixels, beside random orders");
  command->add_option("--curve-steps", a.curve_steps, "Of these curves")
      ->needs(curves)
      ->check(AtLeast(1))
      ->capture_default_str();
  a.output.AddTo(*command, {.output = "Draw them over the picture into a .png, .svg or .pdf file",
                            .save = "Write the raw values and the maps of pixels as .npy files"});
  command->callback([arguments, command] { RunAttribute(*command, *arguments); });
}

}  // namespace convscope::cli
