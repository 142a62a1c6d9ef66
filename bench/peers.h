// The peers' side of a comparison: a Python process that times OpenCV, PyTorch and Keras on the same shapes
// and networks.
#ifndef CONVSCOPE_BENCH_PEERS_H_
#define CONVSCOPE_BENCH_PEERS_H_

#include <cstdio>
#include <string>
#include <vector>

namespace convscope::bench {

class Peers {
 public:
  // Starts `python peers.py`; without it, or without `modules` ("cv2,torch") there, no peer answers.
  Peers(const std::string& python, const std::string& script, int threads, const std::string& modules);
  ~Peers();
  Peers(const Peers&) = delete;
  Peers& operator=(const Peers&) = delete;

  const std::string& versions() const { return versions_; }  // empty: no peers here

  // Has the peer run `line` for about `seconds`; adds each run's milliseconds. Nothing is added when it cannot.
  void Measure(const std::string& line, double seconds, std::vector<double>& runs_ms);

 private:
  bool ReadLine(std::string* line);

  int pid_ = -1;
  FILE* to_ = nullptr;
  FILE* from_ = nullptr;
  std::string versions_;
};

}  // namespace convscope::bench

#endif  // CONVSCOPE_BENCH_PEERS_H_
