#include "figure_arguments.h"

#include <unistd.h>

#include <array>
#include <string_view>

#include "convscope/base/error.h"
#include "convscope/base/file.h"
#include "convscope/base/text.h"
#include "convscope/figures/render.h"
#include "convscope/figures/terminal.h"
#include "convscope/tasks/output_place.h"
#include "model_remarks.h"

namespace convscope::cli {
namespace {

// Calls `write` for each result in turn, and tells what was written before one that fails.
class Results {
 public:
  template <typename Write>
  void Add(const std::string& place, const Write& write, bool told = false) {
    if (place.empty()) return;
    try {
      write();
    } catch (const Error& error) {
      if (written_.empty()) throw;
      ErrorParts parts = error.parts();
      parts.fix += Concat(parts.fix.empty() ? "" : "; ", "written before that: ", written_);
      throw Error(parts);
    }
    written_ += (written_.empty() ? "" : ", ") + place;
    if (!told) untold_ += (untold_.empty() ? "" : ", ") + place;
  }

  const std::string& untold() const { return untold_; }

 private:
  std::string written_, untold_;  // untold_: what the text does not tell of
};

}  // namespace

void FigureArguments::AddTo(CLI::App& command, const FigureOptionTexts& texts) {
  const std::string results = "Results";
  drawn = texts.drawn;
  command.add_option("-o,--output", output, texts.output)->type_name("FILE")->group(results);
  if (texts.save != nullptr) command.add_option("--save", save, texts.save)->type_name("DIR")->group(results);
  const bool unasked = drawn == DrawnUnasked::kInTerminal;
  CLI::Option* shown = command
                           .add_flag("--show", show,
                                     texts.show != nullptr ? texts.show
                                     : unasked             ? "Draw in the terminal (the default there without -o)"
                                                           : "Draw in the terminal")
                           ->group(results);
  if (texts.json != nullptr) command.add_flag("--json", json, texts.json)->excludes(shown)->group(results);
}

void CheckFigureFile(const std::string& place) {
  CheckFigurePath(place);
  CheckOutputFile(place);
}

void FigureArguments::Check(const std::vector<std::string>& files, const std::vector<std::string>& folders) const {
  std::vector<std::string> places;
  const auto add = [&places](const std::string& place, size_t apart_from) {
    if (place.empty()) return;
    for (size_t i = 0; i < apart_from; ++i) {
      if (SamePlace(place, places[i])) throw CLI::ValidationError("two results would be written to " + place);
    }
    places.push_back(place);
  };
  add(output, 0);
  for (const std::string& file : files) add(file, places.size());
  const size_t all_files = places.size();
  add(save, all_files);
  for (const std::string& folder : folders) add(folder, all_files);
  if (!output.empty()) other_file ? CheckOutputFile(output) : CheckFigureFile(output);
  if (!save.empty()) CheckOutputFolder(save);
}

bool FigureArguments::shows() const {
  if (show || !output.empty() || json) return show;
  return drawn == DrawnUnasked::kAlways || (drawn == DrawnUnasked::kInTerminal && OutputIsTerminal());
}

void FigureArguments::Deliver(ProgressLine& progress, const Result& result) const {
  const std::string figure_file = other_file ? "" : output;
  std::string file, drawing;
  if (draws()) {
    Report(progress.callback(), "drawing", 0);
    const OwningFigure figure = result.draw();
    if (!figure_file.empty()) file = Encode(figure.figure, figure_file);
    if (shows()) {
      Terminal terminal = DetectTerminal(STDOUT_FILENO);
      // What goes into a file or a pipe unasked has no escape sequences.
      if (!show && !OutputIsTerminal()) terminal.graphics = Terminal::Graphics::kPlain;
      drawing = RenderForTerminal(figure.figure, terminal);
    }
  }
  Results results;
  for (const ResultFile& each : result.files) results.Add(each.place, each.write, each.told);
  results.Add(figure_file, [&] { WriteFileAtomically(figure_file, std::array<std::string_view, 1>{file}); });
  results.Add("standard output", [&] {
    std::string text = result.text ? result.text() : "";
    progress.Pause();
    if (json) {
      text = WithModelRemarks(text);
    } else if (!results.untold().empty()) {
      text += "wrote " + results.untold() + "\n";
    }
    Print(drawing + text);
  });
}

}  // namespace convscope::cli
