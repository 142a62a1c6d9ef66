// What has to be told of a model whoever opens it: what its file leaves open and was chosen, and what of it could not
// be taken over.
#ifndef CONVSCOPE_TASKS_MODEL_REMARK_H_
#define CONVSCOPE_TASKS_MODEL_REMARK_H_

#include <functional>
#include <string>
#include <vector>

namespace convscope {

struct ModelRemark {
  enum class Kind { kAssumed, kMissing };
  Kind kind = Kind::kAssumed;
  std::string text;  // a line

  bool operator==(const ModelRemark&) const = default;
};

using TellRemark = std::function<void(const ModelRemark&)>;

// "assumed: ...", "left out: ...".
std::string RemarkText(const ModelRemark& remark);

// `json`, an object as the tasks print it, with the remarks as its members "assumed" and "missing", lists of lines,
// where it has none.
std::string WithRemarks(const std::string& json, const std::vector<ModelRemark>& remarks);

}  // namespace convscope

#endif  // CONVSCOPE_TASKS_MODEL_REMARK_H_
