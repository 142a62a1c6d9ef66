// What a layer looks like at a moment of a training: its filters, their gradient, and its maps of one test picture; of
// a training that goes on, of a snapshot, or of its end. As the bytes of a safetensors file, for a page that draws.
#ifndef CONVSCOPE_TASKS_LEARNING_VIEW_H_
#define CONVSCOPE_TASKS_LEARNING_VIEW_H_

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "convscope/base/progress.h"
#include "convscope/graph/named_tensors.h"
#include "convscope/tasks/open_data.h"
#include "convscope/tasks/open_model.h"
#include "convscope/tasks/run_folder.h"

namespace convscope {

struct LearningMoment {
  int64_t step = 0;         // steps that are done
  NamedTensors parameters;  // of the whole network
  NamedTensors gradients;   // of the step that led here, under the parameters' names; those that are known
};

struct LearningLook {
  std::string layer;   // a computed tensor with rows and columns; empty: the first that has filters
  int64_t sample = 0;  // a test picture
};

class LearningView {
 public:
  // Of the network and the data of a run; `bundled` as in TrainRequest. Throws what OpenModel and OpenData throw.
  LearningView(const RunFolder& run, const std::filesystem::path& bundled, const Progress& progress = {});

  // The kernel (R, S, C, F) whose gradient a look at a layer shows; none where the layer has no such parameter. Throws
  // Error for a layer that there is not.
  std::optional<std::string> KernelOf(const LearningLook& look) const;

  // Moments that the folder has kept: after so many steps, each with all parameters, as the run goes on.
  std::vector<int64_t> Snapshots() const;
  LearningMoment Snapshot(int64_t step) const;  // throws Error where there is none
  LearningMoment Latest() const;                // model.onnx, as it is now

  // Float32 tensors: "picture" (H, W, C), 0 to 1; "maps" (rows, columns, channels), at most 64 channels and 64 rows and
  // columns, thinned by every n-th value where there are more; "kernel" and "gradient" (R, S, C, F), at most 8 channels
  // and 64 filters; "scores" (classes). In the metadata, under "report", JSON: "step"; "layer"; "layers", each with
  // "name", "shape" and whether it has "filters"; "kernel", its "name" and whole "shape"; "maps", the whole "shape",
  // the thinning "step", ValueRange and "signs"; "classes", "label"; "samples", how many there are; "snapshots". Throws
  // Error for a layer or a sample that there is not.
  std::string Bytes(const LearningMoment& moment, const LearningLook& look) const;

 private:
  struct Layer {
    std::string name;
    Shape shape;                        // (1, H, W, C)
    std::optional<std::string> kernel;  // parameter
  };
  const Layer& Find(const LearningLook& look) const;

  RunFolder run_;
  OpenedModel model_;
  std::optional<OpenedData> data_;
  std::vector<Layer> layers_;
};

}  // namespace convscope

#endif  // CONVSCOPE_TASKS_LEARNING_VIEW_H_
