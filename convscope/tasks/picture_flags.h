// What a user says on the command line of how pictures are prepared for a model and what its classes are called. It
// goes over what lies beside the model (formats/picture_side_file.h), which goes over what the file itself tells.
#ifndef CONVSCOPE_TASKS_PICTURE_FLAGS_H_
#define CONVSCOPE_TASKS_PICTURE_FLAGS_H_

#include <optional>
#include <string>
#include <vector>

#include "convscope/formats/picture_note.h"

namespace convscope {

struct PictureFlags {
  std::string preset;                  // of PicturePresets(); what stands below goes over its parts
  std::optional<double> divisor = {};  // as in Preprocessing
  std::vector<double> mean = {}, deviation = {};
  std::string channels = {};        // "rgb", "bgr"
  std::string fit = {};             // "cover", "stretch", "pad"
  std::optional<double> crop = {};  // above 0, at most 1
  std::string size = {};            // "ROWS,COLUMNS" or "N", of a model that takes pictures of any size
  std::string class_names = {};     // a file that ReadClassList takes

  bool operator==(const PictureFlags&) const = default;
};

// Throws Error for a preset, an order of channels or a size that there is not, and as ReadClassList does.
PictureNote NoteOf(const PictureFlags& flags);

}  // namespace convscope

#endif  // CONVSCOPE_TASKS_PICTURE_FLAGS_H_
