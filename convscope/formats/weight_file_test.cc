#include "convscope/formats/weight_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include "convscope/base/error.h"
#include "convscope/base/file.h"
#include "convscope/formats/internal/zip_writer.h"
#include "convscope/formats/npz.h"

namespace convscope {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

// A folder of this test's own, gone with it.
class WeightFiles : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::path(::testing::TempDir()) /
              (std::string("convscope_weights_") + ::testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path Write(const std::string& name, std::string_view bytes) {
    const std::string_view pieces[] = {bytes};
    WriteFileAtomically(folder_ / name, pieces);
    return folder_ / name;
  }

  std::filesystem::path folder_;
};

TEST_F(WeightFiles, OfNumPyComeBackInTheirOrder) {
  const std::vector<StoredTensor> arrays = {{"zebra/kernel", Share(Tensor::Of({2, 2}, {1, 2, 3, 4}))},
                                            {"ant", Share(Tensor::Zeros({3}, DType::kInt64))},
                                            {"scalar", Share(Tensor::Of(Shape{}, {5}))}};
  const std::filesystem::path path = folder_ / "a.npz";
  WriteNpz(arrays, path);
  const std::vector<StoredTensor> read = ReadWeightFile(path);
  ASSERT_EQ(read.size(), arrays.size());
  for (size_t i = 0; i < read.size(); ++i) {
    EXPECT_EQ(read[i].name, arrays[i].name);
    ASSERT_EQ(read[i].tensor->shape(), arrays[i].tensor->shape());
    ASSERT_EQ(read[i].tensor->dtype(), arrays[i].tensor->dtype());
    EXPECT_EQ(std::memcmp(read[i].tensor->bytes(), arrays[i].tensor->bytes(),
                          static_cast<size_t>(read[i].tensor->SizeInBytes())),
              0);
  }
  const std::string first = ReadFile(path, 100000);
  WriteNpz(arrays, path);
  EXPECT_EQ(ReadFile(path, 100000), first);
  EXPECT_THROW(WriteNpz(std::vector<StoredTensor>(2, arrays[0]), folder_ / "b.npz"), Error);
  EXPECT_FALSE(std::filesystem::exists(folder_ / "b.npz"));
}

TEST_F(WeightFiles, OfTorchSaveAreAnsweredWithTheLinesThatConvertThem) {
  const auto told = ThrowsMessage<Error>(AllOf(HasSubstr("torch.save"),
                                               HasSubstr("import torch, safetensors.torch; weights = torch.load(\""),
                                               HasSubstr("weights_only=True); safetensors.torch.save_file("),
                                               HasSubstr("net.safetensors"), HasSubstr("torch.onnx.export")));
  // By its first file, whatever its name; by the pickle that old ones begin with; by its name.
  const std::filesystem::path zip = folder_ / "net.bin";
  internal::WriteZip(zip, [](internal::ZipWriter& writer) {
    const std::string_view pieces[] = {"..."};
    writer.Add("archive/data.pkl", pieces);
  });
  EXPECT_THAT([&] { ReadWeightFile(zip); }, told);
  constexpr std::string_view kOld("\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.more", 19);
  EXPECT_THAT([&] { ReadWeightFile(Write("net.tar", kOld)); }, told);
  EXPECT_THAT([&] { ReadWeightFile(Write("net.pth", "anything")); }, told);
  EXPECT_NO_THROW(RefuseTorchFile(Write("net.npz", "PK\x03\x04 other")));
  EXPECT_NO_THROW(RefuseTorchFile(folder_ / "not-there.pt"));
}

TEST_F(WeightFiles, OfOtherKindsAreRefused) {
  EXPECT_THAT([&] { ReadWeightFile(Write("a.txt", "1 2 3")); },
              ThrowsMessage<Error>(AllOf(HasSubstr(".safetensors"), HasSubstr(".txt"))));
  EXPECT_THROW(ReadWeightFile(folder_ / "missing.safetensors"), Error);
}

}  // namespace
}  // namespace convscope
