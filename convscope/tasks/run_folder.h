// The folder that a training leaves: what is in it, and how it is read again.
//
//   run.json       settings, versions, machine, data, state and results; written as it begins, after each epoch, at the
//                  end
//   model.onnx     the network with its weights and the rules of its training: as it begins, of each checkpoint, at the
//                  end
//   best.onnx      the same after the epoch with the lowest validation loss, where there was a validation
//   checkpoint     what `train --resume` goes on from: weights, optimizer, callbacks, place in the data
//   history.csv    one line an epoch
//   curves.png, confusion.png
//   snapshots/     STEP.TENSOR.npy
#ifndef CONVSCOPE_TASKS_RUN_FOLDER_H_
#define CONVSCOPE_TASKS_RUN_FOLDER_H_

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "convscope/tasks/train_settings.h"
#include "convscope/train/history.h"

namespace convscope {

struct RunFolder {
  std::filesystem::path path;

  std::filesystem::path record() const { return path / "run.json"; }
  std::filesystem::path model() const { return path / "model.onnx"; }
  std::filesystem::path best() const { return path / "best.onnx"; }
  std::filesystem::path checkpoint() const { return path / "checkpoint"; }
  std::filesystem::path history() const { return path / "history.csv"; }
  std::filesystem::path curves() const { return path / "curves.png"; }
  std::filesystem::path confusion() const { return path / "confusion.png"; }
  std::filesystem::path snapshots() const { return path / "snapshots"; }

  // Whether there is a run.json, be it readable or not.
  bool HasRun() const;
};

struct RunRecord {
  TrainSettings settings;
  // "running", "finished", "stopped: why", "interrupted", "failed: why"; "broken off" as it is read, where run.json
  // says "running" and no process trains it any more (RunLock).
  std::string state;
  std::string data;  // where the data were read from, an absolute path
  int64_t train_pictures = 0, test_pictures = 0;
  int64_t parameters = 0;
  int64_t epochs = 0;  // done, in all, when the last checkpoint was saved
  int64_t steps = 0;   // the same, those of an unfinished epoch included; 0 in runs of old, which do not tell it
  double seconds = 0;  // of them
  std::optional<double> test_loss, test_accuracy;
};

// Writes run.json, with the versions of convscope and its libraries and what is known of the machine; the folder must
// exist.
void WriteRunRecord(const RunFolder& folder, const RunRecord& record);

// Throws Error when the folder holds no run or its run.json is damaged.
RunRecord ReadRunRecord(const RunFolder& folder);

// The history that the folder's checkpoint holds.
History ReadRunHistory(const RunFolder& folder);

struct FoundFolder {
  std::filesystem::path path;
  std::string problem;  // why its insides are not known; empty: it has a run
};

// The folders below `folder`, itself included, that have a run.json, and those that cannot be read, in alphabetical
// order; links are not followed. Throws Error when `folder` is none.
std::vector<FoundFolder> FindRuns(const std::filesystem::path& folder);

}  // namespace convscope

#endif  // CONVSCOPE_TASKS_RUN_FOLDER_H_
