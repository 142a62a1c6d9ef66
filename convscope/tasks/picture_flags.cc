#include "convscope/tasks/picture_flags.h"

#include <utility>

#include "convscope/base/error.h"
#include "convscope/base/text.h"
#include "convscope/formats/class_list.h"
#include "convscope/tasks/open_data.h"

namespace convscope {

PictureNote NoteOf(const PictureFlags& flags) {
  PictureNote note;
  if (!flags.preset.empty()) {
    try {
      note = NoteOf(FindPicturePreset(flags.preset));
    } catch (const Error& error) {
      ErrorParts parts = error.parts();
      parts.where = "--preset";
      throw Error(std::move(parts));
    }
  }
  note.source = flags.preset.empty() ? "options" : "--preset " + flags.preset;
  if (flags.divisor) {
    if (!(*flags.divisor > 0)) {
      throw Error({.where = "--pixel-divisor",
                   .rule = "a divisor is a number above 0",
                   .received = ShortestText(*flags.divisor)});
    }
    note.divisor = flags.divisor;
  }
  if (!flags.mean.empty()) note.mean = flags.mean;
  if (!flags.deviation.empty()) note.deviation = flags.deviation;
  if (!flags.channels.empty()) note.reversed = ParseChannelOrder(flags.channels, "--channel-order");
  if (!flags.fit.empty()) note.fit = ParsePictureFit(flags.fit, "--fit");
  if (flags.crop) note.crop = flags.crop;
  if (!flags.size.empty()) {
    const auto [rows, columns] = ParsePictureSize(flags.size, "--input-size");
    note.rows = rows;
    note.columns = columns;
  }
  if (!flags.class_names.empty()) note.class_names = ReadClassList(flags.class_names);
  return note;
}

}  // namespace convscope
