#include "convscope/datasets/named_dataset.h"

#include <algorithm>
#include <array>

namespace convscope {
namespace {

const std::vector<std::string> kDigits = {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"};
const std::vector<std::string> kClothes = {"T-shirt/top", "Trouser", "Pullover", "Dress", "Coat",
                                           "Sandal",      "Shirt",   "Sneaker",  "Bag",   "Ankle boot"};

// The four files of MNIST and of the sets that follow it.
std::vector<PublishedFile> IdxFiles(const std::array<PublishedFile, 4>& files) {
  constexpr const char* kNames[] = {"train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz",
                                    "t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"};
  std::vector<PublishedFile> named(files.begin(), files.end());
  for (size_t i = 0; i < named.size(); ++i) named[i].name = kNames[i];
  return named;
}

std::vector<NamedDataset> Table() {
  return {
      {.name = "mnist",
       .title = "MNIST",
       .description = "handwritten digits",
       .credit = "Y. LeCun, C. Cortes, C. J. C. Burges",
       .licence = "CC BY-SA 3.0",
       .homepage = "http://yann.lecun.com/exdb/mnist/",
       .mirrors = {"https://ossci-datasets.s3.amazonaws.com/mnist/",
                   "https://storage.googleapis.com/cvdf-datasets/mnist/"},
       .files = IdxFiles({{{.md5 = "f68b3c2dcbeaaa9fbdd348bbdeb94873", .bytes = 9912422},
                           {.md5 = "d53e105ee54ea40749a09fcbcd1e9432", .bytes = 28881},
                           {.md5 = "9fb629c4189551a2d022fa330f9573f3", .bytes = 1648877},
                           {.md5 = "ec29112dd5afa0611ce80d1b7f02629c", .bytes = 4542}}}),
       .shape = {28, 28, 1},
       .train = 60000,
       .test = 10000,
       .class_names = kDigits,
       .torchvision_folder = "MNIST/raw"},
      {.name = "fashion-mnist",
       .title = "Fashion-MNIST",
       .description = "pieces of clothing from an online shop",
       .credit = "H. Xiao, K. Rasul, R. Vollgraf; Zalando SE",
       .licence = "MIT",
       .homepage = "https://github.com/zalandoresearch/fashion-mnist",
       .mirrors = {"https://github.com/zalandoresearch/fashion-mnist/raw/master/data/fashion/",
                   "https://storage.googleapis.com/tensorflow/tf-keras-datasets/",
                   "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/"},
       .files = IdxFiles({{{.md5 = "8d4fb7e6c68d591d4c3dfef9ec88bf0d", .bytes = 26421880},
                           {.md5 = "25c81989df183df01b3e8a0aad5dffbe", .bytes = 29515},
                           {.md5 = "bef4ecab320f06d8554ea6380940ec79", .bytes = 4422102},
                           {.md5 = "bb300cfdad3c16e7a12a480ee83cd310", .bytes = 5148}}}),
       .shape = {28, 28, 1},
       .train = 60000,
       .test = 10000,
       .class_names = kClothes,
       .torchvision_folder = "FashionMNIST/raw"},
      {.name = "fashion-mnist-small",
       .title = "Fashion-MNIST, a sample of it",
       .description = "the same clothes, 1,000 + 200 a class; comes with convscope",
       .credit = "H. Xiao, K. Rasul, R. Vollgraf; Zalando SE",
       .licence = "MIT",
       .homepage = "https://github.com/zalandoresearch/fashion-mnist",
       .shape = {28, 28, 1},
       .train = 10000,
       .test = 2000,
       .class_names = kClothes},
      {.name = "kmnist",
       .title = "Kuzushiji-MNIST",
       .description = "cursive Japanese characters from old books",
       .credit = "T. Clanuwat and others; ROIS-DS Center for Open Data in the Humanities",
       .licence = "CC BY-SA 4.0",
       .homepage = "https://codh.rois.ac.jp/kmnist/",
       .mirrors = {"https://codh.rois.ac.jp/kmnist/dataset/kmnist/", "http://codh.rois.ac.jp/kmnist/dataset/kmnist/"},
       .files = IdxFiles({{{.md5 = "bdb82020997e1d708af4cf47b453dcf7", .bytes = 18165135},
                           {.md5 = "e144d726b3acfaa3e44228e80efcd344", .bytes = 29497},
                           {.md5 = "5c965bf0a639b31b8f53240b1b52f4d7", .bytes = 3041136},
                           {.md5 = "7320c461ea6c1c855c0b718fb2a4b134", .bytes = 5120}}}),
       .shape = {28, 28, 1},
       .train = 60000,
       .test = 10000,
       .class_names = {"o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo"},
       .torchvision_folder = "KMNIST/raw"},
      {.name = "cifar-10",
       .title = "CIFAR-10",
       .description = "small colour photographs of animals and vehicles",
       .credit = "A. Krizhevsky, V. Nair, G. Hinton; University of Toronto",
       .licence = "none stated; its authors ask that their report of 2009 be cited",
       .homepage = "https://www.cs.toronto.edu/~kriz/cifar.html",
       .mirrors = {"https://www.cs.toronto.edu/~kriz/",
                   "https://storage.googleapis.com/s4tf-hosted-binaries/datasets/CIFAR10/"},
       .files = {{.name = "cifar-10-binary.tar.gz", .md5 = "c32a1d4ab5d03f1284b67883e8d87530", .bytes = 170052171}},
       .shape = {32, 32, 3},
       .train = 50000,
       .test = 10000,
       .class_names = {"airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"}},
  };
}

}  // namespace

int64_t NamedDataset::bytes() const {
  int64_t sum = 0;
  for (const PublishedFile& file : files) sum += file.bytes;
  return sum;
}

std::span<const NamedDataset> NamedDatasets() {
  static const std::vector<NamedDataset> kTable = Table();
  return kTable;
}

const NamedDataset* FindNamedDataset(std::string_view name) {
  const auto all = NamedDatasets();
  const auto found = std::find_if(all.begin(), all.end(), [&](const NamedDataset& d) { return d.name == name; });
  return found == all.end() ? nullptr : &*found;
}

}  // namespace convscope
