#include "processes.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <vector>

#include "timing.h"

extern char** environ;

namespace convscope::bench {
namespace {

// Milliseconds that one run took; below zero when the command failed.
double RunOnce(const std::vector<std::string>& command) {
  std::vector<char*> arguments;
  for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t quiet;
  posix_spawn_file_actions_init(&quiet);
  posix_spawn_file_actions_addopen(&quiet, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  const double start = Seconds();
  pid_t pid = 0;
  const int failed = posix_spawnp(&pid, arguments[0], &quiet, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&quiet);
  int status = 1;
  if (failed != 0 || waitpid(pid, &status, 0) < 0 || status != 0) return -1;
  return (Seconds() - start) * 1e3;
}

}  // namespace

void PrintProcesses(const std::string& program, const std::string& picture) {
  const std::filesystem::path folder = std::filesystem::temp_directory_path() / "convscope-bench";
  std::filesystem::create_directories(folder);
  const std::vector<std::pair<std::string, std::vector<std::string>>> commands = {
      {"vips --version", {"vips", "--version"}},
      {"filter --save", {program, "filter", picture, "--kernel", "edge", "--save", (folder / "tensors").string()}},
      {"filter -o figure.png",
       {program, "filter", picture, "--kernel", "edge", "-o", (folder / "figure.png").string()}},
      {"features --all", {program, "features", "fashion-cnn", picture, "--all", (folder / "maps").string()}},
  };
  std::vector<std::vector<double>> runs(commands.size());
  // In turn, so that all of them meet the same moments of a shared machine.
  for (int round = 0; round < 16; ++round) {
    for (size_t i = 0; i < commands.size(); ++i) {
      const double ms = RunOnce(commands[i].second);
      if (ms >= 0 && round > 0) runs[i].push_back(ms);
    }
  }
  std::filesystem::remove_all(folder);
  std::printf("\nwhole process on %s\n", picture.c_str());
  for (size_t i = 0; i < commands.size(); ++i) {
    const Timing timing = Summarize(runs[i]);
    if (timing.runs == 0) {
      std::printf("  %-26s could not be run\n", commands[i].first.c_str());
    } else {
      std::printf("  %-26s %8.1f ms  (%.1f-%.1f, %d runs)\n", commands[i].first.c_str(), timing.median, timing.low,
                  timing.high, timing.runs);
    }
  }
}

}  // namespace convscope::bench
