// Any bytes as a configuration file: read or refused with a message, and what is read prints as a
// file that says the same.
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "kpi/assert.h"
#include "server/operate/config.h"

namespace {

using kpi::server::Config;

// A file without a disk.
class MemoryFile {
 public:
  MemoryFile() : file_(memfd_create("config", 0)) { KPI_ASSERT(file_ >= 0); }
  std::string path() const { return "/proc/self/fd/" + std::to_string(file_); }
  void write(std::string_view text) const {
    KPI_ASSERT(ftruncate(file_, 0) == 0);
    KPI_ASSERT(pwrite(file_, text.data(), text.size(), 0) == static_cast<ssize_t>(text.size()));
  }

 private:
  const int file_;
};

kpi::Result<Config> read(const MemoryFile& file, std::string_view text) {
  file.write(text);
  const std::vector<std::string> arguments = {"--config", file.path()};
  return kpi::server::read_config(arguments,
                                  [](const std::string&) { return std::optional<std::string>(); });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const MemoryFile kFile;
  const auto config = read(kFile, {reinterpret_cast<const char*>(data), size});
  if (!config.ok()) {
    KPI_ASSERT(!config.error().message.empty());
    return 0;
  }
  const std::string printed = kpi::server::config_text(config.value());
  const auto again = read(kFile, printed);
  KPI_ASSERT(again.ok());
  Config second = again.value();
  second.origins = config.value().origins;
  KPI_ASSERT(kpi::server::config_text(second) == printed);
  return 0;
}
