// The models that a page looks at, opened once: those named on the command line, those that come with convscope, the
// built-in architectures, and .onnx files that were sent, by a name made of their bytes. What was opened is dropped
// when there is too much, the least recently used first, and opened again when it is asked for; of what was sent the
// bytes are dropped too, and the page sends them again.
#ifndef CONVSCOPE_APP_SERVER_MODEL_STORE_H_
#define CONVSCOPE_APP_SERVER_MODEL_STORE_H_

#include <cstdint>
#include <filesystem>
#include <list>
#include <memory>
#include <string>
#include <vector>

#include "convscope/base/error.h"
#include "convscope/tasks/open_model.h"

namespace convscope::server {

// Of a model that is not, or no longer, there.
class NoSuchModel : public Error {
 public:
  using Error::Error;
};

struct ServedModel {
  OpenedModel model;                 // for one picture
  std::vector<std::string> remarks;  // what opening it told
};

class ModelStore {
 public:
  struct Entry {
    std::string id, title;
    std::string origin;                            // "named", "run", "bundled", "built-in" or "sent"
    std::string description;                       // of a built-in one
    std::string path;                              // what OpenModel takes; of one that was sent empty
    std::string bytes;                             // that were sent
    std::filesystem::file_time_type written = {};  // of a run: its model
    std::shared_ptr<const ServedModel> opened = {};
  };

  // `named` as OpenModel takes them, opened at once, so that a mistake is told when the program starts; the runs of
  // folder `runs`, as they are when they are asked for; the .onnx files of folder `bundled`; `most_bytes` of what was
  // sent and of the parameters of what is open. Of what was sent at most 32 are kept.
  ModelStore(const std::vector<std::string>& named, std::filesystem::path runs, const std::filesystem::path& bundled,
             int64_t most_bytes);

  // In the order above.
  const std::list<Entry>& All();

  // Opens what was sent; throws Error when it is no model.
  const Entry& Add(std::string bytes);

  // Throws NoSuchModel, and what opening throws.
  std::shared_ptr<const ServedModel> Open(const std::string& id);

 private:
  void FindRuns();
  void OpenEntry(Entry& entry);
  void DropWhatIsTooMuch(const Entry& but);

  std::list<Entry> entries_;
  std::list<Entry*> used_;  // the last used first
  const std::filesystem::path runs_;
  int64_t most_bytes_;
};

}  // namespace convscope::server

#endif  // CONVSCOPE_APP_SERVER_MODEL_STORE_H_
