// What the programs beside this file that train a network are told, and how they say what came of it. Not part of the
// library.
//
// What they print on standard output is the same on every machine. Measured numbers, whose last digits are the
// processor's, go to standard error; standard output says between which bounds they lie.
#ifndef EXAMPLES_TRAINING_PROGRAM_H_
#define EXAMPLES_TRAINING_PROGRAM_H_

#include <cstdint>
#include <cstdio>
#include <exception>
#include <iostream>
#include <numeric>
#include <span>
#include <string>
#include <vector>

#include "convscope/base/error.h"
#include "convscope/base/text.h"
#include "convscope/tasks/open_data.h"
#include "convscope/train/callbacks.h"

// PROGRAM DATA FOLDER [--data SOURCE] [--epochs N] [--pictures N]
struct TrainingArguments {
  std::string bundled, folder;                 // of the data that come with convscope; where figures go
  std::string source = "fashion-mnist-small";  // a name or a path, as convscope train takes it
  int64_t epochs = 5;
  int64_t pictures = 0;  // at most so many of each part; 0: all

  // Whether the bounds of an accuracy, which are those of the whole training, do not hold.
  bool shortened() const { return epochs != 5 || pictures != 0; }
};

// Throws Error for anything else.
inline TrainingArguments ParseTrainingArguments(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  std::string received;
  for (const std::string& word : words) received += (received.empty() ? "" : " ") + word;
  const convscope::Error usage({.where = "arguments",
                                .rule = "DATA FOLDER [--data SOURCE] [--epochs N] [--pictures N]",
                                .received = received.empty() ? "none" : received,
                                .fix = "DATA is the folder data/ of the source tree, FOLDER takes the figures"});
  if (words.size() < 2 || words.size() % 2 != 0) throw usage;
  TrainingArguments arguments{.bundled = words[0], .folder = words[1] + "/"};
  for (size_t i = 2; i < words.size(); i += 2) {
    const std::string &option = words[i], &value = words[i + 1];
    if (option == "--data") {
      arguments.source = value;
    } else if (option == "--epochs" || option == "--pictures") {
      const int64_t number = convscope::ParseInteger(value, option);
      if (number < 1) throw convscope::Error({.where = option, .rule = "it must be 1 or more", .received = value});
      (option == "--epochs" ? arguments.epochs : arguments.pictures) = number;
    } else {
      throw usage;
    }
  }
  return arguments;
}

// The pictures to learn from and to be tested on; prints how many there are.
inline convscope::OpenedData OpenPictures(const TrainingArguments& arguments) {
  convscope::OpenDataOptions options{.source = arguments.source};
  options.places.bundled = arguments.bundled;
  convscope::OpenedData opened = convscope::OpenData(options);
  auto& [train, test] = opened.data;
  if (arguments.pictures != 0) train = train.First(arguments.pictures), test = test.First(arguments.pictures);
  for (const convscope::Dataset* part : {&train, &test}) {
    const convscope::Shape all{part->size(), part->height(), part->width(), part->channels()};
    std::cout << (part == &train ? "training pictures " : "test pictures ") << all.ToString() << "\n";
  }
  return opened;
}

// A line an epoch on standard error.
inline convscope::CallbackPtr EpochLines(int64_t epochs) {
  return convscope::Observer{.after_epoch = [epochs](convscope::TrainingControl&, const convscope::EpochRecord& epoch) {
    std::fprintf(stderr, "epoch %d of %d, %.1f s: loss %.4f, accuracy %.4f\n", static_cast<int>(epoch.epoch),
                 static_cast<int>(epochs), epoch.seconds, epoch.loss, epoch.accuracy);
  }};
}

// Of a history whose epochs are whole.
inline int64_t EpochSteps(const convscope::History& history) {
  return static_cast<int64_t>(history.step_losses.size() / history.epochs.size());
}

// Prints how many steps there were, and that the loss fell: its mean over the last tenth of them is below that over the
// first. Throws Error when it is not.
inline void PrintSteps(const convscope::History& history) {
  const std::span<const float> losses = history.step_losses;
  const size_t tenth = (losses.size() + 9) / 10;
  const auto mean = [](std::span<const float> part) {
    return std::accumulate(part.begin(), part.end(), 0.0) / static_cast<double>(part.size());
  };
  const double first = mean(losses.first(tenth)), last = mean(losses.last(tenth));
  std::fprintf(stderr, "loss %.4f in the first tenth of the steps, %.4f in the last\n", first, last);
  std::cout << losses.size() << " steps, " << EpochSteps(history) << " an epoch\n";
  if (!(last < first)) {
    throw convscope::Error(
        {.where = "training", .rule = "the loss falls", .received = convscope::Concat("from ", first, " to ", last)});
  }
  std::cout << "the loss falls\n";
}

// Where a number must lie after the whole training on a data set of this name with so many training pictures.
struct Bounds {
  std::string data;
  int64_t pictures = 0;
  double low = 0, high = 0;
};

// Prints `value`, and the bounds that hold for it. Throws Error when it lies outside of them.
inline void PrintMeasured(const std::string& what, double value, const std::vector<Bounds>& bounds,
                          const convscope::OpenedData& opened, const TrainingArguments& arguments) {
  std::fprintf(stderr, "%s %.4f\n", what.c_str(), value);
  if (arguments.shortened()) return;
  for (const Bounds& bound : bounds) {
    if (bound.data != opened.name || bound.pictures != opened.data.train.size()) continue;
    const std::string text = convscope::Concat("from ", bound.low, " to ", bound.high);
    if (!(value >= bound.low && value <= bound.high)) {
      throw convscope::Error({.where = what, .rule = "it lies " + text, .received = convscope::Concat(value)});
    }
    std::cout << what << " " << text << "\n";
  }
}

// Runs `program`; an Error becomes a line on standard error.
template <typename Program>
int RunTrainingProgram(int argc, char** argv, Program program) {
  try {
    program(ParseTrainingArguments(argc, argv));
    return 0;
  } catch (const std::exception& error) {
    std::cerr << argv[0] << ": " << error.what() << "\n";
    return 1;
  }
}

#endif  // EXAMPLES_TRAINING_PROGRAM_H_
