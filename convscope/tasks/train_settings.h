// Everything that a training depends on, as it stands on a command line and in a run folder's run.json.
#ifndef CONVSCOPE_TASKS_TRAIN_SETTINGS_H_
#define CONVSCOPE_TASKS_TRAIN_SETTINGS_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "convscope/train/schedule.h"

namespace convscope {

struct TrainSettings {
  std::string model;                    // as OpenModel takes it
  std::string weights;                  // of a file of their own to begin with; may be empty
  bool partial_weights = false;         // they may leave parameters out
  std::string data;                     // as OpenData takes it
  std::string data_folder;              // where named data sets lie at hand; may be empty
  std::string size;                     // of the pictures of folders, see ParsePictureSize; may be empty
  bool grey = false, rgb = false;       // how those are read, see ColourOf
  std::optional<double> test_fraction;  // of what has one part alone, see OpenDataOptions
  int64_t epochs = 5;                   // in all
  int64_t batch_size = 32;              // pictures a step
  uint64_t seed = 1;                    // of weights, order, augmentation and dropout
  std::string optimizer = "adam";       // as ParseOptimizer takes it
  std::string schedule = "constant";    // as ParseSchedule takes it
  int64_t warmup = 0;                   // steps from a learning rate of 0 to the whole one
  std::string loss = "sparse_categorical_crossentropy";  // as ParseLoss takes it
  bool from_logits = false;                              // the cross-entropies: of scores without their softmax
  double label_smoothing = 0;
  std::string validation = "test";  // "test", "none", or the part of the training pictures that is held back: "0.1"
  bool balance_classes = false;     // each class counts as much as the others, however many pictures it has
  double shift = 0, rotate = 0, zoom = 0, noise = 0;  // see Augmentation
  bool flip = false;                                  // left and right
  int64_t early_stopping = 0;                         // epochs without a better validation loss; 0: never
  int64_t reduce_on_plateau = 0;       // epochs without one until the learning rate falls to a tenth; 0: never
  int64_t checkpoint_steps = 500;      // steps between checkpoints within an epoch; 0: none
  int64_t snapshot_every = 20;         // steps between snapshots of the tensors below
  std::vector<std::string> snapshots;  // names of tensors

  bool operator==(const TrainSettings&) const = default;
};

// Throws Error naming the first number that is out of its range: epochs and pictures a step are at least 1, counts of
// steps at least 0. What optimizer, schedule, loss and augmentation say is for those who read it.
void Check(const TrainSettings& settings);

// What a schedule's text is made of, for those who offer a choice: NAME:SETTING:SETTING, with these to begin with.
struct ScheduleForm {
  struct Setting {
    std::string_view name;
    double standard;
    bool optional = false;
  };
  std::string_view name;
  std::vector<Setting> settings;
};
std::span<const ScheduleForm> ScheduleForms();

// "constant", "step:STEPS:FACTOR", "exponential:STEPS:FACTOR", "cosine:STEPS[:ALPHA]"; throws Error naming `where`.
Schedule ParseSchedule(const std::string& text, int64_t warmup_steps, const std::string& where);

// As one JSON object, a member a field, and back. Throws Error naming `where` for a member of another type.
std::string SettingsJson(const TrainSettings& settings);
TrainSettings ParseSettings(const std::string& json, const std::string& where);

}  // namespace convscope

#endif  // CONVSCOPE_TASKS_TRAIN_SETTINGS_H_
