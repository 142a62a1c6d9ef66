#include "convscope/tasks/model_remark.h"

#include <utility>

#include "convscope/tasks/internal/json_text.h"

namespace convscope {

std::string RemarkText(const ModelRemark& remark) {
  return (remark.kind == ModelRemark::Kind::kAssumed ? "assumed: " : "left out: ") + remark.text;
}

std::string WithRemarks(const std::string& json, const std::vector<ModelRemark>& remarks) {
  internal::Json object = internal::Json::parse(json);
  const auto add = [&](const char* name, ModelRemark::Kind kind) {
    if (object.contains(name)) return;
    object[name] = internal::Json::array();
    for (const ModelRemark& remark : remarks) {
      if (remark.kind == kind) object[name].push_back(remark.text);
    }
  };
  add("assumed", ModelRemark::Kind::kAssumed);
  add("missing", ModelRemark::Kind::kMissing);
  return internal::JsonText(object);
}

}  // namespace convscope
