// What a network makes of some pictures, as one HTML file that shows it without a server: the Network view of the
// studio, with its data inside.
#ifndef CONVSCOPE_TASKS_NETWORK_REPORT_H_
#define CONVSCOPE_TASKS_NETWORK_REPORT_H_

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "convscope/base/progress.h"
#include "convscope/tasks/model_picture.h"

namespace convscope {

struct ReportRequest {
  ModelChoice model;       // as OpenModel takes it
  PictureChoice pictures;  // at least one
  std::vector<std::string>
      methods;          // of attribution; none: saliency, input-x-gradient and grad-cam, what the model takes
  int64_t classes = 3;  // that they are asked of, the likeliest of each picture
  int64_t side = 32;    // most rows and columns of a map; of larger ones every n-th value is kept
  Progress progress;
};

// The data of a report: gzip of a length (8 bytes, the lowest first), so many bytes of JSON, and the entries that it
// places, {"KEY": [first byte, end]}. Each is JSON or a safetensors file as network_view.h tells it:
//   network, graph (GraphJson), methods; about: "version", "model", "command"
//   parameters: all that the network has, in their own axes; none where they are too large
//   filters/PARAMETER of each layer that has a kernel
//   look/P, input/P (what is fed in), maps/P/TENSOR, attribute/P/METHOD/CLASS of picture P, from 0
// Throws Error for a request without pictures and what OpenModel, ReadModelPictures and AttributeLook throw.
std::string ReportData(const ReportRequest& request);

struct WrittenReport {
  std::filesystem::path file;
  int64_t bytes = 0;
};

// Puts the data into `page`, where "CONVSCOPE_REPORT_DATA" stands in it, as base64, and writes the file.
WrittenReport WriteReport(const ReportRequest& request, std::string_view page, const std::filesystem::path& file);

}  // namespace convscope

#endif  // CONVSCOPE_TASKS_NETWORK_REPORT_H_
