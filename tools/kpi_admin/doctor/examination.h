// What a store depends on outside itself, looked at one by one.
#pragma once
#include <filesystem>
#include <string>
#include <vector>

namespace kpi::tools {

struct Finding {
  enum class Grade { kOk, kNote, kWrong };
  Grade grade = Grade::kOk;
  std::string what, text;  // A word, and one line.
};

// Changes nothing. `users`: the users file, or empty.
std::vector<Finding> examine(const std::filesystem::path& data_dir,
                             const std::filesystem::path& users);

}  // namespace kpi::tools
