// The sender's own record of what was acknowledged: one decimal id a line, written as answers come,
// so that it survives the end of either process.
#pragma once
#include <memory>
#include <string>

#include "kpi/result.h"
#include "tools/kpi_load/request.h"

namespace kpi::load {

class AckLog {
 public:
  // Appends to `path`, creating it. kIo.
  static Result<std::unique_ptr<AckLog>> open(const std::string& path);
  ~AckLog();
  AckLog(const AckLog&) = delete;
  AckLog& operator=(const AckLog&) = delete;
  Status acknowledge(const Request& request);  // All its ids, in one write. kIo.

 private:
  AckLog(int fd, std::string path) : fd_(fd), path_(std::move(path)) {}
  int fd_;
  std::string path_;
};

}  // namespace kpi::load
