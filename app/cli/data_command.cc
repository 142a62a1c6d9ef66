// convscope data list, fetch, show: parses, calls, prints.
#include <memory>
#include <string>
#include <vector>

#include "command.h"
#include "convscope/tasks/list_data.h"
#include "convscope/tasks/open_data.h"
#include "convscope/tasks/show_data.h"
#include "data_folder.h"
#include "figure_arguments.h"

namespace convscope::cli {
namespace {

struct Arguments {
  std::string data;  // --data-folder
  std::vector<std::string> names;
  OpenDataOptions open;
  ShowDataOptions sheet;
  FigureArguments output;
  std::string size, part = "train";
  bool grey = false, rgb = false;
  bool json = false;  // of list and fetch
};

void ShowData(Arguments& arguments) {
  const FigureArguments& output = arguments.output;
  output.Check();
  arguments.sheet.test = arguments.part == "test";
  Check(arguments.sheet);
  OpenDataOptions& open = arguments.open;
  open.places = PlacesOfData(arguments.data);
  if (!arguments.size.empty()) open.size = ParsePictureSize(arguments.size, "--size");
  open.colour = ColourOf(arguments.grey, arguments.rgb);
  ProgressLine progress;
  open.progress = progress.callback();
  const OpenedData opened = OpenData(open);
  output.Deliver(progress, {.draw = [&] { return MakeDataSheet(opened, arguments.sheet); },
                            .text = [&] { return output.json ? DataJson(opened) : DataText(opened); }});
}

void AddList(CLI::App& data, const std::shared_ptr<Arguments>& arguments) {
  CLI::App* command = data.add_subcommand("list", "List the data sets that are known by name, and where they are");
  command->footer("Example:\n  convscope data list");
  AddDataFolderOption(*command, arguments->data);
  command->add_flag("--json", arguments->json, "Print as JSON");
  command->callback([arguments] {
    const DataPlaces places = PlacesOfData(arguments->data);
    Print(arguments->json ? DataListJson(places) : DataListText(places));
  });
}

void AddFetch(CLI::App& data, const std::shared_ptr<Arguments>& arguments) {
  CLI::App* command = data.add_subcommand(
      "fetch", "Download data sets into the cache ($XDG_CACHE_HOME/convscope or ~/.cache/convscope)");
  command->footer(
      "What is there already is checked; what broke off goes on where it was. With CONVSCOPE_MIRROR=ADDRESS in the\n"
      "environment, ADDRESS/NAME/FILE is tried before the public mirrors.\n\n"
      "Example:\n  convscope data fetch mnist fashion-mnist");
  command->add_option("NAME", arguments->names, "mnist, fashion-mnist, kmnist, cifar-10")->required()->type_name("");
  command->add_flag("--json", arguments->json, "Print as JSON");
  command->callback([arguments] {
    ProgressLine progress;
    const auto fetched = FetchData(arguments->names, PlacesOfData(""), progress.callback());
    progress.Pause();
    Print(arguments->json ? FetchedJson(fetched) : FetchedText(fetched));
  });
}

void AddShow(CLI::App& data, const std::shared_ptr<Arguments>& arguments) {
  Arguments& a = *arguments;
  CLI::App* command = data.add_subcommand("show", "Count a data set's classes, and draw a sheet of them");
  command->footer(
      "Examples:\n"
      "  convscope data show fashion-mnist-small -o classes.png\n"
      "  convscope data show fashion-mnist --part test --first 40 -o classes.png\n"
      "  convscope data show photos/ --size 64 --rows --columns 8 -o photos.pdf\n"
      "  convscope data show mnist --data-folder ~/datasets --json");
  command
      ->add_option("DATA", a.open.source,
                   "A name (convscope data list), or a path: a folder of IDX files, of CIFAR-10's batches, or of "
                   "pictures with one folder a class; an .npz file (x_train, y_train, x_test, y_test, or x, y; bytes, "
                   "or floats from 0 to 1 or to 255)")
      ->required()
      ->type_name("");
  AddDataFolderOption(*command, a.data);

  const std::string pictures = "Folders of pictures";
  command->add_option("--size", a.size, "Scale each picture to cover N or ROWS,COLUMNS, and cut it to its middle")
      ->group(pictures);
  AddColourFlags(*command, a.grey, a.rgb, pictures, "them");
  command
      ->add_option("--test-fraction", a.open.test_fraction, "Split off for testing, where there is no such part [0.2]")
      ->check(CLI::Range(0.0, 1.0));
  command->add_option("--seed", a.open.seed, "Chooses that split")->capture_default_str()->check(AtLeast(0));

  const std::string sheet = "The sheet";
  command->add_option("--part", a.part, "Pictures of train or of test")
      ->check(CLI::IsMember({"train", "test"}))
      ->capture_default_str()
      ->group(sheet);
  command->add_option("--first", a.sheet.first, "Look among the first N pictures alone")
      ->type_name("N")
      ->check(AtLeast(1))
      ->group(sheet);
  command->add_flag("--rows", a.sheet.rows, "Draw one row a class, else one picture a class")->group(sheet);
  command->add_option("--columns", a.sheet.columns, "Pictures in a row (5, or 10 with --rows)")
      ->type_name("N")
      ->check(AtLeast(1))
      ->group(sheet);

  a.output.AddTo(*command,
                 {.output = "Draw the sheet into a .png, .svg or .pdf file", .json = "Print the counts as JSON"});
  command->callback([arguments] { ShowData(*arguments); });
}

}  // namespace

void AddDataCommand(CLI::App& app) {
  CLI::App* command = app.add_subcommand("data", "List, fetch and show data sets");
  command->footer(
      "Files at hand: $CONVSCOPE_DATA, or --data-folder DIR, with one folder a data set "
      "(DIR/mnist/train-images-idx3-ubyte.gz).\n\n"
      "Examples:\n"
      "  convscope data list\n"
      "  convscope data fetch fashion-mnist\n"
      "  convscope data show fashion-mnist-small -o classes.png");
  command->require_subcommand(1);
  const auto arguments = std::make_shared<Arguments>();
  AddList(*command, arguments);
  AddFetch(*command, arguments);
  AddShow(*command, arguments);
}

}  // namespace convscope::cli
