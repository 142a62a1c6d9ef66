#include "peers.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <sstream>

namespace convscope::bench {

Peers::Peers(const std::string& python, const std::string& script, int threads, const std::string& modules) {
  int down[2], up[2];
  if (python.empty() || pipe2(down, O_CLOEXEC) != 0) return;
  if (pipe2(up, O_CLOEXEC) != 0) return;
  std::signal(SIGPIPE, SIG_IGN);
  const std::string count = std::to_string(threads);
  pid_ = fork();
  if (pid_ == 0) {
    dup2(down[0], STDIN_FILENO);
    dup2(up[1], STDOUT_FILENO);
    close(down[1]);
    close(up[0]);
    execlp(python.c_str(), python.c_str(), script.c_str(), count.c_str(), modules.c_str(), static_cast<char*>(nullptr));
    _exit(127);
  }
  close(down[0]);
  close(up[1]);
  to_ = fdopen(down[1], "w");
  from_ = fdopen(up[0], "r");
  if (!ReadLine(&versions_)) versions_.clear();
}

Peers::~Peers() {
  if (to_ != nullptr) std::fclose(to_);
  if (from_ != nullptr) std::fclose(from_);
  if (pid_ > 0) waitpid(pid_, nullptr, 0);
}

void Peers::Measure(const std::string& line, double seconds, std::vector<double>& runs_ms) {
  if (versions_.empty() || line.empty()) return;
  std::fprintf(to_, "%g %s\n", seconds, line.c_str());
  std::fflush(to_);
  std::string answer;
  if (!ReadLine(&answer)) return;
  std::istringstream values(answer);
  for (double ms = 0; values >> ms;) runs_ms.push_back(ms);
}

bool Peers::ReadLine(std::string* line) {
  line->clear();
  for (int c = std::fgetc(from_); c != EOF; c = std::fgetc(from_)) {
    if (c == '\n') return true;
    line->push_back(static_cast<char>(c));
  }
  return false;
}

}  // namespace convscope::bench
