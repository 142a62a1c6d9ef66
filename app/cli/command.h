// What the commands of the program share: how one is added, and how its result reaches standard output.
#ifndef CONVSCOPE_APP_CLI_COMMAND_H_
#define CONVSCOPE_APP_CLI_COMMAND_H_

#include <CLI/CLI.hpp>
#include <cstdint>
#include <string>
#include <string_view>

namespace convscope::cli {

// Each adds one command to `app`, with a callback that runs it. The callbacks throw convscope::Error.
void AddAttributeCommand(CLI::App& app);
void AddFilterCommand(CLI::App& app);
void AddKernelsCommand(CLI::App& app);
void AddCompareCommand(CLI::App& app);
void AddConvertCommand(CLI::App& app);
void AddDataCommand(CLI::App& app);
void AddDemoCommand(CLI::App& app);
void AddSummaryCommand(CLI::App& app);
void AddDiffCommand(CLI::App& app);
void AddDreamCommand(CLI::App& app);
void AddTopCommand(CLI::App& app);
void AddTrainCommand(CLI::App& app);
void AddEvaluateCommand(CLI::App& app);
void AddExplainCommand(CLI::App& app);
void AddFilmCommand(CLI::App& app);
void AddPredictCommand(CLI::App& app);
void AddFeaturesCommand(CLI::App& app);
void AddRunsCommand(CLI::App& app);
void AddGraphCommand(CLI::App& app);
void AddInferCommand(CLI::App& app);
void AddWeightsCommand(CLI::App& app);
void AddEmbedCommand(CLI::App& app);

// Adds --threads to `app` and to each of its commands, so that it is understood before a command and after it.
void AddThreadsOption(CLI::App& app);

// That a whole number is `least` or more.
CLI::Validator AtLeast(int64_t least);

// An option that may be given several times, one value each time: the value after it is never taken for an option or
// a list, so that --kernel "-t(udacity-1)" and --kernel "[[1,2]]" are read as they stand.
CLI::Option* OneEach(CLI::Option* option);

// An option of several names: with commas between them, or given again. What stands behind it is none of them, so that
// a picture may.
CLI::Option* SeveralNames(CLI::Option* option);

// An option of several numbers: with commas or spaces between them, or given again.
CLI::Option* SeveralNumbers(CLI::Option* option);

// --gray (or --grey) and --rgb, of pictures that are read.
void AddColourFlags(CLI::App& command, bool& grey, bool& rgb, const std::string& group, const std::string& what);

// Writes results; throws Error when standard output does not take them (a full disk).
void Print(std::string_view text);

bool OutputIsTerminal();

}  // namespace convscope::cli

#endif  // CONVSCOPE_APP_CLI_COMMAND_H_
