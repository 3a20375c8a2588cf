#include "tools/kpi_query/settings.h"

#include <gtest/gtest.h>

#include <fstream>
#include <map>

#include "tests/support/temp_dir.h"

namespace kpi::tools {
namespace {

class Settings : public testing::Test {
 protected:
  std::filesystem::path file(const std::string& name, const std::string& text) {
    const std::filesystem::path path = dir_.path() / name;
    std::ofstream(path) << text;
    return path;
  }
  Environment environment() const {
    return [this](const char* name) -> const char* {
      const auto found = variables_.find(name);
      return found == variables_.end() ? nullptr : found->second.c_str();
    };
  }
  std::string read(const std::vector<std::filesystem::path>& files) {
    const auto settings = read_settings(environment(), files);
    if (!settings.ok()) return "error: " + settings.error().message;
    std::map<std::string, std::string> sorted;
    for (const Setting& setting : settings.value()) sorted[setting.name] = setting.value;
    std::string out;
    for (const auto& [name, value] : sorted) out += name + '=' + value + ' ';
    return out;
  }

  TempDir dir_;
  std::map<std::string, std::string> variables_;
};

TEST_F(Settings, TheStrongerSourceWins) {
  const auto user = file("user", "format = \"csv\"\n# a comment\nascii = true\n");
  const auto system = file("system", "format = \"tsv\"\nnull = \"-\"\n");
  EXPECT_EQ(read({user, system}), "ascii=true format=csv null=- ");
  variables_["KPI_FORMAT"] = "json";
  variables_["KPI_NULL"] = "";  // Empty is unset.
  EXPECT_EQ(read({user, system}), "ascii=true format=json null=- ");
  EXPECT_EQ(read({dir_.path() / "none"}), "format=json ");
}

TEST_F(Settings, WhomToAskComesFromOneSource) {
  const auto user = file("user", "data-dir = \"/a\"\n");
  const auto system = file("system", "host = \"h\"\nport = \"1\"\nusername = \"u\"\n");
  EXPECT_EQ(read({user, system}), "data-dir=/a username=u ");
  EXPECT_EQ(read({system, user}), "host=h port=1 username=u ");
  variables_["KPI_HOST"] = "e";
  EXPECT_EQ(read({user}), "host=e ");
  variables_ = {{"PGHOST", "p"}};
  EXPECT_EQ(read({user}), "");  // libpq's own business.
  EXPECT_EQ(read({system}), "port=1 username=u ");
  variables_ = {{"KPI_DATA_DIR", "/server"}};
  EXPECT_EQ(read({}), "");
}

TEST_F(Settings, FilesAreWhereTheyBelong) {
  variables_ = {{"HOME", "/home/a"}};
  EXPECT_EQ(setting_files(environment())[0], "/home/a/.config/kpi/query.toml");
  variables_["XDG_CONFIG_HOME"] = "/config";
  EXPECT_EQ(setting_files(environment())[0], "/config/kpi/query.toml");
  EXPECT_EQ(setting_files(environment()).back(), "/etc/kpi/query.toml");
}

TEST_F(Settings, WhatIsNoSettingIsAnError) {
  for (const char* text : {"formt = \"csv\"\n", "[section]\nformat = \"csv\"\n",
                           "format = [\"csv\", \"tsv\"]\n", "statement = \"SHOW RPS\"\n"}) {
    EXPECT_NE(read({file("bad", text)}).find("error: "), std::string::npos) << text;
  }
  EXPECT_NE(read({dir_.path()}).find("error: "), std::string::npos);  // A directory.
}

}  // namespace
}  // namespace kpi::tools
