#include "convscope/inspect/data_pass.h"

#include <algorithm>
#include <cstring>
#include <memory>

#include "convscope/base/error.h"
#include "convscope/base/text.h"
#include "convscope/graph/only_input.h"
#include "convscope/graph/rebuild.h"
#include "convscope/graph/run.h"
#include "convscope/inspect/affordable_batch.h"

namespace convscope {
namespace {

constexpr int64_t kMostBatch = 64, kBatchBytes = 16 << 20;

std::string InputFor(const Graph& graph, const Dataset& data) {
  const std::string input =
      OnlyPictureInput(graph, {.where = "model",
                               .rule = "a model that is run over pictures has one input, (N, rows, columns, channels) "
                                       "float32"});
  const TensorType& type = graph[input].type;
  if (Shape{type.shape[1], type.shape[2], type.shape[3]} == data.shape()) return input;
  throw Error({.where = "input " + input,
               .rule = Concat("the pictures of ", data.name(), " are ", data.shape().ToString()),
               .received = Concat("a model for ", type.ToString()),
               .fix = "use a model and data of the same size and number of channels"});
}

int64_t BatchFor(const Graph& graph, const std::vector<std::string>& names) {
  int64_t bytes = 0;  // of a picture
  for (const std::string& name : names) {
    const TensorType& type = graph[name].type;
    bytes += type.SizeInBytes() / std::max<int64_t>(1, type.shape.rank() > 0 ? type.shape[0] : 1);
  }
  const int64_t most = std::clamp<int64_t>(kBatchBytes / std::max<int64_t>(1, bytes), 1, kMostBatch);
  return AffordableBatch(graph, most);
}

// The model made ready for batches of one size.
class ReadyModel {
 public:
  ReadyModel(const Model& model, const std::string& input, const std::vector<std::string>& names, int64_t size)
      : size_(size),
        input_(input),
        model_(Rebuild(model.graph(), {.batch = size}).builder.Build(), model.parameters()),
        run_(model_, names),
        pictures_(std::make_shared<Tensor>(model_.graph()[input].type.shape)) {
    for (const std::string& name : names) {
      const TensorType& type = model_.graph()[name].type;
      if (type.dtype == DType::kFloat32 && type.shape.rank() >= 1 && type.shape[0] == size) continue;
      throw Error({.where = name,
                   .rule = "a tensor that is looked at for each picture is float32, its first axis the picture",
                   .received = Concat(type.ToString(), " in a batch of ", size)});
    }
  }

  int64_t size() const { return size_; }

  std::vector<const Tensor*> operator()(TensorView<const float> images, const std::vector<std::string>& names) {
    std::memcpy(pictures_->bytes(), images.data(), static_cast<size_t>(pictures_->SizeInBytes()));
    run_({{input_, pictures_}});
    std::vector<const Tensor*> tensors;
    for (const std::string& name : names) tensors.push_back(&run_[name]);
    return tensors;
  }

 private:
  int64_t size_;
  std::string input_;
  Model model_;
  Run run_;
  std::shared_ptr<Tensor> pictures_;
};

}  // namespace

void PassOver(const Model& model, const Dataset& data, const std::vector<std::string>& names,
              const DataPassOptions& options, const TakeBatch& take) {
  const Graph& graph = model.graph();
  const std::string input = InputFor(graph, data);
  const int64_t batch_size = options.batch_size > 0 ? options.batch_size : BatchFor(graph, names);
  Batches batches(data, {.batch_size = batch_size, .shuffle = false, .scaling = options.scaling});
  std::unique_ptr<ReadyModel> run;  // another for the last batch, where that has fewer
  for (bool last = false; !last;) {
    const Batch& batch = batches.Next();
    last = batch.last;
    const auto size = static_cast<int64_t>(batch.labels.size());
    Report(options.progress, options.what,
           static_cast<double>(batch.number) / static_cast<double>(batches.per_epoch()));
    if (!run || run->size() != size) {
      run.reset();  // before the next takes memory
      run = std::make_unique<ReadyModel>(model, input, names, size);
    }
    take(batch, (*run)(batch.images, names));
  }
}

}  // namespace convscope
