// A directory that is made whole under another name and then takes its own, or leaves nothing.
#pragma once
#include <filesystem>

#include "kpi/result.h"

namespace kpi {

class NewDirectory {
 public:
  // `path` must be absent or an empty directory (kInvalidArgument); its parent must exist.
  static Result<NewDirectory> begin(const std::filesystem::path& path);
  ~NewDirectory();  // Removes it, unless it was finished.
  NewDirectory(NewDirectory&& other) noexcept;
  NewDirectory& operator=(NewDirectory&&) = delete;

  const std::filesystem::path& part() const { return part_; }  // Where to make it.
  Status finish();                                             // Durable under its name.

 private:
  NewDirectory(std::filesystem::path path, std::filesystem::path part)
      : path_(std::move(path)), part_(std::move(part)) {}
  std::filesystem::path path_, part_;
};

}  // namespace kpi
