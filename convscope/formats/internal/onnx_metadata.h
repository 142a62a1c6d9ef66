// What other programs tell in an .onnx file's metadata_props of pictures and classes. Not for users.
//   ONNX' own words for images (docs/MetadataProps.md): Image.BitmapPixelFormat, Image.NominalPixelRange
//   Ultralytics: names, imgsz, stride, task; their networks take pictures from 0 to 1
//   names of classes under the keys that exporters use: names, classes, class_names, labels, id2label
// What convscope itself writes there is read in onnx.cc.
#ifndef CONVSCOPE_FORMATS_INTERNAL_ONNX_METADATA_H_
#define CONVSCOPE_FORMATS_INTERNAL_ONNX_METADATA_H_

#include <map>
#include <string>

#include "convscope/formats/internal/onnx_form.h"
#include "convscope/formats/picture_note.h"

namespace convscope::internal {

// ModelFile::axes, {"x": [0, 2, 3, 1]}, for a file of ours. The reader throws Error naming `where`.
std::string TextOfAxes(const BorderAxes& axes);
BorderAxes ParseAxes(const std::string& text, const std::string& where);

// Of metadata by key. What cannot be understood is passed over: others may mean something else by the same word.
PictureNote NoteOfMetadata(const std::map<std::string, std::string>& metadata);

}  // namespace convscope::internal

#endif  // CONVSCOPE_FORMATS_INTERNAL_ONNX_METADATA_H_
