// convscope filter: parses, calls, prints.
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "command.h"
#include "convscope/base/error.h"
#include "convscope/figures/render.h"
#include "convscope/tasks/filter_figure.h"
#include "convscope/tasks/filter_formula.h"
#include "convscope/tasks/filter_picture.h"
#include "convscope/tasks/filter_report.h"
#include "convscope/tasks/filter_save.h"
#include "progress_line.h"

namespace convscope::cli {
namespace {

// What is on the command line, as it stands there.
struct Arguments {
  FilterOptions filter;
  FilterFigureOptions figure;
  std::string channels, stride = "1", padding = "valid", pad_mode = "zero", dilation = "1", bias, activation;
  std::vector<std::string> pools;
  bool grey = false, rgb = false;
  std::string output, save, save_picture;
  bool show = false, json = false, formula = false;
};

FilterOptions ParseOptions(const Arguments& arguments) {
  FilterOptions options = arguments.filter;
  if (arguments.grey) options.colour = ReadOptions::Colour::kGrey;
  if (arguments.rgb) options.colour = ReadOptions::Colour::kRgb;
  if (!arguments.channels.empty()) options.channels = ParseChannels(arguments.channels, "--channels");
  options.stride = ParseRowsColumns(arguments.stride, "--stride");
  options.dilation = ParseRowsColumns(arguments.dilation, "--dilation");
  options.padding = ParsePadding(arguments.padding, "--padding");
  options.pad_mode = ParsePadMode(arguments.pad_mode, "--pad-mode");
  if (!arguments.bias.empty()) options.bias = ParseNumbers(arguments.bias, "--bias");
  if (!arguments.activation.empty()) options.activation = ParseActivation(arguments.activation);
  for (const std::string& pool : arguments.pools) options.pools.push_back(ParsePool(pool, "--pool"));
  return options;
}

void RunFilter(const Arguments& arguments) {
  // Refused before the work starts.
  if (!arguments.output.empty()) CheckFigurePath(arguments.output);
  FilterOptions options = ParseOptions(arguments);
  ProgressLine progress;
  options.progress = progress.callback();
  const FilterResult result = FilterPictures(options);

  const bool show = arguments.show || (arguments.output.empty() && !arguments.json && OutputIsTerminal());
  std::optional<OwningFigure> figure;
  if (show || !arguments.output.empty()) figure = MakeFilterFigure(result, arguments.figure);
  if (!arguments.output.empty()) Save(figure->figure, arguments.output);
  if (!arguments.save.empty()) SaveTensors(result, arguments.save);
  std::string notes;
  if (!arguments.save_picture.empty()) {
    const int64_t clipped = SaveResultPicture(result, arguments.save_picture);
    if (clipped > 0) {
      notes =
          arguments.save_picture + ": " + std::to_string(clipped) + " values outside black and white were clipped\n";
    }
  }

  if (show) Show(figure->figure);
  Print(arguments.json ? FilterReportJson(result) : FilterReportText(result));
  if (arguments.formula) {
    for (const FilteredPicture& picture : result.pictures) Print(FilterFormula(result, picture));
  }
  if (!arguments.json) Print(notes);
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

  command->add_option("IMAGE", a.filter.images, "Pictures (JPEG, PNG, WebP, TIFF, GIF, HEIF); - is standard input")
      ->required();
  OneEach(command->add_option("-k,--kernel", a.filter.kernels,
                              "A preset (convscope kernels lists them), an expression, \"[[1,2],[3,4]]\", a .npy, .csv "
                              "or .txt file, or crop:y,x,h,w of the first picture; again for a bank"))
      ->required()
      ->type_name("KERNEL");
  CLI::Option* grey = command->add_flag("--gray,--grey", a.grey, "Read pictures as grey: 0.299 R + 0.587 G + 0.114 B");
  command->add_flag("--rgb", a.rgb, "Read pictures as red, green and blue")->excludes(grey);
  command->add_option("--channels", a.channels, "Convolve only these channels, for example r,b")->type_name("LIST");
  command->add_option("--scale", a.filter.scale, "Pixels are divided by this")->capture_default_str();

  const std::string convolution = "Convolution";
  command->add_option("--stride", a.stride, "Step between windows: N, or ROWS,COLUMNS")
      ->capture_default_str()
      ->group(convolution);
  command->add_option("--padding", a.padding, "valid, same, or pixels: N, or ROWS,COLUMNS, or TOP,BOTTOM,LEFT,RIGHT")
      ->capture_default_str()
      ->group(convolution);
  command->add_option("--pad-mode", a.pad_mode, "What padding shows: zero, edge, reflect or wrap")
      ->capture_default_str()
      ->group(convolution);
  command->add_option("--dilation", a.dilation, "Step between the kernel's elements: N, or ROWS,COLUMNS")
      ->capture_default_str()
      ->group(convolution);
  command->add_flag("--flip-kernel", a.filter.flip_kernel, "Convolve as mathematics does: turn the kernel around first")
      ->group(convolution);
  command->add_option("--bias", a.bias, "Added to the convolution: one number, or one for each kernel")
      ->type_name("LIST")
      ->group(convolution);
  command->add_option("--activation", a.activation, "For example relu, sigmoid, leaky_relu:0.1")->group(convolution);
  OneEach(command->add_option("--pool", a.pools,
                              "max:SIZE[:STRIDE] or average:SIZE[:STRIDE] on the activation, with the convolution's "
                              "padding where that is valid or same; may repeat"))
      ->type_name("POOL")
      ->group(convolution);

  const std::string results = "Results";
  command->add_option("-o,--output", a.output, "Draw the figure into a .png, .svg or .pdf file")
      ->type_name("FILE")
      ->group(results);
  CLI::Option* json = command->add_flag("--json", a.json, "Print shapes, value ranges, times and paths as JSON");
  json->group(results);
  command->add_flag("--show", a.show, "Draw the figure in the terminal (the default there without -o)")
      ->excludes(json)
      ->group(results);
  command->add_option("--save", a.save, "Write every tensor as .npy into this folder")
      ->type_name("DIR")
      ->group(results);
  command
      ->add_option("--save-picture", a.save_picture,
                   "Write the activation (or convolution) as a .png, .jpg, .webp or .tif picture")
      ->type_name("FILE")
      ->group(results);
  command->add_flag("--as-rgb", a.figure.as_rgb, "Draw three output maps as one colour picture")->group(results);
  command->add_flag("--formula", a.formula, "Print the formula of what was computed, with its numbers")
      ->excludes(json)
      ->group(results);
  command->callback([arguments] { RunFilter(*arguments); });
}

}  // namespace convscope::cli
