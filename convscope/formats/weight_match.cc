#include "convscope/formats/weight_match.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "convscope/base/error.h"
#include "convscope/base/text.h"
#include "convscope/nn/normalization_layers.h"

namespace convscope {
namespace {

bool IsReal(const Tensor& tensor) {
  return tensor.dtype() == DType::kFloat32 || tensor.dtype() == DType::kFloat64;
}

// Digits count as numbers: features.2 before features.10.
bool NaturalLess(std::string_view a, std::string_view b) {
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  size_t i = 0, j = 0;
  while (i < a.size() && j < b.size()) {
    if (!digit(a[i]) || !digit(b[j])) {
      if (a[i] != b[j]) return a[i] < b[j];
      ++i, ++j;
      continue;
    }
    while (i + 1 < a.size() && a[i] == '0' && digit(a[i + 1])) ++i;
    while (j + 1 < b.size() && b[j] == '0' && digit(b[j + 1])) ++j;
    size_t end_a = i, end_b = j;
    while (end_a < a.size() && digit(a[end_a])) ++end_a;
    while (end_b < b.size() && digit(b[end_b])) ++end_b;
    if (end_a - i != end_b - j) return end_a - i < end_b - j;
    const int order = a.substr(i, end_a - i).compare(b.substr(j, end_b - j));
    if (order != 0) return order < 0;
    i = end_a, j = end_b;
  }
  return a.size() - i < b.size() - j;
}

// A name of either side with dots between its parts, without TensorFlow's ":0".
std::string Dotted(std::string_view name) {
  if (name.ends_with(":0")) name.remove_suffix(2);
  std::string dotted(name);
  std::replace(dotted.begin(), dotted.end(), '/', '.');
  return dotted;
}

struct Stored {
  const StoredTensor* tensor;
  std::string module, leaf;  // "features.0", "weight"
  bool taken = false;
};

// How a stored tensor fits a parameter.
struct Fit {
  bool ours = false, torch = false;
};

Fit FitOf(const Tensor& tensor, const WeightPlace& place) {
  if (!IsReal(tensor)) return {};
  return {.ours = tensor.shape() == place.shape || tensor.shape() == place.keras,
          .torch = tensor.shape() == place.torch};
}

class Matcher {
 public:
  Matcher(const Graph& graph, const std::vector<StoredTensor>& stored, std::optional<WeightLayout> layout)
      : layout_(layout), places_(WeightPlaces(graph)) {
    partner_.resize(places_.size());
    for (const StoredTensor& tensor : stored) {
      std::string name = Dotted(tensor.name);
      if (name == "num_batches_tracked" || name.ends_with(".num_batches_tracked")) {
        result_.report.ignored.push_back(tensor.name);
        continue;
      }
      const size_t dot = name.rfind('.');
      stored_.push_back({.tensor = &tensor,
                         .module = dot == std::string::npos ? "" : name.substr(0, dot),
                         .leaf = dot == std::string::npos ? name : name.substr(dot + 1)});
    }
    SortByOrder();
  }

  MatchedWeights Match() && {
    ByName();
    if (!ByPosition()) ByShape();
    Take();
    return std::move(result_);
  }

 private:
  using By = WeightMatch::By;
  struct Partner {
    size_t stored;
    By by;
  };

  // A file in the order of a dictionary has lost that of its network.
  void SortByOrder() {
    const auto plain = [](const Stored& a, const Stored& b) { return a.tensor->name < b.tensor->name; };
    if (!std::is_sorted(stored_.begin(), stored_.end(), plain)) return;
    std::stable_sort(stored_.begin(), stored_.end(), [](const Stored& a, const Stored& b) {
      return a.module != b.module ? NaturalLess(a.module, b.module) : NaturalLess(a.leaf, b.leaf);
    });
  }

  // The names of the file from which `parts` parts at the beginning are left out; none where they do not share them.
  std::optional<std::map<std::string, size_t>> NamesWithout(int parts) const {
    std::map<std::string, size_t> names;
    std::string shared;
    for (size_t i = 0; i < stored_.size(); ++i) {
      std::string name = stored_[i].module.empty() ? stored_[i].leaf : stored_[i].module + "." + stored_[i].leaf;
      size_t begin = 0;
      for (int part = 0; part < parts; ++part) {
        const size_t dot = name.find('.', begin);
        if (dot == std::string::npos) return std::nullopt;
        begin = dot + 1;
      }
      if (i == 0) shared = name.substr(0, begin);
      if (name.compare(0, begin, shared) != 0) return std::nullopt;
      names.emplace(name.substr(begin), i);
    }
    return names;
  }

