// convscope train: parses, calls, prints.
#include <atomic>
#include <csignal>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "command.h"
#include "convscope/base/error.h"
#include "convscope/tasks/output_place.h"
#include "convscope/tasks/train_network.h"
#include "convscope/tasks/train_report.h"
#include "data_folder.h"
#include "model_remarks.h"
#include "progress_line.h"
#include "training_bar.h"

namespace convscope::cli {
namespace {

struct Arguments {
  TrainSettings settings;
  std::string out, resume;
  bool json = false;
  CLI::Option* epochs = nullptr;
  std::vector<CLI::Option*> fixed;  // those that a run that goes on has from its beginning
};

// The first Ctrl-C ends the training after its step; the second ends the program, as it would without a training.
class InterruptAfterStep {
 public:
  InterruptAfterStep() {
    struct sigaction action {};
    action.sa_handler = Handle;
    for (size_t i = 0; i < std::size(kSignals); ++i) {
      sigaction(kSignals[i], &action, &before_[i]);
      // What was ignored before (nohup) stays ignored.
      if (before_[i].sa_handler == SIG_IGN) sigaction(kSignals[i], &before_[i], nullptr);
    }
  }
  ~InterruptAfterStep() { Restore(); }

  const std::atomic<bool>& interrupted() const { return interrupted_; }
  int exit_code() const { return 128 + signal_; }

 private:
  static constexpr int kSignals[] = {SIGINT, SIGTERM};

  // Calls only async-signal-safe functions, as a handler must.
  static void Handle(int signal) {
    if (!interrupted_.exchange(true)) {
      signal_ = signal;
      return;
    }
    // Held back while this handler runs; the one from before is called when it has returned.
    Restore();
    std::raise(signal);
  }
  static void Restore() {
    for (size_t i = 0; i < std::size(kSignals); ++i) sigaction(kSignals[i], &before_[i], nullptr);
  }

