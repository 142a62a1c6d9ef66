// convscope filter: parses, calls, prints.
#include <memory>
#include <string>
#include <vector>

#include "command.h"
#include "convscope/base/text.h"
#include "convscope/tasks/filter_figure.h"
#include "convscope/tasks/filter_formula.h"
#include "convscope/tasks/filter_picture.h"
#include "convscope/tasks/filter_report.h"
#include "convscope/tasks/filter_save.h"
#include "convscope/tasks/filter_texts.h"
#include "convscope/tasks/open_data.h"
#include "convscope/tasks/output_place.h"
#include "figure_arguments.h"

namespace convscope::cli {
namespace {

// What is on the command line, as it stands there.
struct Arguments {
  FilterOptions filter;
  FilterFigureOptions figure;
  FilterTexts texts;
  bool grey = false, rgb = false;
  FigureArguments output;
  std::string save_picture;
  bool formula = false;
};

FilterOptions ParseOptions(const Arguments& arguments) {
  FilterOptions options = arguments.filter;
  CheckScale(options.scale, "--scale");
  options.colour = ColourOf(arguments.grey, arguments.rgb);
  ParseTexts(arguments.texts, "--", options);
  return options;
}

// The help of --activation.
std::string ActivationsText() {
  std::string text;
  for (const std::string& name : ActivationNames()) text += (text.empty() ? "" : ", ") + name;
  return text + "; with a parameter: leaky_relu:0.1, elu:0.5, hard_sigmoid:0.2:0.5, gelu:tanh";
}

// Refuses, before the work starts, outputs that cannot be written or that would replace one another or a picture.
void CheckOutputs(const Arguments& arguments) {
  for (const std::string& place : {arguments.output.output, arguments.output.save, arguments.save_picture}) {
    if (place.empty()) continue;
    for (const std::string& image : arguments.filter.images) {
      if (SamePlace(place, image)) throw CLI::ValidationError("a result would be written over the picture " + image);
    }
  }
  arguments.output.Check({arguments.save_picture});
  if (!arguments.save_picture.empty()) {
    CheckPicturePath(arguments.save_picture);
    CheckOutputFile(arguments.save_picture);
  }
}

void RunFilter(const Arguments& arguments) {
  const FigureArguments& output = arguments.output;
  if (arguments.figure.as_rgb && !output.draws() && arguments.save_picture.empty()) {
    throw CLI::ValidationError("--as-rgb is for what is drawn: it needs -o, --show or --save-picture");
  }
  CheckOutputs(arguments);
  FilterOptions options = ParseOptions(arguments);
  ProgressLine progress;
  options.progress = progress.callback();
  const FilterResult result = FilterPictures(options);
  CheckFigureOptions(result, arguments.figure);
  if (!arguments.save_picture.empty()) CheckResultPicture(result, arguments.save_picture);
  SavedFiles saved{.picture = arguments.save_picture};
  // The largest first: what does not fit is known before anything else is written.
  output.Deliver(
      progress,
      {.draw = [&] { return MakeFilterFigure(result, arguments.figure); },
       .files = {{output.save, [&] { saved.tensors = SaveTensors(result, output.save); }, true},
                 {arguments.save_picture, [&] { saved.clipped = SaveResultPicture(result, arguments.save_picture); }}},
       .text =
           [&] {
             Report(options.progress, "measuring", 0);
             std::string text = output.json ? FilterReportJson(result, saved) : FilterReportText(result, saved);
             if (!arguments.formula) return text;
             for (const FilteredPicture& picture : result.pictures) text += FilterFormula(result, picture);
             return text;
           }});
}

}  // namespace

void AddFilterCommand(CLI::App& app) {
  CLI::App* command = app.add_subcommand("filter", "Convolve pictures with kernels and show every stage");
  command->footer(
      "Examples:\n"
      "  convscope filter photo.jpg --kernel edge --gray -o edge.png\n"
      "  convscope filter photo.jpg --kernel sharpen --gray --stride 3 --padding same --activation sigmoid \\\n"
      "      --pool max:3:3 --pool average:3:3 --save numbers/ --formula\n"
      "  convscope filter a.png b.png --kernel crop:20,5,5,5 -o where.svg\n"
      "  convscope filter photo.jpg --kernel gaussian:7:1.5 --padding same --pad-mode edge --as-rgb --show");
  auto arguments = std::make_shared<Arguments>();
  Arguments& a = *arguments;

  command
      ->add_option(
          "IMAGE", a.filter.images,
          "Pictures (JPEG, PNG, WebP, TIFF, GIF, HEIF), what is transparent laid over white; - is standard input")
      ->required();
  OneEach(command->add_option("-k,--kernel", a.filter.kernels,
                              "A preset (convscope kernels lists them), an expression, \"[[1,2],[3,4]]\", a .csv, .txt "
                              "or .npy file of shape (R,S), (R,S,C) or (R,S,C,F): rows, columns, channels, filters; "
                              "or crop:y,x,h,w of the first picture; again for a bank. One without channels runs on "
                              "each channel alone"))
      ->required()
      ->type_name("KERNEL");
  CLI::Option* grey = command->add_flag("--gray,--grey", a.grey, "Read pictures as grey: 0.299 R + 0.587 G + 0.114 B");
  command->add_flag("--rgb", a.rgb, "Read pictures as red, green and blue")->excludes(grey);
  command->add_option("--channels", a.texts.channels, "Convolve only these channels, for example r,b")
      ->type_name("LIST");
  command->add_option("--scale", a.filter.scale, "Pixels are divided by this")->capture_default_str();

  const std::string convolution = "Convolution";
  command->add_option("--stride", a.texts.stride, "Step between windows: N, or ROWS,COLUMNS")
      ->capture_default_str()
      ->group(convolution);
  command
      ->add_option("--padding", a.texts.padding, "valid, same, or pixels: N, or ROWS,COLUMNS, or TOP,BOTTOM,LEFT,RIGHT")
      ->capture_default_str()
      ->group(convolution);
  command->add_option("--pad-mode", a.texts.pad_mode, "What padding shows: zero, edge, reflect or wrap")
      ->capture_default_str()
      ->group(convolution);
  command->add_option("--dilation", a.texts.dilation, "Step between the kernel's elements: N, or ROWS,COLUMNS")
      ->capture_default_str()
      ->group(convolution);
  command->add_flag("--flip-kernel", a.filter.flip_kernel, "Convolve as mathematics does: turn the kernel around first")
      ->group(convolution);
  command->add_option("--bias", a.texts.bias, "Added to the convolution: one number, or one for each kernel")
      ->type_name("LIST")
      ->group(convolution);
  command->add_option("--activation", a.texts.activation, ActivationsText())->group(convolution);
  OneEach(command->add_option("--pool", a.texts.pools,
                              "max:SIZE[:STRIDE] or average:SIZE[:STRIDE] on the activation, SIZE and STRIDE N or "
                              "ROWSxCOLUMNS, a step of SIZE where there is no STRIDE; padded same where the "
                              "convolution is, else not at all; padding zeros take no part; may repeat"))
      ->type_name("POOL")
      ->group(convolution);

  const std::string results = "Results";
  a.output.AddTo(*command, {.output = "Draw the figure into a .png, .svg or .pdf file",
                            .save = "Write every tensor as .npy into this folder",
                            .json = "Print shapes, value ranges, times and paths as JSON"});
  command
      ->add_option("--save-picture", a.save_picture,
                   "Write the activation (or convolution) as a .png, .jpg, .webp or .tif picture")
      ->type_name("FILE")
      ->group(results);
  command
      ->add_flag("--as-rgb", a.figure.as_rgb,
                 "Draw three output maps as one colour picture (which --save-picture does anyway)")
      ->group(results);
  command->add_flag("--formula", a.formula, "Print the formula of what was computed, with its numbers")
      ->excludes(command->get_option("--json"))
      ->group(results);
  command->callback([arguments] { RunFilter(*arguments); });
}

}  // namespace convscope::cli
