#include "model_remarks.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <vector>

namespace convscope::cli {
namespace {

// Of the process: it runs one command.
std::vector<ModelRemark> told;
bool opens_models = false;

void TellOnce(const ModelRemark& remark) {
  if (std::find(told.begin(), told.end(), remark) != told.end()) return;
  told.push_back(remark);
  // Over the line of progress, which comes back by itself.
  const char* const over = isatty(STDERR_FILENO) != 0 ? "\r\033[K" : "";
  std::fprintf(stderr, "%s%s\n", over, RemarkText(remark).c_str());
}

}  // namespace

void TellRemarksOf(ModelChoice& model, bool shown_pictures) {
  model.shown_pictures = shown_pictures;
  model.tell = TellOnce;
}

void OpensModels() {
  opens_models = true;
}

std::string WithModelRemarks(const std::string& json) {
  return opens_models ? WithRemarks(json, told) : json;
}

}  // namespace convscope::cli