  void ByName() {
    std::vector<std::optional<size_t>> best(places_.size());
    size_t best_count = 0;
    constexpr int kMostParts = 3;  // "state_dict.model.module."
    for (int parts = 0; parts <= kMostParts; ++parts) {
      const auto names = NamesWithout(parts);
      if (!names) break;
      std::vector<std::optional<size_t>> found(places_.size());
      size_t count = 0;
      std::map<std::string_view, int> seen;  // parameters of each module
      for (size_t i = 0; i < places_.size(); ++i) {
        found[i] = Named(*names, places_[i], seen[places_[i].module]++);
        count += found[i].has_value() ? 1 : 0;
      }
      if (count > best_count) {
        best = found;
        best_count = count;
      }
    }
    for (size_t i = 0; i < places_.size(); ++i) {
      if (!best[i]) continue;
      Stored& stored = stored_[*best[i]];
      if (stored.taken) continue;
      const Fit fit = FitOf(*stored.tensor->tensor, places_[i]);
      if (!fit.ours && !fit.torch) {
        result_.report.misfits.push_back(MatchOf(i, stored, By::kName));
        misfit_modules_.insert(stored.module);
        continue;
      }
      stored.taken = true;
      partner_[i] = {*best[i], By::kName};
    }
  }

  // `number`: of the parameter among those of its module, which is all that Keras 3 calls it by.
  static std::optional<size_t> Named(const std::map<std::string, size_t>& names, const WeightPlace& place, int number) {
    if (const auto found = names.find(Dotted(place.parameter)); found != names.end()) return found->second;
    const std::string module = Dotted(place.module);
    for (const std::string_view leaf : LeafNames(place)) {
      const auto found = names.find(module.empty() ? std::string(leaf) : Concat(module, ".", leaf));
      if (found != names.end()) return found->second;
    }
    if (module.empty()) return std::nullopt;
    const auto found = names.find(Concat(module, ".", number));
    return found == names.end() ? std::nullopt : std::optional(found->second);
  }

  // arr_0, arr_1, ...: one for each parameter, each of its shape.
  bool ByPosition() {
    if (stored_.size() != places_.size()) return false;
    std::set<std::string> stems;
    for (size_t i = 0; i < stored_.size(); ++i) {
      const std::string& leaf = stored_[i].leaf;
      const size_t digits = leaf.find_last_not_of("0123456789") + 1;  // npos + 1 is 0: digits alone
      if (!stored_[i].module.empty() || digits == leaf.size()) return false;
      stems.insert(leaf.substr(0, digits));
      const Fit fit = FitOf(*stored_[i].tensor->tensor, places_[i]);
      if (partner_[i] || (!fit.ours && !fit.torch)) return false;
    }
    if (stems.size() != 1) return false;
    for (size_t i = 0; i < places_.size(); ++i) {
      partner_[i] = {i, By::kOrder};
      stored_[i].taken = true;
    }
    return true;
  }

  // Layers of the graph that have no weights yet, and the modules of the file, each in order.
  void ByShape() {
    std::vector<std::vector<size_t>> layers, modules;
    std::map<std::string, size_t> index;
    for (size_t i = 0; i < places_.size(); ++i) {
      if (partner_[i]) continue;
      const auto [found, added] = index.emplace(places_[i].module, layers.size());
      if (added) layers.emplace_back();
      layers[found->second].push_back(i);
    }
    index.clear();
    for (size_t i = 0; i < stored_.size(); ++i) {
      // What is named as the layer says and does not fit belongs to no other one.
      if (stored_[i].taken || misfit_modules_.contains(stored_[i].module)) continue;
      const auto [found, added] = index.emplace(stored_[i].module, modules.size());
      if (added) modules.emplace_back();
      modules[found->second].push_back(i);
    }
    std::vector<bool> used(modules.size());
    for (const std::vector<size_t>& layer : layers) {
      for (size_t m = 0; m < modules.size(); ++m) {
        if (used[m] || !TakeModule(layer, modules[m])) continue;
        used[m] = true;
        break;
      }
    }
  }

  // Gives each parameter of the layer a tensor of the module: of its shape, and where two have the same, of its name.
  bool TakeModule(const std::vector<size_t>& layer, const std::vector<size_t>& module) {
    if (layer.size() != module.size()) return false;
    std::vector<size_t> chosen;
    const bool numbered = std::all_of(module.begin(), module.end(), [&](size_t i) {
      return stored_[i].leaf.find_first_not_of("0123456789") == std::string::npos;
    });
    for (const size_t place : layer) {
      std::vector<size_t> fitting;
      for (const size_t candidate : module) {
        const Fit fit = FitOf(*stored_[candidate].tensor->tensor, places_[place]);
        if (fit.ours || fit.torch) fitting.push_back(candidate);
      }
      const std::vector<std::string_view> names = LeafNames(places_[place]);
      if (numbered) std::erase_if(fitting, [&](size_t candidate) { return candidate != module[chosen.size()]; });
      const auto named = std::find_if(fitting.begin(), fitting.end(), [&](size_t candidate) {
        return std::find(names.begin(), names.end(), stored_[candidate].leaf) != names.end();
      });
      const size_t found = named != fitting.end() ? *named : fitting.size() == 1 ? fitting[0] : stored_.size();
      if (found == stored_.size() || std::find(chosen.begin(), chosen.end(), found) != chosen.end()) return false;
      chosen.push_back(found);
    }
    for (size_t i = 0; i < layer.size(); ++i) {
      partner_[layer[i]] = {chosen[i], By::kShape};
      stored_[chosen[i]].taken = true;
    }
    return true;
  }

