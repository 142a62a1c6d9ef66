#include "convscope/tasks/compare_classes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "convscope/base/error.h"
#include "convscope/tasks/internal/idx_data.h"

namespace convscope {
namespace {

using ::testing::HasSubstr;

TEST(CompareClasses, RefusesAChannelThatThereIsNotBeforeThePassOverTheData) {
  const std::filesystem::path folder =
      std::filesystem::path(testing::TempDir()) / ("compare_" + std::to_string(getpid()));
  internal::WriteIdxData(folder, 4, 28, 28, [](int64_t i, int64_t, int64_t) { return static_cast<uint8_t>(i); });
  bool passed = false;
  CompareRequest request{.model = "lenet", .layers = {"layer1/conv"}, .filter = 4, .mean = true};
  request.data.source = folder.string();
  request.data.progress = [&](std::string_view what, double) { passed = passed || what == "running the model"; };
  try {
    CompareClasses(request);
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("channels 0 to 3"));
  }
  EXPECT_FALSE(passed);
  request.filter = 3;
  CompareClasses(request);
  EXPECT_TRUE(passed);
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace convscope
