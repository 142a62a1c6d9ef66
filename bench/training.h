// Whole steps of training (forward, backward, Adam) of built-in networks, through the library as a user calls it.
#ifndef CONVSCOPE_BENCH_TRAINING_H_
#define CONVSCOPE_BENCH_TRAINING_H_

#include <string>

#include "peers.h"

namespace convscope::bench {

// Prints a row for each network whose name, "train NAME", contains `only`: milliseconds of a step of 32 pictures, share
// of the machine's peak (three times the multiply-adds of the forward pass, less those of the first layer's gradient to
// its input), and PyTorch and Keras beside it. `self` is the path of this program, which is run anew to find out how
// much memory a step takes.
void PrintTraining(int threads, double seconds, const std::string& only, Peers& torch, Peers& keras,
                   const std::string& self);

// What such a new process does: trains `network` for some steps and prints the most memory that it has held.
void PrintTrainingMemory(int threads, const std::string& network);

}  // namespace convscope::bench

#endif  // CONVSCOPE_BENCH_TRAINING_H_
