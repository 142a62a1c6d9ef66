// What is said of the pictures that a model is shown and of its classes, beside the model: in a file that lies there,
// in the metadata of another program, or by a user. Each part may be left out; what says more goes over what says less.
#ifndef CONVSCOPE_FORMATS_PICTURE_NOTE_H_
#define CONVSCOPE_FORMATS_PICTURE_NOTE_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "convscope/base/error.h"
#include "convscope/formats/model_file.h"

namespace convscope {

struct PictureNote {
  // As in Preprocessing; none: not told.
  std::optional<double> divisor = {};
  std::optional<std::vector<double>> mean = {}, deviation = {};
  std::optional<bool> reversed = {};
  std::optional<PictureFit> fit = {};
  std::optional<double> crop = {};
  std::vector<std::string> class_names = {};  // may be empty
  int64_t rows = 0, columns = 0;              // of pictures; 0: not told
  std::string source = {};                    // who says so: "preprocessor_config.json", "--preset imagenet"
  // Whether another program says so: what of it does not fit the model is passed over and told, no error.
  bool foreign = false;
  std::vector<std::string> passed_over = {};  // what is said and not done, a line each

  bool tells_numbers() const { return divisor || mean || deviation; }
  bool tells_preprocessing() const { return tells_numbers() || reversed || fit || crop; }
};

// Whether the means, which the note tells without a divisor, are of pixels from 0 to 255, since one is above 1: of what
// was divided by 255 none can be.
bool CountsTo255(const PictureNote& note);

// `note` over what the model has; means of pixels from 0 to 255 make the divisor 1; names of classes are taken where
// they fit the model's. Throws Error, beginning with the note's source, for numbers that no picture can be prepared
// with: means or deviations that are neither one nor one a channel, a deviation or divisor of 0. Of a foreign note that
// is a line of ModelFile::assumed, as what it passes over is.
void ApplyNote(const PictureNote& note, ModelFile& file);

// The line that says so of what a foreign note tells.
std::string PassedOver(const Error& error);

// How many classes the model tells apart: the last axis of its first output; 0 where it has none.
int64_t ClassCount(const ModelFile& file);
// Whether the model's classes can be called so: as many names, or two where it tells them apart by one score.
bool FitsClasses(const std::vector<std::string>& names, const ModelFile& file);

// A known way to prepare pictures.
struct PicturePreset {
  std::string_view name;
  std::string_view description;  // one line
  Preprocessing preprocessing;
};
std::span<const PicturePreset> PicturePresets();
// Throws Error with the names that there are.
const PicturePreset& FindPicturePreset(std::string_view name);
// What it tells as a note; its source is "preset NAME".
PictureNote NoteOf(const PicturePreset& preset);

// "rgb", "bgr": whether channels are reversed; "cover", "stretch", "pad". Throw Error naming `where`.
bool ParseChannelOrder(std::string_view text, const std::string& where);
PictureFit ParsePictureFit(std::string_view text, const std::string& where);
std::string_view NameOf(PictureFit fit);

// "divided by 255, minus 0.485, 0.456, 0.406, divided by 0.229, 0.224, 0.225; the middle 87.5 % cut out": one line.
std::string PreprocessingText(const Preprocessing& preprocessing);

}  // namespace convscope

#endif  // CONVSCOPE_FORMATS_PICTURE_NOTE_H_
