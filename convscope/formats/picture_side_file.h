// What lies beside a model's file and tells how pictures are prepared for it and what its classes are called:
// convscope's own note, and the files that come with models of Hugging Face and timm.
//
//   model.convscope.json     beside model.onnx: {"preset": "imagenet", "size": [224, 224], "channels": "rgb",
//                            "divisor": 255, "mean": [...], "deviation": [...], "fit": "cover", "crop": 0.875,
//                            "class_names": [...]}, each of them optional
//   preprocessor_config.json image_mean, image_std, rescale_factor, size, crop_size and what belongs to them
//   config.json              id2label; of timm pretrained_cfg and label_names
//
// Hugging Face's are looked for in the model's folder, and above a folder that is called "onnx", as they publish them.
#ifndef CONVSCOPE_FORMATS_PICTURE_SIDE_FILE_H_
#define CONVSCOPE_FORMATS_PICTURE_SIDE_FILE_H_

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "convscope/formats/picture_note.h"

namespace convscope {

// What the files beside `model` tell, what counts least first: none where there are none. One of another program that
// cannot be understood is passed over, and its note says so; convscope's own throws Error naming it. A config.json that
// is no JSON or tells nothing of pictures is of something else.
std::vector<PictureNote> ReadPictureSideFiles(const std::filesystem::path& model);

// The notes that these files are; `where` names them in errors, and is their source.
PictureNote ParseOwnPictureNote(std::string_view json, const std::string& where);
PictureNote ParsePreprocessorConfig(std::string_view json, const std::string& where);
PictureNote ParseModelConfig(std::string_view json, const std::string& where);

}  // namespace convscope

#endif  // CONVSCOPE_FORMATS_PICTURE_SIDE_FILE_H_
