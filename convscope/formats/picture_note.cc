#include "convscope/formats/picture_note.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "convscope/base/error.h"
#include "convscope/base/text.h"

namespace convscope {
namespace {

// torchvision's weights of ImageNet: scaled to 256, the middle 224 cut out; keras.applications' imagenet_utils, whose
// modes are called "torch", "caffe" and "tf".
const std::array<PicturePreset, 6> kPresets = {{
    {"imagenet",
     "torchvision and timm: ImageNet's mean and deviation, 224 cut out of 256",
     {.mean = {0.485, 0.456, 0.406}, .deviation = {0.229, 0.224, 0.225}, .crop = 224.0 / 256}},
    {"imagenet-caffe",
     "Keras' vgg16 and resnet50: blue first, ImageNet's mean taken away",
     {.divisor = 1, .mean = {103.939, 116.779, 123.68}, .reversed = true}},
    {"inception", "Keras' inception, mobilenet and xception: -1 to 1", {.divisor = 127.5, .mean = {1}}},
    {"tf", "the same as inception", {.divisor = 127.5, .mean = {1}}},
    {"unit", "0 to 1", {}},
    {"raw", "0 to 255", {.divisor = 1}},
}};

// The channels that pictures of the model have; 0: not known.
int64_t ChannelsOf(const Graph& graph) {
  for (const GraphTensor& tensor : graph.tensors()) {
    const Shape& shape = tensor.type.shape;
    if (tensor.role == TensorRole::kInput) return shape.rank() == 4 ? shape[3] : 0;
  }
  return 0;
}

void Check(const Preprocessing& made, int64_t channels, const std::string& source) {
  const auto check_list = [&](const std::vector<double>& values, const char* what, bool not_0) {
    const auto count = static_cast<int64_t>(values.size());
    const bool finite =
        std::all_of(values.begin(), values.end(), [&](double v) { return std::isfinite(v) && (!not_0 || v > 0); });
    if (finite && (count <= 1 || channels == 0 || count == channels)) return;
    throw Error({.where = source,
                 .rule = finite ? Concat("there is one ", what,
                                         ", or one for each channel; this model's pictures have ", channels)
                                : Concat("a ", what, " is a number", not_0 ? " above 0" : ""),
                 .received = finite ? Concat(count) : "another"});
  };
  check_list({made.divisor == 0 ? 1 : made.divisor}, "divisor", true);
  check_list(made.mean, "mean", false);
  check_list(made.deviation, "deviation", true);
  if (made.crop > 0 && made.crop <= 1) return;
  throw Error({.where = source,
               .rule = "the part that is cut out of a picture is above 0 and at most 1",
               .received = ShortestText(made.crop)});
}

std::string ListText(const std::vector<double>& values) {
  std::string text;
  for (const double value : values) text += (text.empty() ? "" : ", ") + ShortestText(value);
  return text;
}

}  // namespace

bool CountsTo255(const PictureNote& note) {
  const auto beyond = [](double mean) { return mean > 1; };
  return !note.divisor && note.mean && std::any_of(note.mean->begin(), note.mean->end(), beyond);
}

int64_t ClassCount(const ModelFile& file) {
  if (file.outputs.empty()) return 0;
  const Shape& shape = file.model.graph()[file.outputs[0]].type.shape;
  return shape.rank() == 0 ? 0 : shape.back();
}

bool FitsClasses(const std::vector<std::string>& names, const ModelFile& file) {
  const auto count = static_cast<int64_t>(names.size()), classes = ClassCount(file);
  return count == classes || (count == 2 && classes == 1);
}

namespace {

// Detectors and networks of pictures have names of what is no axis of their output.
bool IsClassifier(const ModelFile& file) {
  return !file.outputs.empty() && file.model.graph()[file.outputs[0]].type.shape.rank() == 2;
}

void ApplyPictures(const PictureNote& note, ModelFile& file) {
  Preprocessing made = file.preprocessing.value_or(Preprocessing{});
  if (file.scaling_assumed && note.tells_numbers()) {  // what is told goes with nothing that was assumed
    made.divisor = 0;
    made.mean.clear();
    made.deviation.clear();
  }
  if (CountsTo255(note)) made.divisor = 1;
  if (note.divisor) made.divisor = *note.divisor;
  if (note.mean) made.mean = *note.mean;
  if (note.deviation) made.deviation = *note.deviation;
  if (note.reversed) made.reversed = *note.reversed;
  if (note.fit) made.fit = *note.fit;
  if (note.crop) made.crop = *note.crop;
  Check(made, ChannelsOf(file.model.graph()), note.source);
  const bool known = file.preprocessing && !file.scaling_assumed;
  file.scaling_assumed = !known && !note.tells_numbers();
  file.preprocessing = std::move(made);
  file.preprocessing_source = note.source;
}

}  // namespace

void ApplyNote(const PictureNote& note, ModelFile& file) {
  file.assumed.insert(file.assumed.end(), note.passed_over.begin(), note.passed_over.end());
  try {
    if (note.tells_preprocessing()) ApplyPictures(note, file);
  } catch (const Error& error) {
    if (!note.foreign) throw;
    file.assumed.push_back(PassedOver(error));
  }
  if (note.class_names.empty()) return;
  if (FitsClasses(note.class_names, file)) {
    file.class_names = note.class_names;
  } else if (IsClassifier(file)) {
    file.assumed.push_back(Concat(note.source, " names ", note.class_names.size(), " classes, of which the model has ",
                                  ClassCount(file), ": the names are passed over"));
  }
}

std::string PassedOver(const Error& error) {
  return Concat("what is told of pictures cannot be understood, and is passed over: ", error.what());
}

std::span<const PicturePreset> PicturePresets() {
  return kPresets;
}

const PicturePreset& FindPicturePreset(std::string_view name) {
  std::vector<std::string> names;
  for (const PicturePreset& preset : kPresets) {
    if (preset.name == name) return preset;
    names.emplace_back(preset.name);
  }
  std::string all;
  for (const std::string& known : names) all += (all.empty() ? "" : ", ") + known;
  throw Error({.where = "preset",
               .rule = "a way to prepare pictures is one of " + all,
               .received = Concat('"', name, '"'),
               .fix = DidYouMean(name, names)});
}

PictureNote NoteOf(const PicturePreset& preset) {
  const Preprocessing& all = preset.preprocessing;
  PictureNote note{.divisor = all.divisor, .mean = all.mean, .deviation = all.deviation};
  note.reversed = all.reversed;
  if (all.crop != 1) {  // the others say nothing of sizes
    note.fit = all.fit;
    note.crop = all.crop;
  }
  note.source = Concat("preset ", preset.name);
  return note;
}

bool ParseChannelOrder(std::string_view text, const std::string& where) {
  if (text == "rgb" || text == "bgr") return text == "bgr";
  throw Error({.where = where, .rule = "channels are rgb or bgr", .received = Concat('"', text, '"')});
}

PictureFit ParsePictureFit(std::string_view text, const std::string& where) {
  for (const PictureFit fit : {PictureFit::kCover, PictureFit::kStretch, PictureFit::kPad}) {
    if (text == NameOf(fit)) return fit;
  }
  throw Error({.where = where,
               .rule = "a picture of another size is made to cover, stretch or pad",
               .received = Concat('"', text, '"')});
}

std::string_view NameOf(PictureFit fit) {
  return fit == PictureFit::kCover ? "cover" : fit == PictureFit::kStretch ? "stretch" : "pad";
}

std::string PreprocessingText(const Preprocessing& given) {
  std::string text = given.reversed ? "blue first, " : "";
  const double divisor = given.divisor == 0 ? 255 : given.divisor;
  if (divisor != 1) text += "divided by " + ShortestText(divisor);
  if (divisor == 1) text += "0 to 255 as they are";
  if (!given.mean.empty()) text += ", minus " + ListText(given.mean);
  if (!given.deviation.empty()) text += ", divided by " + ListText(given.deviation);
  if (given.fit == PictureFit::kStretch) text += "; stretched to the size";
  if (given.fit == PictureFit::kPad) text += "; padded to the size";
  if (given.crop != 1) text += "; the middle " + ShortestText(std::round(given.crop * 1000) / 10) + " % cut out";
  return text;
}

}  // namespace convscope
