// The built-in architectures, one function each; architectures.h has them by name.
#ifndef CONVSCOPE_NN_INTERNAL_ARCHITECTURE_FAMILY_H_
#define CONVSCOPE_NN_INTERNAL_ARCHITECTURE_FAMILY_H_

#include <string>
#include <vector>

#include "convscope/nn/architectures.h"

namespace convscope::architectures {

Network UdacityFilters(const ArchitectureOptions& options);
Network LeNet(const ArchitectureOptions& options);
Network LeNet5(const ArchitectureOptions& options);
Network AlexNet(const ArchitectureOptions& options);
Network AlexNetTorch(const ArchitectureOptions& options);
Network KerasMnist(const ArchitectureOptions& options);
Network FashionCnn(const ArchitectureOptions& options);
Network Vgg16(const ArchitectureOptions& options);
Network ResNet18(const ArchitectureOptions& options);
Network MobileNetV1(const ArchitectureOptions& options);

// The names of the ten classes of MNIST and Fashion-MNIST; none where the network is made for another number.
std::vector<std::string> DigitNames(int64_t classes);
std::vector<std::string> FashionNames(int64_t classes);

// What networks that learned from ImageNet in PyTorch expect of pictures as the options have them.
Preprocessing TorchImageNet(const ArchitectureOptions& options);

}  // namespace convscope::architectures

#endif  // CONVSCOPE_NN_INTERNAL_ARCHITECTURE_FAMILY_H_
