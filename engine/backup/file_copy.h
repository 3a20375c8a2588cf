// Files read, hashed and written durably on their way into a backup and out of it.
#pragma once
#include <cstdint>
#include <filesystem>
#include <stop_token>
#include <string>
#include <string_view>

#include "kpi/result.h"

namespace kpi {

// XXH3-128 in hex.
std::string hash_of(std::string_view bytes);

// An open file, which stays readable when it is unlinked. Closed with the object.
class OpenFile {
 public:
  OpenFile() = default;
  // kNotFound; kIo.
  static Result<OpenFile> open(const std::filesystem::path& path);
  ~OpenFile();
  OpenFile(OpenFile&& other) noexcept;
  OpenFile& operator=(OpenFile&& other) noexcept;

  Result<std::uint64_t> size() const;
  int descriptor() const { return descriptor_; }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
  int descriptor_ = -1;
};

// Of the first `bytes` bytes. kCorruption: there are fewer. kCanceled: `stop`.
Result<std::string> hash_of(const OpenFile& file, std::uint64_t bytes, const std::stop_token& stop);
// Writes them to `to`, which must not exist, and makes them durable. The same errors; the hash.
Result<std::string> copy_file(const OpenFile& file, std::uint64_t bytes,
                              const std::filesystem::path& to, const std::stop_token& stop);
// A new file with this content, durable. The directory's entry is not.
Status write_file(const std::filesystem::path& to, std::string_view bytes);
Status sync_directory(const std::filesystem::path& dir);

}  // namespace kpi