  // Whose layout the file has: what fits in one way alone decides; where nothing does, the names.
  bool IsTorch() const {
    if (layout_) return *layout_ == WeightLayout::kTorch;
    size_t ours = 0, torch = 0, weights = 0, kernels = 0;
    for (size_t i = 0; i < places_.size(); ++i) {
      if (!partner_[i] || places_[i].role == WeightRole::kOther) continue;
      const Stored& stored = stored_[partner_[i]->stored];
      const Fit fit = FitOf(*stored.tensor->tensor, places_[i]);
      if (fit.ours != fit.torch) ++(fit.ours ? ours : torch);
      if (stored.leaf == "weight" || stored.leaf == "running_mean") ++weights;
      if (stored.leaf == "kernel" || stored.leaf == "gamma") ++kernels;
    }
    if ((ours > 0) != (torch > 0)) return torch > 0;
    return weights > kernels;
  }

  WeightMatch MatchOf(size_t place, const Stored& stored, By by) const {
    return {.parameter = places_[place].parameter,
            .stored = stored.tensor->name,
            .shape = places_[place].shape,
            .stored_shape = stored.tensor->tensor->shape(),
            .by = by};
  }

  static SharedTensor AsFloat32(const SharedTensor& tensor) {
    if (tensor->dtype() == DType::kFloat32) return tensor;
    Tensor narrow(tensor->shape());
    const auto from = tensor->view<double>();
    std::transform(from.span().begin(), from.span().end(), narrow.data<float>(),
                   [](double value) { return static_cast<float>(value); });
    return Share(std::move(narrow));
  }

  void Take() {
    const bool torch = IsTorch();
    for (size_t i = 0; i < places_.size(); ++i) {
      const WeightPlace& place = places_[i];
      if (!partner_[i]) {
        result_.report.missing.push_back(place.parameter);
        continue;
      }
      const Stored& stored = stored_[partner_[i]->stored];
      const SharedTensor tensor = AsFloat32(stored.tensor->tensor);
      const Fit fit = FitOf(*tensor, place);
      WeightMatch match = MatchOf(i, stored, partner_[i]->by);
      const bool as_torch = fit.torch && (torch || !fit.ours);
      if (as_torch) {
        match.transposed = place.role == WeightRole::kKernel && place.shape.rank() > 1;
        match.reordered = place.flattened.rank() > 0;
        result_.weights[place.parameter] = Share(FromTorch(*tensor, place));
      } else {
        result_.weights[place.parameter] =
            tensor->shape() == place.shape ? tensor : Share(tensor->Clone().Reshaped(place.shape));
      }
      result_.report.matched.push_back(std::move(match));
    }
    for (const Stored& stored : stored_) {
      if (!stored.taken) result_.report.left_over.push_back(stored.tensor->name);
    }
  }

  std::optional<WeightLayout> layout_;
  std::vector<WeightPlace> places_;
  std::vector<Stored> stored_;
  std::vector<std::optional<Partner>> partner_;  // of each place
  std::set<std::string> misfit_modules_;
  MatchedWeights result_;
};

// "a, b, c and 5 more".
std::string Listed(const std::vector<std::string>& names) {
  constexpr size_t kMost = 4;
  std::string text;
  for (size_t i = 0; i < std::min(names.size(), kMost); ++i) text += Concat(i == 0 ? "" : ", ", names[i]);
  if (names.size() > kMost) text += Concat(" and ", names.size() - kMost, " more");
  return text;
}

}  // namespace

MatchedWeights MatchWeights(const Graph& graph, const std::vector<StoredTensor>& stored,
                            std::optional<WeightLayout> layout) {
  return Matcher(graph, stored, layout).Match();
}

void TakeArguments(const Network& network, MatchedWeights& matched) {
  std::erase_if(matched.report.missing, [&](const std::string& parameter) {
    const NetworkParameter& settings = network.parameters().find(parameter)->second;
    if (!IsToldNormalization(*network.layer(settings.layer).layer)) return false;
    matched.weights[parameter] = Share(InitialValues(settings.initializer, settings.keras_shape, 0, parameter));
    return true;
  });
}

void ExpectAllMatched(const WeightReport& report, const std::string& where) {
  if (report.missing.empty()) return;
  std::string received = Concat("none for ", Listed(report.missing));
  if (!report.misfits.empty()) {
    const WeightMatch& first = report.misfits.front();
    received += Concat("; ", first.stored, " is ", first.stored_shape.ToString(), " where ", first.parameter, " is ",
                       first.shape.ToString());
    if (report.misfits.size() > 1) received += Concat(", and ", report.misfits.size() - 1, " more do not fit");
  }
  if (!report.left_over.empty()) received += Concat("; left over: ", Listed(report.left_over));
  throw Error({.where = where,
               .rule = "a file of weights holds those of every parameter of the network",
               .received = received,
               .fix = "is it of another network, or of another number of classes?"});
}

}  // namespace convscope
