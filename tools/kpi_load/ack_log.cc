#include "tools/kpi_load/ack_log.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace kpi::load {

Result<std::unique_ptr<AckLog>> AckLog::open(const std::string& path) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
  if (fd < 0) {
    return Error{ErrorCode::kIo, "cannot append to '" + path + "': " + std::strerror(errno)};
  }
  return std::unique_ptr<AckLog>(new AckLog(fd, path));
}

AckLog::~AckLog() { ::close(fd_); }

Status AckLog::acknowledge(const Request& request) {
  std::string lines;
  for (std::uint32_t i = 0; i < request.events; ++i) {
    append_number(lines, request.first_id + i);
    lines.push_back('\n');
  }
  if (::write(fd_, lines.data(), lines.size()) != static_cast<ssize_t>(lines.size())) {
    return Error{ErrorCode::kIo, "cannot append to '" + path_ + "': " + std::strerror(errno)};
  }
  return ok_status();
}

}  // namespace kpi::load
