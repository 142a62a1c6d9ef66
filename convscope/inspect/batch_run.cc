#include "convscope/inspect/batch_run.h"

#include <cstring>
#include <utility>

#include "convscope/base/error.h"
#include "convscope/base/text.h"
#include "convscope/graph/rebuild.h"

namespace convscope {

BatchRun::BatchRun(const Model& model, std::vector<std::string> outputs) : model_(model), outputs_(std::move(outputs)) {
  int inputs = 0;
  for (const GraphTensor& tensor : model.graph().tensors()) {
    if (tensor.role != TensorRole::kInput) continue;
    input_ = tensor.name;
    ++inputs;
  }
  const TensorType type = inputs == 1 ? model.graph()[input_].type : TensorType{};
  if (inputs == 1 && type.shape.rank() == 4 && type.dtype == DType::kFloat32) return;
  throw Error({.where = "model",
               .rule = "a model that is shown pictures has one input, (N, rows, columns, channels) float32",
               .received = inputs == 1 ? type.ToString() : Concat(inputs, " inputs")});
}

void BatchRun::operator()(TensorView<const float> pictures) {
  const Shape& shape = pictures.shape();
  const Shape& wanted = model_.graph()[input_].type.shape;
  for (int axis = 1; axis < 4; ++axis) {
    if (shape[axis] == wanted[axis]) continue;
    throw Error({.where = "pictures",
                 .rule = Concat("the model takes pictures of ", wanted[1], " rows, ", wanted[2], " columns and ",
                                wanted[3], " channels"),
                 .received = Concat(shape[1], ", ", shape[2], " and ", shape[3])});
  }
  auto found = prepared_.find(shape[0]);
  if (found == prepared_.end()) {
    Model batched(Rebuild(model_.graph(), {.batch = shape[0]}).builder.Build(), model_.parameters());
    found =
        prepared_.emplace(shape[0], Prepared{.run = Run(batched, outputs_), .input = std::make_shared<Tensor>(shape)})
            .first;
  }
  last_ = &found->second;
  std::memcpy(last_->input->bytes(), pictures.data(), static_cast<size_t>(last_->input->SizeInBytes()));
  last_->run({{input_, last_->input}});
}

const Tensor& BatchRun::operator[](std::string_view output) const {
  if (last_ == nullptr) throw Error({.where = "run", .rule = "it is called before its outputs are asked for"});
  return last_->run[output];
}

}  // namespace convscope
