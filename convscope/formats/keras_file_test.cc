#include "convscope/formats/keras_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "convscope/base/error.h"
#include "convscope/base/file.h"
#include "convscope/base/internal/source_file_check.h"
#include "convscope/base/text.h"
#include "convscope/formats/archive.h"
#include "convscope/formats/internal/hdf5_file.h"
#include "convscope/formats/internal/keras_layer_order.h"
#include "convscope/formats/internal/zip_writer.h"
#include "convscope/formats/keras_json.h"
#include "convscope/formats/npz.h"
#include "convscope/formats/weight_match.h"
#include "convscope/graph/trace.h"
#include "convscope/nn/architectures.h"
#include "convscope/nn/layers.h"
#include "convscope/nn/network_builder.h"

namespace convscope {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::ThrowsMessage;

std::string Fixture(const std::string& name) {
  return internal::SourceFile("convscope/formats/testdata/" + name);
}

// A folder of this test's own, gone with it.
class KerasFiles : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::path(::testing::TempDir()) /
              (std::string("convscope_keras_") + ::testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::filesystem::path folder_;
};

// The output of every layer against Keras'. Shared layers are compared at their first call.
void ExpectKerasTensors(const Network& network, const std::string& tensors) {
  const auto expected = ReadNpz(Fixture(tensors));
  const Trace trace(network.model(), {{network.inputs()[0], Share(expected.at("the input").Clone())}});
  size_t compared = 0;
  for (const NetworkLayer& layer : network.layers()) {
    ASSERT_TRUE(expected.contains(layer.name)) << layer.name;
    const Tensor& theirs = expected.at(layer.name);
    const Tensor& ours = trace[layer.calls[0].output];
    ASSERT_EQ(ours.shape(), theirs.shape()) << layer.name;
    double largest = 0, most = 0;
    for (int64_t i = 0; i < ours.size(); ++i) {
      largest = std::max(largest, std::abs(double{theirs.data<float>()[i]}));
      most = std::max(most, std::abs(double{ours.data<float>()[i]} - double{theirs.data<float>()[i]}));
    }
    // Sums of at most some hundred products, twenty layers deep, each rounded to 2^-24 of its terms.
    EXPECT_LE(most, 2e-5 * largest) << layer.name;
    ++compared;
  }
  EXPECT_EQ(compared, expected.size() - (expected.contains(network.inputs()[0]) ? 2 : 1));
}

void ExpectSameWeights(const Network& a, const Network& b) {
  ASSERT_EQ(a.weights().size(), b.weights().size());
  for (const auto& [name, tensor] : a.weights()) {
    const auto found = b.weights().find(name);
    ASSERT_NE(found, b.weights().end()) << name;
    ASSERT_EQ(tensor->shape(), found->second->shape()) << name;
    EXPECT_EQ(std::memcmp(tensor->bytes(), found->second->bytes(), static_cast<size_t>(tensor->SizeInBytes())), 0)
        << name;
  }
}

TEST(KerasFile, HoldsANetworkWhoseLayersComputeWhatKerasComputes) {
  for (const char* const ending : {".keras", ".h5"}) {
    SCOPED_TRACE(ending);
    ExpectKerasTensors(ReadKerasFile(Fixture(std::string("keras_sequential") + ending)),
                       "keras_sequential_tensors.npz");
    ExpectKerasTensors(ReadKerasFile(Fixture(std::string("keras_functional") + ending)),
                       "keras_functional_tensors.npz");
  }
}

// Of Keras 3, and of Keras 2, whose .keras files count layers instead of naming them.
TEST(KerasFile, HoldsModelsAsLayersAndOperationsAmongThem) {
  for (const std::string name : {"keras_nested", "keras2_nested"}) {
    for (const char* const ending : {".keras", ".h5"}) {
      SCOPED_TRACE(name + ending);
      NetworkReading reading{.rows = 8, .columns = 8};
      const Network network = ReadKerasFile(Fixture(name + ending), nullptr, &reading);
      ExpectKerasTensors(network, name + "_tensors.npz");
      EXPECT_EQ(network.layer("backbone/conv").calls.size(), 2u);
      EXPECT_THAT(reading.assumed,
                  ElementsAre(AllOf(HasSubstr("left out"), HasSubstr("change/random_flip (RandomFlip)"),
                                    HasSubstr("head/gaussian_noise (GaussianNoise)")),
                              AllOf(HasSubstr("input picture may be"), HasSubstr("(1, 8, 8, 3)"))));
      const MatchedWeights matched = MatchWeights(network.graph(), ReadKerasWeights(Fixture(name + ending)));
      EXPECT_TRUE(matched.report.missing.empty());
      for (const WeightMatch& match : matched.report.matched) {
        // Without the layers, a file that counts them does not tell their names.
        if (name != "keras_nested") continue;
        EXPECT_EQ(match.by, WeightMatch::By::kName) << match.parameter;
      }
    }
  }
}

TEST_F(KerasFiles, OfModelsAsLayersAreWrittenAsOneModel) {
  NetworkReading reading{.rows = 8, .columns = 8};
  const Network network = ReadKerasFile(Fixture("keras_nested.keras"), nullptr, &reading);
  WriteKerasFile(network, folder_ / "a.keras");
  const Network again = ReadKerasFile(folder_ / "a.keras");
  EXPECT_EQ(again.ParameterCount(), network.ParameterCount());
  const SharedTensor input = Share(ReadNpz(Fixture("keras_nested_tensors.npz")).at("the input").Clone());
  const Trace before(network.model(), {{"picture", input}}), after(again.model(), {{"picture", input}});
  for (int i = 0; i < 3; ++i) EXPECT_EQ(after["classes"].data()[i], before["classes"].data()[i]);
}

TEST(KerasFile, OfWeightsAloneFitsItsNetwork) {
  const Network network = ReadKerasFile(Fixture("keras_sequential.keras"));
  for (const char* const ending : {".weights.h5", ".h5", ".keras"}) {
    const MatchedWeights matched =
        MatchWeights(network.graph(), ReadKerasWeights(Fixture(std::string("keras_sequential") + ending)));
    EXPECT_TRUE(matched.report.missing.empty() && matched.report.left_over.empty()) << ending;
    Network again = network;
    again.SetWeights(matched.weights);
    ExpectSameWeights(network, again);
  }
  EXPECT_THAT([] { ReadKerasFile(Fixture("keras_sequential.weights.h5")); },
              ThrowsMessage<Error>(AllOf(HasSubstr("weights alone"), HasSubstr("--weights"))));
}

TEST_F(KerasFiles, AreReadBackAsTheyWereWritten) {
  for (const char* const name : {"keras_sequential.keras", "keras_functional.keras"}) {
    const Network network = ReadKerasFile(Fixture(name));
    WriteKerasFile(network, folder_ / "a.keras");
    const Network again = ReadKerasFile(folder_ / "a.keras");
    EXPECT_EQ(again.name(), network.name());
    ExpectSameWeights(network, again);
    WriteKerasWeights(network, folder_ / "a.weights.h5");
    const MatchedWeights matched = MatchWeights(network.graph(), ReadKerasWeights(folder_ / "a.weights.h5"));
    Network fresh = network;
    fresh.Initialize(7);
    fresh.SetWeights(matched.weights);
    ExpectSameWeights(network, fresh);
    const std::string bytes = ReadFile(folder_ / "a.keras", 10'000'000);
    WriteKerasFile(network, folder_ / "a.keras");
    EXPECT_EQ(ReadFile(folder_ / "a.keras", 10'000'000), bytes) << "the same bytes each time";
  }
}

// Keras has no arguments for a mean that was measured: null, and three weights, the last one how many samples there
// were.
TEST_F(KerasFiles, HoldMeasuredMeans) {
  Network network = Sequential({2}, {Normalization{.name = "n"}}, "small");
  network.SetWeights("n", {Share(Tensor::Of({2}, {1, 3})), Share(Tensor::Of({2}, {4, 9}))});
  WriteKerasFile(network, folder_ / "a.keras");
  EXPECT_THAT(KerasJson(network), HasSubstr(R"("mean": null)"));
  const Network read = ReadKerasFile(folder_ / "a.keras");
  EXPECT_THAT(read.weights().at("n/mean")->view<float>().span(), ElementsAre(1, 3));
  EXPECT_THAT(read.weights().at("n/variance")->view<float>().span(), ElementsAre(4, 9));
}

TEST_F(KerasFiles, KeepWhatIsDoneToPicturesAndTheClassesNames) {
  Network network = ReadKerasFile(Fixture("keras_sequential.keras"));
  network.preprocessing = {.divisor = 255, .mean = {0.5, 0.25}, .deviation = {0.1, 0.2}};
  network.class_names = {"Zürich", "b", "c"};
  WriteKerasFile(network, folder_ / "a.keras");
  const Network again = ReadKerasFile(folder_ / "a.keras");
  EXPECT_EQ(again.preprocessing, network.preprocessing);
  EXPECT_EQ(again.class_names, network.class_names);
  KerasFileNote note;
  ReadKerasFile(folder_ / "a.keras", &note);
  EXPECT_TRUE(note.told && !note.scaling_assumed && !note.untrained);
  WriteKerasFile(network, folder_ / "a.keras", {.scaling_assumed = true, .untrained = true});
  ReadKerasFile(folder_ / "a.keras", &note);
  EXPECT_TRUE(note.told && note.scaling_assumed && note.untrained);
  network.class_names = {"too", "few"};
  WriteKerasFile(network, folder_ / "b.keras");
  EXPECT_THAT([&] { ReadKerasFile(folder_ / "b.keras"); },
              ThrowsMessage<Error>(AllOf(HasSubstr("convscope.json"), HasSubstr("2 names"))));
}

// Keras' SpatialDropout2D refuses the argument that every other layer takes.
TEST_F(KerasFiles, GiveNoLayerAnArgumentThatKerasRefuses) {
  WriteKerasFile(ReadKerasFile(Fixture("keras_sequential.keras")), folder_ / "a.keras");
  ArchiveReader archive(folder_ / "a.keras");
  while (archive.Next() && archive.name() != "config.json") {
  }
  const std::string config = archive.Read(1'000'000);
  const size_t begin = config.find("\"SpatialDropout2D\"");
  ASSERT_NE(begin, std::string::npos);
  const std::string layer = config.substr(begin, config.find("registered_name", begin) - begin);
  EXPECT_THAT(layer, AllOf(HasSubstr("rate"), Not(HasSubstr("trainable"))));
}

// Layers with slashes in their names and explicit padding, which Keras has otherwise.
TEST_F(KerasFiles, HoldWhatKerasSaysInOtherLayers) {
  NetworkBuilder builder("ours");
  const std::string input = builder.Input({6, 6, 2});
  const std::string x =
      builder.Call(Conv2D{.filters = 2, .kernel_size = 3, .padding = Padding::Explicit(1, 1), .name = "a/conv"}, input);
  Network network = builder.Build({builder.Call(Dense{.units = 3, .name = "a/dense"}, x)});
  network.Initialize(5);
  WriteKerasFile(network, folder_ / "a.keras");
  const Network again = ReadKerasFile(folder_ / "a.keras");
  const MatchedWeights matched = MatchWeights(network.graph(), ReadKerasWeights(folder_ / "a.keras"));
  EXPECT_TRUE(matched.report.missing.empty());
  EXPECT_EQ(again.layers().size(), 3u);
  const Tensor& kernel = *again.weights().find("a.conv/kernel")->second;
  EXPECT_EQ(std::memcmp(kernel.bytes(), network.weights().find("a/conv/kernel")->second->bytes(),
                        static_cast<size_t>(kernel.SizeInBytes())),
            0);
}

// As keras.Model lists them: those of keras_functional.keras, whose file has another order.
TEST(KerasLayerOrder, IsByDepthThenAsTheyAreMetFromTheOutput) {
  const Network network = ReadKerasFile(Fixture("keras_functional.keras"));
  const internal::Hdf5Reader file(Fixture("keras_functional.h5"));
  std::vector<std::string> theirs = *file.Texts("model_weights", "layer_names");
  std::erase(theirs, "picture");
  std::vector<std::string> ours;
  for (const size_t place : internal::KerasLayerOrder(network)) ours.push_back(network.layers()[place].name);
  EXPECT_EQ(ours, theirs);
}

TEST_F(KerasFiles, ThatAreDamagedAreRefusedAndNothingElse) {
  const auto write = [&](const std::string& name, std::string_view bytes) {
    const std::string_view pieces[] = {bytes};
    WriteFileAtomically(folder_ / name, pieces);
    return folder_ / name;
  };
  for (const char* const ending : {".keras", ".h5"}) {
    const std::string whole = ReadFile(Fixture(std::string("keras_sequential") + ending), 10'000'000);
    for (size_t length = 0; length < whole.size(); length += whole.size() / 20 + 1) {
      EXPECT_THROW(ReadKerasFile(write(std::string("a") + ending, std::string_view(whole).substr(0, length))), Error)
          << ending << " " << length;
    }
    // Any byte may be another; what is read then is a network, or an Error.
    for (size_t place = 0; place < whole.size(); place += whole.size() / 100 + 1) {
      std::string changed = whole;
      changed[place] = static_cast<char>(changed[place] ^ 0x55);
      try {
        ReadKerasFile(write(std::string("b") + ending, changed));
      } catch (const Error&) {
      }
    }
  }
  EXPECT_THAT([&] { ReadKerasFile(write("a.h5", "no HDF5 at all")); },
              ThrowsMessage<Error>(AllOf(HasSubstr("a.h5"), HasSubstr("HDF5"))));
  internal::WriteZip(folder_ / "a.keras", [](internal::ZipWriter& zip) {
    const std::string_view pieces[] = {"{}"};
    zip.Add("config.json", pieces);
  });
  EXPECT_THAT([&] { ReadKerasFile(folder_ / "a.keras"); }, ThrowsMessage<Error>(HasSubstr("no model.weights.h5")));
}

TEST_F(KerasFiles, WithoutTheWeightsOfALayerAreRefused) {
  const Network network = ReadKerasFile(Fixture("keras_sequential.keras"));
  const Sequential other({4}, {Dense{.units = 2, .name = "other"}});
  Network weights = other;
  weights.Initialize(1);
  WriteKerasWeights(weights, folder_ / "other.weights.h5");
  const std::string json =
      "{\"class_name\": \"Sequential\", \"module\": \"keras\", \"config\": {\"name\": \"s\", "
      "\"layers\": [{\"class_name\": \"InputLayer\", \"config\": {\"batch_shape\": [null, 4]}}, "
      "{\"class_name\": \"Dense\", \"config\": {\"name\": \"d\", \"units\": 3}}]}}";
  const std::string bytes = ReadFile(folder_ / "other.weights.h5", 1'000'000);
  internal::WriteZip(folder_ / "a.keras", [&](internal::ZipWriter& zip) {
    const std::string_view config[] = {json}, file[] = {bytes};
    zip.Add("config.json", config);
    zip.Add("model.weights.h5", file);
  });
  EXPECT_THAT([&] { ReadKerasFile(folder_ / "a.keras"); },
              ThrowsMessage<Error>(AllOf(HasSubstr("none for d/kernel"), HasSubstr("left over: other/0"))));
}

TEST_F(KerasFiles, WhoseModelsLieInEachOtherWithoutEndAreRefused) {
  const auto write = [&](int depth) {
    internal::Hdf5Writer writer;
    std::string layer = "layers/a";
    for (int i = 0; i < depth; ++i, layer += "/layers/a") writer.Group(layer + "/vars");
    const std::string bytes = writer.Bytes();
    const std::string_view pieces[] = {bytes};
    WriteFileAtomically(folder_ / "a.h5", pieces);
    return folder_ / "a.h5";
  };
  EXPECT_TRUE(ReadKerasWeights(write(32)).empty());
  EXPECT_THAT([&] { ReadKerasWeights(write(33)); },
              ThrowsMessage<Error>(HasSubstr("a.h5: models lie at most 32 deep in each other")));
}

TEST(Hdf5Reader, RefusesToListOneGroupForEver) {
  internal::Hdf5Writer writer;
  for (int i = 0; i < 1000; ++i) writer.Group(Concat("a/", i));
  const internal::Hdf5Reader file(writer.Bytes(), "a.h5");
  for (int times = 0; times < 100; ++times) EXPECT_EQ(file.Members("a").size(), 1000u);
  EXPECT_THAT([&] { file.Members("a"); }, ThrowsMessage<Error>(HasSubstr("more than 100000 members")));
}

TEST(Hdf5Reader, RefusesToReadOneArrayForEver) {
  internal::Hdf5Writer writer;
  writer.Array("a", Tensor::Zeros({1 << 18}));
  const internal::Hdf5Reader file(writer.Bytes(), "a.h5");
  for (int times = 0; times < 256; ++times) file.Array("a");  // 256 MiB
  EXPECT_THAT([&] { file.Array("a"); }, ThrowsMessage<Error>(HasSubstr("a.h5, a: this must be")));
}

TEST(Hdf5Reader, ReadsOnlyWhatLiesInTheFile) {
  const internal::Hdf5Reader file(Fixture("hdf5_outside.h5"));
  EXPECT_THAT([&] { file.Array("external_link"); }, ThrowsMessage<Error>(HasSubstr("a link to somewhere else")));
  EXPECT_THAT([&] { file.Array("soft_link"); }, ThrowsMessage<Error>(HasSubstr("a link to somewhere else")));
  EXPECT_THAT([&] { file.Array("external_storage"); }, ThrowsMessage<Error>(HasSubstr("numbers in another file")));
  EXPECT_THAT([&] { file.Array("virtual"); }, ThrowsMessage<Error>(HasSubstr("numbers in another file")));
  EXPECT_THAT([&] { file.Array("bomb"); }, ThrowsMessage<Error>(HasSubstr("in a file of")));
  EXPECT_THAT([&] { file.Array("texts"); }, ThrowsMessage<Error>(HasSubstr("no numbers")));
  EXPECT_THAT([&] { file.Array("missing"); }, ThrowsMessage<Error>(HasSubstr("no array")));
  const Tensor half = file.Array("half");
  ASSERT_EQ(half.shape(), (Shape{2, 2}));
  EXPECT_EQ(half.data<float>()[3], 1.5f);
  EXPECT_THAT(file.Texts("", "fixed"), ::testing::Optional(ElementsAre("one", "three")));
  EXPECT_THAT([&] { file.Text("", "number"); }, ThrowsMessage<Error>(HasSubstr("no text")));
}

}  // namespace
}  // namespace convscope
