#include "convscope/train/tensor_archive.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <string>

#include "convscope/base/error.h"

namespace convscope {
namespace {

using ::testing::HasSubstr;

NamedTensors Example() {
  Tensor counts(Shape{2, 1}, DType::kInt64);
  counts.data<int64_t>()[0] = -5;
  counts.data<int64_t>()[1] = int64_t{1} << 60;
  Tensor number(Shape{}, DType::kFloat64);
  number.data<double>()[0] = 0.1;
  return {{"conv/kernel", Share(Tensor::Of({2, 2}, {1, -2, 3.5f, 0}))},
          {"counts", Share(std::move(counts))},
          {"number", Share(std::move(number))},
          {"none", Share(Tensor(Shape{0, 3}))},
          {"text", TextTensor("two words")},
          {"no text", TextTensor("")}};
}

std::string ErrorOf(std::string_view bytes) {
  try {
    TensorsFromBytes(bytes, "run/checkpoint");
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(TensorArchive, GivesBackWhatWasPutIn) {
  const NamedTensors tensors = Example();
  const NamedTensors back = TensorsFromBytes(TensorsToBytes(tensors), "test");
  ASSERT_EQ(back.size(), tensors.size());
  for (const auto& [name, tensor] : tensors) {
    const Tensor& other = *back.at(name);
    EXPECT_EQ(other.shape(), tensor->shape()) << name;
    ASSERT_EQ(other.dtype(), tensor->dtype()) << name;
    EXPECT_EQ(std::memcmp(other.bytes(), tensor->bytes(), static_cast<size_t>(tensor->SizeInBytes())), 0) << name;
  }
  EXPECT_EQ(TextOf(*back.at("text")), "two words");
  EXPECT_EQ(TextOf(*back.at("no text")), "");
  EXPECT_TRUE(TensorsFromBytes(TensorsToBytes({}), "test").empty());
}

TEST(TensorArchive, NoticesEveryByteThatIsMissingOrChanged) {
  const std::string bytes = TensorsToBytes(Example());
  for (size_t i = 0; i < bytes.size(); ++i) {
    EXPECT_NE(ErrorOf(bytes.substr(0, i)), "no error") << i << " bytes";
    std::string changed = bytes;
    changed[i] = static_cast<char>(changed[i] ^ 0x20);
    EXPECT_NE(ErrorOf(changed), "no error") << "byte " << i;
  }
  EXPECT_THAT(ErrorOf("convscope"), HasSubstr("run/checkpoint: a checkpoint begins with"));
  EXPECT_THAT(ErrorOf(bytes.substr(0, bytes.size() - 1)), HasSubstr("check sum"));
}

// A header that lies, with a check sum that fits.
TEST(TensorArchive, TrustsNoLength) {
  const auto archive = [](const std::string& body) {
    std::string bytes = "convscope tensors 1\n" + body;
    uint64_t hash = 0xcbf29ce484222325u;
    for (const char byte : bytes) hash = (hash ^ static_cast<uint8_t>(byte)) * 0x100000001b3u;
    bytes.append(reinterpret_cast<const char*>(&hash), sizeof(hash));
    return bytes;
  };
  const std::string u32_1("\1\0\0\0", 4), u32_7("\7\0\0\0", 4), u32_9("\11\0\0\0", 4), most("\xff\xff\xff\xff", 4);
  const std::string huge("\0\0\0\0\0\1\0\0", 8), negative("\xff\xff\xff\xff\xff\xff\xff\xff", 8);
  EXPECT_THAT(ErrorOf(archive(most + "a")), HasSubstr("there are 4294967295 more bytes; received 1"));
  EXPECT_THAT(ErrorOf(archive(u32_1 + "a" + u32_7 + "float16")), HasSubstr("a known type"));
  const std::string floats = u32_1 + "a" + u32_7 + "float32";
  EXPECT_THAT(ErrorOf(archive(floats + u32_1 + huge)), HasSubstr("more bytes; received 0"));
  EXPECT_NE(ErrorOf(archive(floats + u32_1 + negative)), "no error");
  EXPECT_NE(ErrorOf(archive(floats + most + huge + huge)), "no error");
  EXPECT_NE(ErrorOf(archive(floats + u32_9 + std::string(80, '\1'))), "no error");
}

}  // namespace
}  // namespace convscope
