#include "convscope/nn/architectures.h"

#include <algorithm>
#include <array>

#include "convscope/base/error.h"
#include "convscope/base/text.h"
#include "convscope/nn/internal/architecture_family.h"

namespace convscope {

std::span<const Architecture> Architectures() {
  static constexpr std::array kAll = {
      Architecture{"udacity-filters", "four 4x4 filters of an edge, and ReLU", architectures::UdacityFilters, false},
      Architecture{"lenet", "two 5x5 convolutions of 4 and 6 filters, tanh, 1024 units, dropout", architectures::LeNet},
      Architecture{"lenet-5", "LeCun, Bottou, Bengio and Haffner 1998, on 28x28 digits", architectures::LeNet5},
      Architecture{"alexnet",
                   "Krizhevsky, Sutskever and Hinton 2012: 227x227, two groups, local response normalization",
                   architectures::AlexNet},
      Architecture{"alexnet-torch", "AlexNet as torchvision has it: 224x224, no groups (Krizhevsky 2014)",
                   architectures::AlexNetTorch},
      Architecture{"keras-mnist", "two 3x3 convolutions of 32 and 16 filters, for digits", architectures::KerasMnist},
      Architecture{"fashion-cnn", "two 3x3 convolutions of 64 filters, 128 units, for clothes",
                   architectures::FashionCnn},
      Architecture{"vgg16", "Simonyan and Zisserman 2014: thirteen 3x3 convolutions", architectures::Vgg16},
      Architecture{"resnet18", "He, Zhang, Ren and Sun 2015: eight residual blocks", architectures::ResNet18},
      Architecture{"mobilenet-v1", "Howard et al. 2017: thirteen depthwise separable convolutions",
                   architectures::MobileNetV1},
  };
  return kAll;
}

std::vector<std::string> ArchitectureNames() {
  std::vector<std::string> names;
  for (const Architecture& architecture : Architectures()) names.emplace_back(architecture.name);
  return names;
}

const Architecture* FindArchitecture(std::string_view name) {
  const auto all = Architectures();
  const auto found = std::find_if(all.begin(), all.end(), [&](const Architecture& one) { return one.name == name; });
  return found == all.end() ? nullptr : &*found;
}

Network MakeArchitecture(std::string_view name, const ArchitectureOptions& options) {
  if (const Architecture* const architecture = FindArchitecture(name)) {
    if (options.classes && *options.classes < 1) {
      throw Error({.where = Concat("network ", name),
                   .rule = "a network tells at least 1 class",
                   .received = std::to_string(*options.classes)});
    }
    return architecture->make(options);
  }
  std::string all;
  for (const std::string& known : ArchitectureNames()) all += (all.empty() ? "there are: " : ", ") + known;
  const std::string near = DidYouMean(name, ArchitectureNames());
  throw Error({.where = "network",
               .rule = "a built-in network must be one that exists",
               .received = Concat('"', name, '"'),
               .fix = near.empty() ? all : near});
}

}  // namespace convscope
