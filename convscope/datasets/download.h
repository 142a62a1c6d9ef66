// One file from the network, over HTTP or HTTPS (libcurl): checked, resumed, from the first mirror that has it.
#ifndef CONVSCOPE_DATASETS_DOWNLOAD_H_
#define CONVSCOPE_DATASETS_DOWNLOAD_H_

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "convscope/base/progress.h"

namespace convscope {

struct DownloadRequest {
  std::vector<std::string> urls;  // of the same file, tried in this order
  std::filesystem::path file;     // where it goes; its folder must exist
  std::string md5;                // what its bytes must give; empty: not looked at
  int64_t bytes = 0;  // about, for progress; a transfer of more than twice that, and 1 MiB, is stopped. 0: not known
  double patience_seconds = 30;  // without a connection, or without a byte, before a mirror is given up
  Progress progress;
};

struct Downloaded {
  std::string url;           // that it came from
  int64_t resumed_from = 0;  // bytes that were there from an earlier transfer
};

// Writes request.file, whole and checked, or throws Error, which says for each mirror what went wrong.
//
// What arrives goes into request.file + ".part" first. It stays there when the transfer breaks off, however that was,
// and the next call asks for the rest alone, of any mirror. Bytes that do not fit the checksum are thrown away. A call
// for a file that another process is getting is refused.
Downloaded Download(const DownloadRequest& request);

}  // namespace convscope

#endif  // CONVSCOPE_DATASETS_DOWNLOAD_H_
