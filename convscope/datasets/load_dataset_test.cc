#include "convscope/datasets/load_dataset.h"

#include <archive.h>
#include <archive_entry.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <cstdlib>
#include <filesystem>
#include <functional>
#include <map>

#include "convscope/base/error.h"
#include "convscope/base/file.h"
#include "convscope/base/internal/source_file_check.h"
#include "convscope/base/text.h"
#include "convscope/datasets/fetch.h"
#include "convscope/datasets/internal/test_server.h"
#include "convscope/formats/md5.h"
#include "convscope/formats/npy.h"

namespace convscope {
namespace {

using internal::Serve;
using internal::TestAnswer;
using internal::TestRequest;
using internal::TestServer;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

std::string ErrorOf(const std::function<void()>& run) {
  try {
    run();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

std::string Big(uint32_t value) {
  return {static_cast<char>(value >> 24), static_cast<char>(value >> 16), static_cast<char>(value >> 8),
          static_cast<char>(value)};
}

// IDX files of `count` pictures 2 x 3 that count up, and of labels i % classes.
std::string IdxImages(uint32_t count, uint32_t rows = 2, uint32_t columns = 3) {
  std::string bytes = std::string("\0\0\x08\x03", 4) + Big(count) + Big(rows) + Big(columns);
  for (uint32_t i = 0; i < count * rows * columns; ++i) bytes += static_cast<char>(i);
  return bytes;
}
std::string IdxLabels(uint32_t count, uint32_t classes = 10) {
  std::string bytes = std::string("\0\0\x08\x01", 4) + Big(count);
  for (uint32_t i = 0; i < count; ++i) bytes += static_cast<char>(i % classes);
  return bytes;
}

std::string Gzip(const std::string& bytes) {
  z_stream stream{};
  deflateInit2(&stream, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
  std::string packed(deflateBound(&stream, bytes.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

std::string Md5Of(const std::string& text) {
  Md5 md5;
  md5.Add(std::as_bytes(std::span(text)));
  return md5.Hex();
}

class DatasetFilesTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = testing::TempDir() + "load_dataset_test_" + testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  void Write(const std::string& name, std::string_view bytes) const {
    std::filesystem::create_directories((folder_ / name).parent_path());
    WriteFileAtomically(folder_ / name, {&bytes, 1});
  }

  void WriteIdx(const std::string& inside = "") const {
    Write(inside + "train-images-idx3-ubyte", IdxImages(20));
    Write(inside + "train-labels-idx1-ubyte.gz", Gzip(IdxLabels(20)));
    Write(inside + "t10k-images.idx3-ubyte.gz", Gzip(IdxImages(10)));
    Write(inside + "t10k-labels.idx1-ubyte", IdxLabels(10));
  }

  // An archive of (name, bytes): a zip, or a tar.gz.
  void WriteArchive(const std::string& name, const std::vector<std::pair<std::string, std::string>>& files) const {
    archive* const writer = archive_write_new();
    if (name.ends_with(".tar.gz")) {
      archive_write_add_filter_gzip(writer);
      archive_write_set_format_ustar(writer);
    } else {
      archive_write_set_format_zip(writer);
    }
    archive_write_open_filename(writer, (folder_ / name).c_str());
    for (const auto& [file, bytes] : files) {
      archive_entry* const entry = archive_entry_new();
      archive_entry_set_pathname(entry, file.c_str());
      archive_entry_set_filetype(entry, AE_IFREG);
      archive_entry_set_perm(entry, 0644);
      archive_entry_set_size(entry, static_cast<la_int64_t>(bytes.size()));
      archive_write_header(writer, entry);
      archive_write_data(writer, bytes.data(), bytes.size());
      archive_entry_free(entry);
    }
    EXPECT_EQ(archive_write_close(writer), ARCHIVE_OK);
    archive_write_free(writer);
  }

  std::string Npy(const Tensor& array) const {
    WriteNpy(array, folder_ / "array.npy");
    return ReadFile(folder_ / "array.npy", 1 << 24);
  }

  DataPlaces Places() const { return {.at_hand = {folder_ / "hand"}, .cache = folder_ / "cache"}; }

  std::filesystem::path folder_;
};

TEST_F(DatasetFilesTest, IdxFilesPlainOrPacked) {
  WriteIdx();
  const auto [train, test] = ReadDatasetFiles(folder_);
  EXPECT_EQ(train.size(), 20);
  EXPECT_EQ(test.size(), 10);
  EXPECT_EQ(train.shape(), (Shape{2, 3, 1}));
  EXPECT_EQ(train.dtype(), DType::kUInt8);
  EXPECT_THAT(train.Pixels<uint8_t>(19).span(), ElementsAre(114, 115, 116, 117, 118, 119));
  EXPECT_EQ(test.label(7), 7);
  EXPECT_EQ(train.class_names()[3], "3");
  EXPECT_EQ(train.name(), folder_.filename().string() + "/train");
}

TEST_F(DatasetFilesTest, TestPicturesNeedNotHaveTheLastClass) {
  WriteIdx();
  Write("t10k-labels-idx1-ubyte", IdxLabels(10, 7));
  const auto [train, test] = ReadDatasetFiles(folder_);
  EXPECT_EQ(test.classes(), 10);
  EXPECT_THAT(test.ClassCounts(), ElementsAre(2, 2, 2, 1, 1, 1, 1, 0, 0, 0));
  CheckAlike(train, test);
}

TEST_F(DatasetFilesTest, IdxClassNamesComeFromAFileBesideThem) {
  WriteIdx();
  Write("classes.txt", "a\nb\nc\nd\ne\nf\ng\nh\ni\r\nj\n");
  EXPECT_EQ(ReadDatasetFiles(folder_).test.class_names()[8], "i");
  Write("classes.txt", "a\nb\n");
  EXPECT_THAT(ErrorOf([&] { ReadDatasetFiles(folder_); }), HasSubstr("a label must be 0 to 1; received label 2"));
}

TEST_F(DatasetFilesTest, BadIdxFilesAreOneClearErrorEach) {
  const auto after = [&](const std::string& name, const std::string& bytes) {
    WriteIdx();
    Write(name, bytes);
    return ErrorOf([&] { ReadDatasetFiles(folder_); });
  };
  EXPECT_THAT(after("train-images-idx3-ubyte", IdxImages(19)),
              AllOf(HasSubstr("train-images-idx3-ubyte"), HasSubstr("19 pictures and 20 labels")));
  EXPECT_THAT(after("train-images-idx3-ubyte", IdxImages(20).substr(0, 100)),
              AllOf(HasSubstr("train-images-idx3-ubyte: an IDX header"), HasSubstr("must be followed by 120 bytes")));
  EXPECT_THAT(after("train-images-idx3-ubyte", IdxLabels(20)), HasSubstr("pictures must have the shape"));
  EXPECT_THAT(after("train-images-idx3-ubyte", IdxImages(20, 3, 3)), HasSubstr("must be like those of"));
  const std::string packed = Gzip(IdxLabels(20));
  EXPECT_THAT(after("train-labels-idx1-ubyte.gz", packed.substr(0, packed.size() - 12)),
              AllOf(HasSubstr("train-labels-idx1-ubyte.gz: a gzip file must be whole"), HasSubstr("too early")));
  // A packed file whose header claims 2 GB, more than its bytes can unpack to.
  EXPECT_THAT(after("train-labels-idx1-ubyte.gz", Gzip(std::string("\0\0\x08\x01\x7f\xff\xff\xff", 8))),
              HasSubstr("must be followed by 2147483647 bytes"));
  EXPECT_THAT(ErrorOf([&] {
                WriteIdx();
                ReadIdxDataset(folder_, {.limit_bytes = 100});
              }),
              HasSubstr("at most 100 numbers"));
  std::filesystem::remove(folder_ / "t10k-labels.idx1-ubyte");
  EXPECT_FALSE(HoldsDatasetFiles(folder_));
  EXPECT_THAT(ErrorOf([&] { ReadIdxDataset(folder_); }), HasSubstr("no t10k-labels"));
  EXPECT_THAT(ErrorOf([&] { ReadDatasetFiles(folder_); }), HasSubstr("a data set must be"));
}

// A batch of CIFAR-10 with `count` records; pixel values are 3 * place + plane.
std::string CifarBatch(int count, int first_label) {
  std::string bytes;
  for (int i = 0; i < count; ++i) {
    bytes += static_cast<char>((first_label + i) % 10);
    for (int plane = 0; plane < 3; ++plane) {
      for (int pixel = 0; pixel < 1024; ++pixel) bytes += static_cast<char>(3 * pixel + plane + i);
    }
  }
  return bytes;
}

std::vector<std::pair<std::string, std::string>> CifarFiles() {
  std::vector<std::pair<std::string, std::string>> files = {
      {"cifar-10-batches-bin/batches.meta.txt",
       "airplane\nautomobile\nbird\ncat\ndeer\ndog\nfrog\nhorse\nship\ntruck\n\n"}};
  for (const int batch : {3, 1, 2, 5, 4}) {  // whatever their order
    files.emplace_back(Concat("cifar-10-batches-bin/data_batch_", batch, ".bin"), CifarBatch(2, 2 * (batch - 1)));
  }
  files.emplace_back("cifar-10-batches-bin/test_batch.bin", CifarBatch(3, 7));
  return files;
}

TEST_F(DatasetFilesTest, CifarFromItsArchiveAndFromItsFolder) {
  WriteArchive("cifar-10-binary.tar.gz", CifarFiles());
  Write("folder/readme.html", "");
  for (const auto& [name, bytes] : CifarFiles()) Write("folder/" + name, bytes);
  for (const char* place : {"", "cifar-10-binary.tar.gz", "folder", "folder/cifar-10-batches-bin"}) {
    const auto [train, test] = ReadDatasetFiles(folder_ / place);
    EXPECT_EQ(train.size(), 10) << place;
    EXPECT_EQ(train.shape(), (Shape{32, 32, 3}));
    for (int64_t i = 0; i < 10; ++i) EXPECT_EQ(train.label(i), i);
    EXPECT_EQ(test.size(), 3);
    EXPECT_EQ(test.class_names()[9], "truck");
    const auto pixels = test.Pixels<uint8_t>(2).span();
    for (size_t k = 0; k < pixels.size(); ++k) ASSERT_EQ(pixels[k], static_cast<uint8_t>(k + 2));
  }
}

TEST_F(DatasetFilesTest, BadCifarFilesAreOneClearErrorEach) {
  auto files = CifarFiles();
  files[2].second.pop_back();
  WriteArchive("cut.tar.gz", files);
  EXPECT_THAT(
      ErrorOf([&] { ReadDatasetFiles(folder_ / "cut.tar.gz"); }),
      AllOf(HasSubstr("cut.tar.gz, data_batch_1.bin"), HasSubstr("records of 3073 bytes; received 6145 bytes")));
  files = CifarFiles();
  files.pop_back();
  WriteArchive("few.tar.gz", files);
  EXPECT_THAT(ErrorOf([&] { ReadDatasetFiles(folder_ / "few.tar.gz"); }), HasSubstr("test_batch.bin"));
  files = CifarFiles();
  files[1].second[0] = 10;
  WriteArchive("label.tar.gz", files);
  EXPECT_THAT(ErrorOf([&] { ReadDatasetFiles(folder_ / "label.tar.gz"); }),
              AllOf(HasSubstr("label.tar.gz"), HasSubstr("label 10 of picture 4")));
  WriteArchive("whole.tar.gz", CifarFiles());
  const std::string whole = ReadFile(folder_ / "whole.tar.gz", 1 << 24);
  Write("half.tar.gz", whole.substr(0, whole.size() / 2));
  EXPECT_NE(ErrorOf([&] { ReadDatasetFiles(folder_ / "half.tar.gz"); }), "no error");
  EXPECT_THAT(ErrorOf([&] { ReadCifarDataset(folder_ / "whole.tar.gz", {.limit_bytes = 1000}); }),
              HasSubstr("at most 1000 bytes"));
  EXPECT_THAT(ErrorOf([&] { ReadCifarDataset(folder_); }), HasSubstr("a folder without them"));
}

Tensor Bytes(Shape shape) {
  Tensor tensor(shape, DType::kUInt8);
  for (int64_t i = 0; i < tensor.size(); ++i) tensor.data<uint8_t>()[i] = static_cast<uint8_t>(i % 251);
  return tensor;
}

Tensor Labels(int64_t count) {
  Tensor tensor(Shape{count}, DType::kInt64);
  for (int64_t i = 0; i < count; ++i) tensor.data<int64_t>()[i] = i % 2;
  return tensor;
}

TEST_F(DatasetFilesTest, NpzAsKerasHasIt) {
  WriteArchive("mnist.npz", {{"x_test.npy", Npy(Bytes({4, 5, 6}))},
                             {"x_train.npy", Npy(Bytes({8, 5, 6}))},
                             {"y_train.npy", Npy(Labels(8))},
                             {"y_test.npy", Npy(Labels(4))},
                             {"more.npy", "no array, and not wanted"}});
  const auto [train, test] = ReadDatasetFiles(folder_ / "mnist.npz");
  EXPECT_EQ(train.size(), 8);
  EXPECT_EQ(test.size(), 4);
  EXPECT_EQ(train.shape(), (Shape{5, 6, 1}));
  EXPECT_EQ(train.Pixels<uint8_t>(1)[0], 30);
  EXPECT_EQ(train.name(), "mnist/train");
}

TEST_F(DatasetFilesTest, TestPicturesOfAnNpzNeedNotHaveTheLastClass) {
  const auto read = [&](int64_t train, int64_t test) {
    WriteArchive("set.npz", {{"x_train.npy", Npy(Bytes({train, 2, 2}))},
                             {"y_train.npy", Npy(Bytes({train}))},
                             {"x_test.npy", Npy(Bytes({test, 2, 2}))},
                             {"y_test.npy", Npy(Bytes({test}))}});
    return ReadDatasetFiles(folder_ / "set.npz");
  };
  EXPECT_EQ(read(5, 3).test.classes(), 5);
  EXPECT_THAT(ErrorOf([&] { read(3, 5); }), HasSubstr("with 5 classes"));  // what no training picture shows
}

TEST_F(DatasetFilesTest, NpzOfOnePartIsSplit) {
  Tensor x(Shape{10, 2, 2, 3});
  for (int64_t i = 0; i < x.size(); ++i) x.data()[i] = static_cast<float>(i);
  WriteArchive("set.npz", {{"x.npy", Npy(x)}, {"y.npy", Npy(Labels(10))}});
  const auto [train, test] =
      ReadDatasetFiles(folder_ / "set.npz", {.class_names = {"no", "yes"}, .test_fraction = 0.4});
  EXPECT_THAT(train.ClassCounts(), ElementsAre(3, 3));
  EXPECT_THAT(test.ClassCounts(), ElementsAre(2, 2));
  EXPECT_EQ(train.dtype(), DType::kFloat32);
  EXPECT_EQ(train.class_names()[1], "yes");
}

TEST_F(DatasetFilesTest, WhiteOfAnNpzOfFloatsIsThatOfBothParts) {
  const auto white = [&](float train, float test) {
    Tensor x_train = Tensor::Zeros({2, 1, 1}), x_test = Tensor::Zeros({2, 1, 1});
    x_train.data()[1] = train;
    x_test.data()[1] = test;
    WriteArchive("set.npz", {{"x_train.npy", Npy(x_train)},
                             {"y_train.npy", Npy(Labels(2))},
                             {"x_test.npy", Npy(x_test)},
                             {"y_test.npy", Npy(Labels(2))}});
    const auto [a, b] = ReadDatasetFiles(folder_ / "set.npz");
    EXPECT_EQ(a.white(), b.white());
    return a.white();
  };
  EXPECT_EQ(white(0.5f, 200), 255);
  EXPECT_EQ(white(200, -1), 1);
  EXPECT_EQ(white(0.5f, 1), 1);
}

TEST_F(DatasetFilesTest, BadNpzFilesAreOneClearErrorEach) {
  const auto error = [&](const std::vector<std::pair<std::string, std::string>>& arrays) {
    WriteArchive("set.npz", arrays);
    return ErrorOf([&] { ReadDatasetFiles(folder_ / "set.npz"); });
  };
  EXPECT_THAT(error({{"a.npy", Npy(Labels(3))}}), AllOf(HasSubstr("x and y"), HasSubstr("none of them")));
  EXPECT_THAT(error({{"x.npy", Npy(Bytes({3, 2, 2}))}}), HasSubstr("received x"));
  EXPECT_THAT(error({{"x.npy", Npy(Bytes({3, 2, 2}))}, {"y.npy", Npy(Labels(4))}}),
              AllOf(HasSubstr("set.npz, x"), HasSubstr("3 pictures and 4 labels")));
  EXPECT_THAT(error({{"x.npy", Npy(Bytes({3, 4}))}, {"y.npy", Npy(Labels(3))}}), HasSubstr("(3, 4)"));
  EXPECT_THAT(error({{"x.npy", Npy(Bytes({3, 2, 2}))}, {"y.npy", Npy(Tensor::Zeros({3, 10}))}}),
              HasSubstr("not one column a class"));
  EXPECT_THAT(error({{"x.npy", "junk"}, {"y.npy", Npy(Labels(3))}}), HasSubstr("set.npz, x"));
  WriteArchive("set.npz", {{"x.npy", Npy(Bytes({3, 2, 2}))}, {"y.npy", Npy(Labels(3))}});
  std::filesystem::resize_file(folder_ / "set.npz", std::filesystem::file_size(folder_ / "set.npz") - 20);
  EXPECT_THAT(ErrorOf([&] { ReadDatasetFiles(folder_ / "set.npz"); }), HasSubstr("truncated"));
}

// --- by name

TEST_F(DatasetFilesTest, FilesAtHandAreTakenWhateverTheirChecksum) {
  WriteIdx("hand/mnist/");
  const auto [train, test] = LoadDataset("mnist", {.places = Places(), .fetch = false});
  EXPECT_EQ(train.size(), 20);
  EXPECT_EQ(test.name(), "mnist/test");
  WriteIdx("hand/FashionMNIST/raw/");  // where torchvision keeps them
  EXPECT_EQ(LoadDataset("fashion-mnist", {.places = Places(), .fetch = false}).train.class_names()[9], "Ankle boot");
}

TEST_F(DatasetFilesTest, ANameIsNeverAnsweredWithAnotherDataSet) {
  WriteIdx("hand/");
  WriteIdx("bundled/fashion-mnist-small/");
  DataPlaces places = Places();
  places.bundled = folder_ / "bundled";
  EXPECT_THAT(ErrorOf([&] { LoadDataset("fashion-mnist", {.places = places, .fetch = false}); }),
              AllOf(HasSubstr("fashion-mnist: a data set must be on this machine"),
                    HasSubstr("convscope data fetch fashion-mnist")));
  EXPECT_EQ(LoadDataset("fashion-mnist-small", {.places = places}).test.size(), 10);
}

TEST_F(DatasetFilesTest, AnUnknownNameOffersTheNearest) {
  EXPECT_THAT(ErrorOf([&] { LoadDataset("fashion_mnist", {.places = Places()}); }),
              AllOf(HasSubstr("cifar-10"), HasSubstr("did you mean fashion-mnist")));
  EXPECT_THAT(ErrorOf([&] { LoadDataset("fashion-mnist-small", {.places = Places()}); }), HasSubstr("CONVSCOPE_DATA"));
}

TEST(NamedDatasets, HaveMirrorsChecksumsLicencesAndClasses) {
  for (const NamedDataset& dataset : NamedDatasets()) {
    EXPECT_FALSE(dataset.licence.empty()) << dataset.name;
    EXPECT_EQ(dataset.class_names.size(), 10u);
    EXPECT_TRUE(dataset.bundled() || dataset.mirrors.size() >= 2) << dataset.name;
    for (const std::string& mirror : dataset.mirrors) EXPECT_TRUE(mirror.ends_with('/')) << mirror;
    for (const PublishedFile& file : dataset.files) {
      EXPECT_EQ(file.md5.size(), 32u) << file.name;
      EXPECT_EQ(file.md5.find_first_not_of("0123456789abcdef"), std::string::npos) << file.name;
      EXPECT_GT(file.bytes, 0);
    }
  }
}

TEST(NamedDatasets, TheBundledOneIsWhatItSays) {
  const DataPlaces places{.bundled = internal::SourceFile("data")};
  const auto [train, test] = LoadDataset("fashion-mnist-small", {.places = places, .fetch = false});
  EXPECT_EQ(train.size(), 10000);
  EXPECT_EQ(test.size(), 2000);
  EXPECT_THAT(train.ClassCounts(), testing::Each(1000));
  EXPECT_THAT(test.ClassCounts(), testing::Each(200));
  EXPECT_EQ(train.shape(), (Shape{28, 28, 1}));
  EXPECT_EQ(train.class_names()[9], "Ankle boot");
}

// A data set with a server of its own: what Fetch does with the published ones.
class FetchTest : public DatasetFilesTest {
 protected:
  FetchTest()
      : files_{{"train-images-idx3-ubyte.gz", Gzip(IdxImages(20))},
               {"train-labels-idx1-ubyte.gz", Gzip(IdxLabels(20))},
               {"t10k-images-idx3-ubyte.gz", Gzip(IdxImages(10))},
               {"t10k-labels-idx1-ubyte.gz", Gzip(IdxLabels(10))}},
        server_([this](const TestRequest& request) {
          const std::string name = request.path.substr(request.path.rfind('/') + 1);
          if (!request.path.starts_with("/good/") || !files_.contains(name)) return TestAnswer{.status = 404};
          return Serve(files_.at(name), request);
        }) {
    for (const auto& [name, bytes] : files_) {
      dataset_.files.push_back({.name = name, .md5 = Md5Of(bytes), .bytes = static_cast<int64_t>(bytes.size())});
    }
    dataset_.name = "tiny";
    dataset_.shape = {2, 3, 1};
    dataset_.mirrors = {server_.Url("/gone/"), server_.Url("/good/")};
  }

  std::map<std::string, std::string> files_;
  TestServer server_;
  NamedDataset dataset_;
};

TEST_F(FetchTest, PutsEveryFileIntoTheCacheFromTheFirstMirrorThatHasIt) {
  EXPECT_FALSE(FindDataset(dataset_, Places()));
  const Fetched fetched = Fetch(dataset_, Places());
  EXPECT_EQ(fetched.folder, folder_ / "cache" / "tiny");
  ASSERT_EQ(fetched.files.size(), 4u);
  for (const FetchedFile& file : fetched.files) EXPECT_THAT(file.url, HasSubstr("/good/"));
  const auto found = FindDataset(dataset_, Places());
  ASSERT_TRUE(found);
  EXPECT_EQ(found->place, FoundDataset::Place::kCached);
  EXPECT_EQ(ReadDatasetFiles(found->folder).train.size(), 20);
}

TEST_F(FetchTest, FetchesWhatIsDamagedAndNothingElse) {
  Fetch(dataset_, Places());
  const size_t requests = server_.requests().size();
  for (const FetchedFile& file : Fetch(dataset_, Places()).files) EXPECT_EQ(file.url, "");
  EXPECT_EQ(server_.requests().size(), requests);
  Write("cache/tiny/t10k-labels-idx1-ubyte.gz", "damaged");
  int fetched = 0;
  for (const FetchedFile& file : Fetch(dataset_, Places()).files) fetched += file.url.empty() ? 0 : 1;
  EXPECT_EQ(fetched, 1);
  EXPECT_EQ(ReadFile(folder_ / "cache/tiny/t10k-labels-idx1-ubyte.gz", 1 << 20),
            files_.at("t10k-labels-idx1-ubyte.gz"));
}

TEST_F(FetchTest, TriesTheUsersMirrorFirst) {
  DataPlaces places = Places();
  places.mirror = server_.Url("/good");
  for (const FetchedFile& file : Fetch(dataset_, places).files) EXPECT_THAT(file.url, HasSubstr("/good/tiny/"));
  EXPECT_EQ(server_.requests().size(), 4u);
}

TEST_F(FetchTest, KeepsWhatCameBeforeAFailure) {
  files_.erase("train-labels-idx1-ubyte.gz");  // the last by name
  EXPECT_THAT(ErrorOf([&] { Fetch(dataset_, Places()); }), HasSubstr("train-labels-idx1-ubyte.gz"));
  EXPECT_TRUE(std::filesystem::exists(folder_ / "cache/tiny/train-images-idx3-ubyte.gz"));
  EXPECT_FALSE(FindDataset(dataset_, Places()));
}

TEST_F(FetchTest, NeedsACacheThatCanBeWritten) {
  EXPECT_THAT(ErrorOf([&] { Fetch(dataset_, {}); }), HasSubstr("XDG_CACHE_HOME"));
  Write("cache", "a file");
  EXPECT_THAT(ErrorOf([&] { Fetch(dataset_, Places()); }), HasSubstr("must be writable"));
}

TEST(DataPlaces, ComeFromTheEnvironment) {
  const auto with = [](const char* data, const char* cache, const char* home) {
    setenv("CONVSCOPE_DATA", data, 1);
    setenv("XDG_CACHE_HOME", cache, 1);
    setenv("HOME", home, 1);
    return DataPlaces::FromEnvironment();
  };
  const std::string home = getenv("HOME") == nullptr ? "" : getenv("HOME");
  EXPECT_EQ(with("", "/c", "/h").cache, "/c/convscope");
  EXPECT_EQ(with("", "", "/h").cache, "/h/.cache/convscope");
  EXPECT_EQ(with("", "relative", "/h").cache, "/h/.cache/convscope");
  EXPECT_TRUE(with("", "", "").cache.empty());
  EXPECT_TRUE(with("", "", "").at_hand.empty());
  EXPECT_THAT(with("/d", "", "").at_hand, ElementsAre("/d"));
  unsetenv("CONVSCOPE_DATA");
  unsetenv("XDG_CACHE_HOME");
  setenv("HOME", home.c_str(), 1);
}

}  // namespace
}  // namespace convscope
