// The rules of the code base that a machine can check, as one fast test.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;
const fs::path kRoot = KPI_SOURCE_DIR;

// Which folders' headers a layer may include. "kpi" is include/kpi. Tests and benchmarks may
// include anything. server/auth knows no sockets: the server checks what kpi-admin writes.
const std::map<std::string, std::set<std::string>> kMayInclude = {
    {"include", {"kpi"}},
    {"engine", {"kpi", "engine"}},
    {"query", {"kpi", "query"}},
    {"server", {"kpi", "server"}},
    {"tools", {"kpi", "tools", "server/auth"}},
};
// Libraries that only some layers may name.
const std::map<std::string, std::set<std::string>> kOnlyIn = {
    {"<rocksdb/", {"engine"}},
    {"<boost/asio", {"server", "tools"}},
    {"<boost/beast", {"server", "tools"}},
    {"<sys/socket", {"server", "tools"}},
    {"<boost/math", {"query"}},
    {"<nlohmann/", {"server", "tools"}},
    {"<simdjson", {"server"}},
    {"<libpq", {"tools"}},
};
// Targets that must stay usable on their own: std and the public headers only.
const std::vector<std::string> kStdOnly = {"include/", "engine/sketch/", "engine/event/"};
constexpr int kFileLinesMax = 500;
constexpr int kHeaderLinesMax = 200;  // Of a public header.
constexpr int kCMakeLinesMax = 100;   // Of the top CMakeLists.txt.
constexpr std::size_t kLineColumnsMax = 110;
const std::vector<std::string> kBanned = {
    "FIX"
    "ME",
    "TO"
    "DO",
    "using namespace std",
    "#if 0",
    "sleep_for",
    "usleep("};
const std::set<std::string> kBannedNames = {"util",    "utils",   "common",
                                            "manager", "helpers", "misc"};

struct File {
  std::string path;  // Relative to the root, e.g. "engine/cell/counts.cc".
  std::vector<std::string> lines;
  std::string layer() const { return path.substr(0, path.find('/')); }
};

bool starts_with(const std::string& text, const std::string& prefix) {
  return text.compare(0, prefix.size(), prefix) == 0;
}

std::vector<File> source_files() {
  std::vector<File> files;
  for (const char* layer : {"include", "engine", "query", "server", "tools", "tests", "bench"}) {
    if (!fs::exists(kRoot / layer)) continue;
    for (const auto& entry : fs::recursive_directory_iterator(kRoot / layer)) {
      const auto extension = entry.path().extension();
      if (extension != ".h" && extension != ".cc") continue;
      File file{fs::relative(entry.path(), kRoot).string(), {}};
      std::ifstream in(entry.path());
      for (std::string line; std::getline(in, line);) file.lines.push_back(line);
      files.push_back(std::move(file));
    }
  }
  return files;
}

TEST(Tidy, LayersIncludeOnlyWhatTheyMay) {
  for (const File& file : source_files()) {
    const auto rule = kMayInclude.find(file.layer());
    if (rule == kMayInclude.end()) continue;
    for (const std::string& line : file.lines) {
      for (const auto& [header, layers] : kOnlyIn) {
        if (starts_with(line, "#include " + header)) {
          EXPECT_TRUE(layers.contains(file.layer())) << file.path << ": " << line;
        }
      }
      if (!starts_with(line, "#include \"")) continue;
      const std::string target = line.substr(10);
      const bool allowed = std::any_of(rule->second.begin(), rule->second.end(),
                                       [&](const auto& p) { return starts_with(target, p + "/"); });
      EXPECT_TRUE(allowed) << file.path << ": " << line;
    }
  }
}

TEST(Tidy, SketchEventsAndPublicHeadersNameOnlyStd) {
  for (const File& file : source_files()) {
    const bool std_only = std::any_of(kStdOnly.begin(), kStdOnly.end(),
                                      [&](const auto& p) { return starts_with(file.path, p); });
    if (!std_only) continue;
    for (const std::string& line : file.lines) {
      if (!starts_with(line, "#include <")) continue;
      EXPECT_EQ(line.find_first_of("/."), std::string::npos) << file.path << ": " << line;
    }
  }
}

TEST(Tidy, FilesAreShortAndClean) {
  for (const File& file : source_files()) {
    EXPECT_LE(file.lines.size(), kFileLinesMax) << file.path;
    if (file.layer() == "include") {
      EXPECT_LE(file.lines.size(), kHeaderLinesMax) << file.path;
    }
    EXPECT_FALSE(kBannedNames.contains(fs::path(file.path).stem().string())) << file.path;
    if (file.path == "tests/tidy_test.cc") continue;  // It names what it bans.
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
      EXPECT_LE(file.lines[i].size(), kLineColumnsMax) << file.path << ":" << i + 1;
      for (const auto& banned : kBanned) {
        EXPECT_EQ(file.lines[i].find(banned), std::string::npos)
            << file.path << ":" << i + 1 << ": " << banned;
      }
    }
  }
}

TEST(Tidy, HeadersHaveAGuardAndAPurpose) {
  for (const File& file : source_files()) {
    if (fs::path(file.path).extension() != ".h") continue;
    ASSERT_FALSE(file.lines.empty()) << file.path;
    EXPECT_TRUE(starts_with(file.lines[0], "// ")) << file.path << " does not say what it is for";
    EXPECT_NE(std::find(file.lines.begin(), file.lines.end(), "#pragma once"), file.lines.end())
        << file.path;
  }
}

TEST(Tidy, EveryTranslationUnitIsBuilt) {  // A file, or a test, that CMake forgot is dead code.
  std::string cmake;
  for (const char* layer : {"include", "engine", "query", "server", "tools", "tests", "bench"}) {
    for (const auto& entry : fs::recursive_directory_iterator(kRoot / layer)) {
      if (entry.path().filename() != "CMakeLists.txt") continue;
      std::ifstream in(entry.path());
      for (std::string line; std::getline(in, line);) {
        cmake += line.substr(0, line.find('#')) + '\n';
      }
    }
  }
  for (const File& file : source_files()) {
    if (fs::path(file.path).extension() != ".cc") continue;
    if (file.path.find("/consumer/") != std::string::npos) continue;  // A project of its own.
    EXPECT_NE(cmake.find(fs::path(file.path).filename().string()), std::string::npos)
        << file.path << " is in no CMakeLists.txt";
  }
}

TEST(Tidy, TopCMakeListsIsShort) {
  std::ifstream in(kRoot / "CMakeLists.txt");
  int lines = 0;
  for (std::string line; std::getline(in, line);) ++lines;
  EXPECT_LE(lines, kCMakeLinesMax);
}

}  // namespace
