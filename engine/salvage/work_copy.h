// A damaged store made readable beside itself: its tables by links, the rest copied, so that what
// opening changes is changed there.
#pragma once
#include <filesystem>
#include <memory>
#include <string>

#include "engine/rocks/database.h"
#include "kpi/result.h"
#include "kpi/salvage.h"

namespace kpi {

class WorkCopy {
 public:
  // Makes `work`, which must not exist. kBusy: a process has `dir` open. kNotFound.
  static Result<WorkCopy> open(const std::filesystem::path& dir, const std::filesystem::path& work);
  ~WorkCopy();  // Removes it.
  WorkCopy(WorkCopy&& other) noexcept;
  WorkCopy& operator=(WorkCopy&&) = delete;

  const Database& database() const { return *database_; }
  SalvageReport::Opened opened() const { return opened_; }
  const std::string& reason() const { return reason_; }

 private:
  explicit WorkCopy(std::filesystem::path work) : work_(std::move(work)) {}
  Status link_and_copy(const std::filesystem::path& dir);
  Status open_somehow();
  Status rebuild(const EngineOptions& options);

  std::filesystem::path work_;
  std::unique_ptr<Database> database_;
  SalvageReport::Opened opened_ = SalvageReport::Opened::kWhole;
  std::string reason_;
};

}  // namespace kpi
