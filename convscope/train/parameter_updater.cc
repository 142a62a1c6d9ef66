#include "convscope/train/parameter_updater.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <utility>

#include "convscope/base/error.h"
#include "convscope/base/parallel.h"
#include "convscope/base/text.h"
#include "convscope/kernels/reference/parameter_update.h"

namespace convscope {
namespace {

// Fixed, so that sums over pieces do not depend on the number of threads: some microseconds of work.
constexpr int64_t kPiece = int64_t{1} << 14;

void Fill(Tensor& tensor, double value) {
  if (tensor.dtype() == DType::kFloat64) {
    std::fill_n(tensor.data<double>(), tensor.size(), value);
  } else {
    std::fill_n(tensor.data(), tensor.size(), static_cast<float>(value));
  }
}

template <typename T>
double Squares(const Tensor& gradient, int64_t begin, int64_t end) {
  if constexpr (std::is_same_v<T, float>) return SumOfSquares(gradient.data() + begin, end - begin);
  return reference::SumOfSquares(gradient.data<T>() + begin, end - begin);
}

template <typename T>
bool Move(const ParameterUpdate& update, const Tensor& gradient, Tensor& parameter, std::span<Tensor* const> states,
          int64_t begin, int64_t end) {
  std::array<T*, kMostUpdateStates> places{};
  for (size_t i = 0; i < states.size(); ++i) places[i] = states[i]->data<T>() + begin;
  const T* from = gradient.data<T>() + begin;
  T* to = parameter.data<T>() + begin;
  if constexpr (std::is_same_v<T, float>) return UpdateParameter(update, from, to, places.data(), end - begin);
  return reference::UpdateParameter(update, from, to, places.data(), end - begin);
}

// What shortens a gradient of this norm to `most`.
double ScaleTo(double most, double norm) {
  // Not norm > most: a norm that is not a number must show in the result.
  return norm <= most ? 1 : most / norm;
}

}  // namespace

ParameterUpdater::ParameterUpdater(Optimizer optimizer,
                                   const std::map<std::string, TensorType, std::less<>>& parameters)
    : optimizer_(std::move(optimizer)) {
  Check(optimizer_);
  const std::vector<std::string_view> state_names = UpdateOf(optimizer_, 1, 1).StateNames();
  for (const auto& [name, type] : parameters) {
    if (type.dtype != DType::kFloat32 && type.dtype != DType::kFloat64) {
      throw Error(
          {.where = "parameter " + name, .rule = "what learns is float32 or float64", .received = type.ToString()});
    }
    std::vector<Tensor*>& states = states_of_.emplace_back();
    for (const std::string_view state : state_names) {
      Tensor& tensor = states_.emplace(Concat(name, '/', state), Tensor(type.shape, type.dtype)).first->second;
      Fill(tensor, InitialState(optimizer_));
      states.push_back(&tensor);
    }
    const int64_t count = type.shape.NumElements();
    for (int64_t begin = 0; begin < count; begin += kPiece) {
      pieces_.push_back({.parameter = names_.size(), .begin = begin, .end = std::min(begin + kPiece, count)});
    }
    names_.push_back(name);
    dtypes_.push_back(type.dtype);
  }
  piece_squares_.resize(pieces_.size());
  piece_finite_.resize(pieces_.size());
  scales_.resize(names_.size());
}

void ParameterUpdater::MeasureNorms(std::span<const Moved> moved, std::vector<double>& scales) {
  const GradientClipping clipping = Clipping(optimizer_);
  std::fill(scales.begin(), scales.end(), 1);
  if (clipping.norm == 0 && clipping.global_norm == 0) return;
  ParallelRanges(static_cast<int64_t>(pieces_.size()), 4, [&](int64_t first, int64_t last) {
    for (int64_t i = first; i < last; ++i) {
      const Piece& piece = pieces_[static_cast<size_t>(i)];
      const Tensor& gradient = *moved[piece.parameter].gradient;
      piece_squares_[static_cast<size_t>(i)] = dtypes_[piece.parameter] == DType::kFloat64
                                                   ? Squares<double>(gradient, piece.begin, piece.end)
                                                   : Squares<float>(gradient, piece.begin, piece.end);
    }
  });
  std::fill(scales.begin(), scales.end(), 0);
  double all = 0;
  for (size_t i = 0; i < pieces_.size(); ++i) {
    scales[pieces_[i].parameter] += piece_squares_[i];
    all += piece_squares_[i];
  }
  for (double& scale : scales) {
    scale =
        clipping.norm > 0 ? ScaleTo(clipping.norm, std::sqrt(scale)) : ScaleTo(clipping.global_norm, std::sqrt(all));
  }
}

std::string ParameterUpdater::Step(std::span<const Moved> moved, double learning_rate) {
  const ParameterUpdate update = UpdateOf(optimizer_, ++steps_, learning_rate);
  MeasureNorms(moved, scales_);
  ParallelRanges(static_cast<int64_t>(pieces_.size()), 2, [&](int64_t first, int64_t last) {
    for (int64_t i = first; i < last; ++i) {
      const Piece& piece = pieces_[static_cast<size_t>(i)];
      ParameterUpdate own = update;
      own.gradient_scale = scales_[piece.parameter];
      const auto& [parameter, gradient] = moved[piece.parameter];
      const std::vector<Tensor*>& states = states_of_[piece.parameter];
      piece_finite_[static_cast<size_t>(i)] =
          dtypes_[piece.parameter] == DType::kFloat64
              ? Move<double>(own, *gradient, *parameter, states, piece.begin, piece.end)
              : Move<float>(own, *gradient, *parameter, states, piece.begin, piece.end);
    }
  });
  for (size_t i = 0; i < pieces_.size(); ++i) {
    if (piece_finite_[i] == 0) return names_[pieces_[i].parameter];
  }
  return "";
}

void ParameterUpdater::Restore(int64_t steps, const NamedTensors& states) {
  const std::string where = Concat("state of the optimizer ", Name(optimizer_));
  if (steps < 0) throw Error({.where = where, .rule = "steps are counted from 0", .received = std::to_string(steps)});
  for (const auto& [name, own] : states_) {
    const auto found = states.find(name);
    const TensorType wanted{own.shape(), own.dtype()};
    const TensorType given =
        found == states.end() ? TensorType{} : TensorType{found->second->shape(), found->second->dtype()};
    if (found == states.end() || wanted != given) {
      throw Error({.where = where,
                   .rule = Concat("it has ", name, " ", wanted.ToString()),
                   .received = found == states.end() ? "none of this name" : given.ToString(),
                   .fix = "resume with the network and the optimizer that the state was saved with"});
    }
  }
  if (states.size() != states_.size()) {
    const auto other =
        std::find_if(states.begin(), states.end(), [&](const auto& entry) { return !states_.contains(entry.first); });
    throw Error({.where = where,
                 .rule = "it has no state of this name",
                 .received = other->first,
                 .fix = "resume with the network and the optimizer that the state was saved with"});
  }
  for (auto& [name, own] : states_) {
    std::memcpy(own.bytes(), states.find(name)->second->bytes(), static_cast<size_t>(own.SizeInBytes()));
  }
  steps_ = steps;
}

}  // namespace convscope
