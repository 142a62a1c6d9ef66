// The data sets that are known by name: what is in them, where they come from, and under which licence.
//
// Not here: whether they are on this machine (data_places.h), getting them (fetch.h), reading them (load_dataset.h).
#ifndef CONVSCOPE_DATASETS_NAMED_DATASET_H_
#define CONVSCOPE_DATASETS_NAMED_DATASET_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "convscope/tensor/shape.h"

namespace convscope {

struct PublishedFile {
  std::string name;
  std::string md5;    // as its publisher, or torchvision, lists it
  int64_t bytes = 0;  // about; for progress, and to stop a download that cannot be it
};

struct NamedDataset {
  std::string name;         // "fashion-mnist": also of its folder
  std::string title;        // "Fashion-MNIST"
  std::string description;  // one sentence
  std::string credit;       // who made it
  std::string licence;      // its name, or that there is none
  std::string homepage;
  std::vector<std::string> mirrors;  // addresses that a file's name is put after, the first to be tried first
  std::vector<PublishedFile> files;  // none: it comes with convscope
  Shape shape;                       // of a picture, (H, W, C)
  int64_t train = 0, test = 0;       // pictures
  std::vector<std::string> class_names;
  std::string torchvision_folder;  // where torchvision keeps the same files: "FashionMNIST/raw"; may be empty

  bool bundled() const { return files.empty(); }
  int64_t bytes() const;  // of all files
};

// mnist, fashion-mnist, fashion-mnist-small, kmnist, cifar-10.
std::span<const NamedDataset> NamedDatasets();

// The one of that name; null when there is none.
const NamedDataset* FindNamedDataset(std::string_view name);

}  // namespace convscope

#endif  // CONVSCOPE_DATASETS_NAMED_DATASET_H_