  static inline std::atomic<bool> interrupted_ = false;
  static inline volatile std::sig_atomic_t signal_ = 0;
  static inline struct sigaction before_[2]{};
};

void RunTrain(const Arguments& arguments) {
  for (const CLI::Option* option : arguments.fixed) {
    if (arguments.resume.empty() || option->count() == 0) continue;
    throw CLI::ValidationError("--resume", "a run goes on with the settings that it began with, " + option->get_name() +
                                               " included; --epochs alone may be another");
  }
  if (arguments.resume.empty()) {
    if (arguments.settings.model.empty()) throw CLI::RequiredError("MODEL");
    if (arguments.settings.data.empty()) throw CLI::RequiredError("--data");
    if (arguments.out.empty()) throw CLI::RequiredError("--out");
    CheckOutputFolder(arguments.out);
  }
  ProgressLine progress;
  TrainingBar bar;
  const InterruptAfterStep until_here;
  ModelChoice remarks;
  TellRemarksOf(remarks, true);
  OpensModels();
  TrainRequest request{.settings = arguments.settings,
                       .folder = arguments.resume.empty() ? arguments.out : arguments.resume,
                       .resumed_epochs = arguments.epochs->count() > 0 ? arguments.settings.epochs : 0,
                       .bundled = PlacesOfData("").bundled,
                       .cancel = &until_here.interrupted(),
                       .progress = progress.callback(),
                       .tell = remarks.tell};
  request.started = [&](const TrainingStart& start) {
    progress.Pause();
    bar.Start(start);
  };
  request.after_step = [&](const StepRecord& step) { bar.AfterStep(step); };
  request.after_epoch = [&](const EpochRecord& epoch) { bar.AfterEpoch(epoch); };
  const TrainOutcome outcome = arguments.resume.empty() ? Train(request) : Resume(request);
  progress.Pause();
  Print(arguments.json ? WithModelRemarks(TrainReportJson(outcome, request.folder))
                       : TrainReportText(outcome, request.folder));
  // What was saved and how to go on has been said.
  if (outcome.interrupted) throw CLI::RuntimeError(until_here.exit_code());
}

}  // namespace

void AddTrainCommand(CLI::App& app) {
  CLI::App* command = app.add_subcommand("train", "Train a network into a run folder");
  command->footer(
      "Ctrl-C stops after the step and saves; --resume goes on, bit for bit as if never interrupted.\n\n"
      "Examples:\n"
      "  convscope train fashion-cnn --data fashion-mnist-small --out runs/first\n"
      "  convscope train network.json --data photos/ --size 64 --epochs 20 --optimizer sgd:momentum=0.9 --out "
      "runs/cats\n"
      "  convscope train --resume runs/first");
  auto arguments = std::make_shared<Arguments>();
  TrainSettings& s = arguments->settings;
  command
      ->add_option(
          "MODEL", s.model,
          "A built-in network (convscope summary --help lists them); a run folder or an .onnx, .keras or .h5 file, to "
          "go on from its weights; or a .json file of Keras layers")
      ->type_name("");
  command
      ->add_option("--weights", s.weights,
                   "Begin with these, of PyTorch, Keras or convscope: a .safetensors, .npz, .keras or .h5 file")
      ->type_name("FILE");
  command->add_flag("--partial", s.partial_weights, "Parameters that they leave out begin as random numbers")
      ->needs("--weights");
  command->add_option("--data", s.data, "A name (convscope data list) or a path, as in convscope data show")
      ->type_name("DATA");
  command->add_option("--out", arguments->out, "The run folder, new: model.onnx, history.csv, run.json, curves, ...")
      ->type_name("DIR");
  command
      ->add_option("--resume", arguments->resume,
                   "Go on with this run; its settings are those it began with, but for --epochs")
      ->type_name("RUN");
  command->add_flag("--json", arguments->json, "Print the result as JSON");

  const std::string learning = "Learning";
  const auto option = [&](const char* name, auto& value, const char* what, const std::string& group) {
    return command->add_option(name, value, what)->capture_default_str()->group(group);
  };
  arguments->epochs = option("--epochs", s.epochs, "Passes over the training pictures, in all", learning);
  arguments->epochs->check(AtLeast(1));
  option("--batch-size", s.batch_size, "Pictures a step", learning)->check(AtLeast(1));
  option("--seed", s.seed, "Of weights, order, augmentation and dropout", learning)->check(AtLeast(0));
  option("--optimizer", s.optimizer,
         "sgd, adagrad, adadelta, rmsprop, adam or adamw, with settings: sgd:learning_rate=0.1,momentum=0.9", learning);
  option("--schedule", s.schedule,
         "Of the learning rate: constant, step:STEPS:FACTOR, exponential:STEPS:FACTOR, cosine:STEPS[:ALPHA]", learning);
  option("--warmup", s.warmup, "Steps in which the learning rate rises from 0", learning)->check(AtLeast(0));
  option("--loss", s.loss,
         "sparse_categorical_crossentropy, categorical_crossentropy, binary_crossentropy, mean_squared_error, "
         "mean_absolute_error, huber[:DELTA], hinge or kl_divergence",
         learning);
  command
      ->add_flag("--from-logits", s.from_logits,
                 "Make a crossentropy of scores: for a network that does not end in a softmax or a sigmoid")
      ->group(learning);
  option("--label-smoothing", s.label_smoothing, "Part of the target that is shared by all classes", learning);
  command->add_flag("--balance-classes", s.balance_classes, "Each class counts as much as the others")->group(learning);

  const std::string data = "Data";
  option("--validation", s.validation, "After each epoch: test, none, or a part of the training pictures (0.1)", data);
  AddDataFolderOption(*command, s.data_folder)->group(data);
  option("--size", s.size, "Of pictures from folders: N or ROWS,COLUMNS", data);
  command->add_option("--test-fraction", s.test_fraction, "Split off for testing, where there is no such part [0.2]")
      ->check(CLI::Range(0.0, 1.0))
      ->group(data);
  AddColourFlags(*command, s.grey, s.rgb, data, "pictures from folders");
  option("--shift", s.shift, "Move training pictures by up to this part of their size", data);
  option("--rotate", s.rotate, "Turn them by up to so many degrees", data);
  option("--zoom", s.zoom, "Make them up to this part larger or smaller", data);
  option("--noise", s.noise, "Add noise of this standard deviation (white is 1)", data);
  command->add_flag("--flip", s.flip, "Swap left and right in half of them")->group(data);

  const std::string watching = "Watching";
  option("--early-stopping", s.early_stopping, "Stop after N epochs without a better validation loss; 0: never",
         watching)
      ->check(AtLeast(0));
  option("--reduce-on-plateau", s.reduce_on_plateau, "A tenth of the learning rate after N such epochs; 0: never",
         watching)
      ->check(AtLeast(0));
  option("--checkpoint-steps", s.checkpoint_steps, "Steps between checkpoints within an epoch; 0: none", watching)
      ->check(AtLeast(0));
  CLI::Option* snapshot =
      command
          ->add_option("--snapshot", s.snapshots,
                       "Tensors to save while learning, by name (gradients: gradient/NAME; parameters: all of them)")
          ->delimiter(',')
          ->type_name("NAME[,NAME...]")
          ->group(watching);
  CLI::Option* every = command->add_option("--snapshot-every", s.snapshot_every, "Steps between snapshots")
                           ->capture_default_str()
                           ->check(AtLeast(1))
                           ->group(watching);
  every->needs(snapshot);
  for (CLI::Option* each : command->get_options()) {
    const std::string name = each->get_name();
    if (name != "--resume" && name != "--epochs" && name != "--json" && name != "--help") {
      arguments->fixed.push_back(each);
    }
  }
  command->callback([arguments] { RunTrain(*arguments); });
}

}  // namespace convscope::cli
