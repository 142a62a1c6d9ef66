// What the commands share that draw a result: -o, --show, --save and --json, and the order in which a result leaves the
// program. The figure is drawn, and so may be refused, before the first file is written; what the other files hold is
// made as they are written, and the text when all are there.
#ifndef CONVSCOPE_APP_CLI_FIGURE_ARGUMENTS_H_
#define CONVSCOPE_APP_CLI_FIGURE_ARGUMENTS_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "command.h"
#include "convscope/tasks/owning_figure.h"
#include "progress_line.h"

namespace convscope::cli {

// When a figure is drawn in the terminal without --show; never beside -o or --json.
enum class DrawnUnasked : uint8_t {
  kNever,
  kInTerminal,  // where standard output is one
  kAlways,      // the figure is all there is to tell; in plain characters where standard output is no terminal
};

struct FigureOptionTexts {
  const char* output = "Draw into a .png, .svg or .pdf file";
  const char* save = nullptr;  // none: the command has no --save
  const char* json = "Print as JSON";
  const char* show = nullptr;  // none: as `drawn` says
  DrawnUnasked drawn = DrawnUnasked::kInTerminal;
};

// Something to write besides the figure.
struct ResultFile {
  std::string place;  // empty: not asked for
  std::function<void()> write;
  bool told = false;  // by the result's text, which lists what is in it
};

struct Result {
  std::function<OwningFigure()> draw;   // called once, where a figure is wanted
  std::vector<ResultFile> files = {};   // written in this order, after everything is drawn, and before the figure
  std::function<std::string()> text{};  // to be printed, made when all files are there
};

struct FigureArguments {
  std::string output, save;
  bool show = false, json = false;
  DrawnUnasked drawn = DrawnUnasked::kInTerminal;
  bool other_file = false;  // -o names no figure but one of the result's files

  void AddTo(CLI::App& command, const FigureOptionTexts& texts = {});

  // Refuses, before the work starts, places that cannot be written, files that are no figures, and two results at one
  // place. `files` and `folders` are those that the command has besides; two folders may be one, since names in them
  // differ.
  void Check(const std::vector<std::string>& files = {}, const std::vector<std::string>& folders = {}) const;

  bool shows() const;
  bool draws() const { return shows() || (!output.empty() && !other_file); }

  // Draws, writes and prints, after the text what was written where. An Error of a file tells what was written before
  // it: whole, but not all that was asked for.
  void Deliver(ProgressLine& progress, const Result& result) const;
};

// Refuses a place for a figure: another ending than a figure's, or a folder that is not there.
void CheckFigureFile(const std::string& place);

}  // namespace convscope::cli

#endif  // CONVSCOPE_APP_CLI_FIGURE_ARGUMENTS_H_
