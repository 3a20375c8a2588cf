#include "server/operate/config.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "kpi/limits.h"
#include "server/admission/label_alias.h"
#include "server/operate/option_table.h"

namespace kpi::server {
namespace {

using Variables = std::map<std::string, std::string>;

Result<Config> read(std::vector<std::string> arguments, const Variables& variables = {}) {
  return read_config(arguments, [&](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    if (found == variables.end()) return std::nullopt;
    return found->second;
  });
}

class ConfigFile : public testing::Test {
 protected:
  void write(const std::string& text) { std::ofstream(path_) << text; }
  void TearDown() override { std::filesystem::remove(path_); }
  const std::string path_ =
      testing::TempDir() + "kpi_config_" + std::to_string(::getpid()) + ".toml";
};

TEST_F(ConfigFile, FlagsWinOverEnvironmentOverFileOverDefault) {
  write("idle-timeout = \"3s\"\nbody-timeout = \"3s\"\nheader-timeout = \"3s\"\n");
  const auto config = read({"--config", path_, "--idle-timeout", "1s"},
                           {{"KPI_IDLE_TIMEOUT", "2s"}, {"KPI_BODY_TIMEOUT", "2s"}});
  ASSERT_TRUE(config.ok()) << config.error().message;
  const Config& c = config.value();
  EXPECT_EQ(c.options.idle_timeout_ms, 1'000U);
  EXPECT_EQ(c.options.body_timeout_ms, 2'000U);
  EXPECT_EQ(c.options.header_timeout_ms, 3'000U);
  EXPECT_EQ(c.options.write_timeout_ms, 10'000U);
  EXPECT_EQ(c.origins.at("idle-timeout"), "flag");
  EXPECT_EQ(c.origins.at("body-timeout"), "environment");
  EXPECT_EQ(c.origins.at("header-timeout"), "file " + path_);
  EXPECT_FALSE(c.origins.contains("write-timeout"));
}

TEST_F(ConfigFile, SectionsAndListsAndQuotes) {
  write(
      "data-dir = \"/var/lib/kpi store\"\nhttp = [\"127.0.0.1:1\", \"unix:/tmp/x\"]\n"
      "label-alias = [\"os:Windows NT 6.1=Windows 7\"]\n"
      "require-webidentity = true\n[retention]\nraw-days = 9\n");
  const auto config = read({"--config=" + path_});
  ASSERT_TRUE(config.ok()) << config.error().message;
  EXPECT_EQ(config.value().options.data_dir, "/var/lib/kpi store");
  EXPECT_EQ(config.value().options.http, (std::vector<std::string>{"127.0.0.1:1", "unix:/tmp/x"}));
  EXPECT_EQ(config.value().options.label_aliases,
            std::vector<std::string>{"os:Windows NT 6.1=Windows 7"});
  EXPECT_TRUE(config.value().options.require_webidentity);
  EXPECT_EQ(config.value().options.retention_raw_days, 9U);
}

TEST_F(ConfigFile, UnknownKeysAndMissingFilesAreErrors) {
  write("idle-timeuot = \"3s\"\n");
  const auto config = read({"--config", path_});
  ASSERT_FALSE(config.ok());
  EXPECT_NE(config.error().message.find("idle-timeuot"), std::string::npos);
  EXPECT_FALSE(read({"--config", path_ + ".none"}).ok());
}

TEST_F(ConfigFile, PrintedConfigurationReadsBack) {
  const auto config = read({"--data-dir", "/d", "--http", "127.0.0.1:1", "--http", "unix:/x",
                            "--label", "os=a,b", "--rollup-labels", "os", "--idle-timeout", "90s"});
  ASSERT_TRUE(config.ok()) << config.error().message;
  write(config_text(config.value()));
  const auto again = read({"--config", path_});
  ASSERT_TRUE(again.ok()) << again.error().message;
  for (const OptionRow& row : option_table()) {
    EXPECT_EQ(option_text(again.value().options, row), option_text(config.value().options, row))
        << row.name;
  }
  EXPECT_NE(config_text(config.value()).find("idle-timeout = \"90s\"  # flag"), std::string::npos);
}

TEST(Config, FlagsStandAloneOrTakeAValue) {
  EXPECT_TRUE(read({"--require-webidentity"}).value().options.require_webidentity);
  EXPECT_FALSE(read({}).value().options.require_same_origin);
  EXPECT_TRUE(read({"--require-same-origin=true"}).value().options.require_same_origin);
}

TEST(Config, ListsAreRepeatedOrSplitAtBlanks) {
  EXPECT_EQ(read({"--http", "127.0.0.1:1", "--http", "127.0.0.1:2"}).value().options.http.size(),
            2U);
  EXPECT_EQ(read({"--rollup-labels", "os", "--rollup-labels", "ua"}).value().options.rollup_labels,
            (std::vector<std::string>{"os", "ua"}));
  EXPECT_EQ(read({}, {{"KPI_ROLLUP_LABELS", "os ua"}}).value().options.rollup_labels,
            (std::vector<std::string>{"os", "ua"}));
  EXPECT_EQ(read({}, {{"KPI_HTTP", " 127.0.0.1:1  unix:/x "}}).value().options.http,
            (std::vector<std::string>{"127.0.0.1:1", "unix:/x"}));
}

TEST(Config, WrongUsageIsSaid) {
  for (const std::vector<std::string>& wrong : {std::vector<std::string>{"--nope"},
                                                {"stray"},
                                                {"--data-dir"},
                                                {"--idle-timeout", "5"},
                                                {"--idle-timeout", "1s", "--idle-timeout", "2s"}}) {
    const auto config = read(wrong);
    ASSERT_FALSE(config.ok()) << wrong.front();
    EXPECT_FALSE(config.error().message.empty());
  }
}

TEST(Config, ActionsAndHelp) {
  EXPECT_EQ(read({"--help"}).value().action, Action::kHelp);
  EXPECT_EQ(read({"-h"}).value().action, Action::kHelp);
  EXPECT_EQ(read({"--version"}).value().action, Action::kVersion);
  EXPECT_EQ(read({"--check-config"}).value().action, Action::kCheckConfig);
  EXPECT_EQ(read({"--print-config"}).value().action, Action::kPrintConfig);
  const std::string help = help_text();
  for (const OptionRow& row : option_table()) {
    EXPECT_NE(help.find("--" + std::string(row.name) + " "), std::string::npos) << row.name;
  }
  std::size_t begin = 0;
  for (std::size_t end; (end = help.find('\n', begin)) != std::string::npos; begin = end + 1) {
    EXPECT_LE(end - begin, 100U) << help.substr(begin, end - begin);
  }
}

TEST(Validate, RefusesWhatCannotWork) {
  ServerOptions good;
  good.data_dir = "/d";
  ASSERT_TRUE(validate(good).ok());
  const auto refused = [&](auto change) {
    ServerOptions options = good;
    change(options);
    return !validate(options).ok();
  };
  EXPECT_TRUE(refused([](auto& o) { o.data_dir.clear(); }));
  EXPECT_TRUE(refused([](auto& o) { o.http = {"nowhere"}; }));
  EXPECT_TRUE(refused([](auto& o) { o.http.clear(); }));
  EXPECT_TRUE(refused([](auto& o) { o.query = {"0.0.0.0:5433"}; }));
  EXPECT_TRUE(refused([](auto& o) { o.query = {"[::]:5433"}; }));
  EXPECT_FALSE(refused([](auto& o) {
    o.query = {"0.0.0.0:5433"};
    o.users_file = "/users";
  }));
  EXPECT_TRUE(refused([](auto& o) { o.tls_certificate = "/cert"; }));
  EXPECT_TRUE(refused([](auto& o) { o.tls_key = "/key"; }));
  EXPECT_TRUE(refused([](auto& o) { o.tls_required = true; }));
  EXPECT_FALSE(refused([](auto& o) {
    o.tls_certificate = o.tls_key = "/both";
    o.tls_required = true;
  }));
  EXPECT_TRUE(refused([](auto& o) { o.metrics_paths = {"metrics"}; }));
  EXPECT_TRUE(refused([](auto& o) { o.metrics_paths = {"/reports"}; }));
  EXPECT_TRUE(refused([](auto& o) { o.metrics_paths = {"/a", "/a"}; }));
  EXPECT_TRUE(refused([](auto& o) { o.labels = {"=x"}; }));
  EXPECT_TRUE(refused([](auto& o) { o.labels = {"os", "os=x"}; }));
  EXPECT_TRUE(refused([](auto& o) { o.label_aliases = {"os=x"}; }));
  EXPECT_TRUE(refused([](auto& o) { o.label_aliases = {"os:a=b", "os:a=c"}; }));
  EXPECT_FALSE(refused([](auto& o) { o.label_aliases = {"os:a=b", "browser:a=c"}; }));
  const auto aliases = [](std::size_t number) {
    std::vector<std::string> texts;
    for (std::size_t i = 0; i < number; ++i) texts.push_back("os:" + std::to_string(i) + "=x");
    return texts;
  };
  EXPECT_FALSE(refused([&](auto& o) { o.label_aliases = aliases(kLabelAliasesMax); }));
  EXPECT_TRUE(refused([&](auto& o) { o.label_aliases = aliases(kLabelAliasesMax + 1); }));
  EXPECT_TRUE(refused([](auto& o) { o.body_memory_bytes_max = o.bulk_body_bytes_max - 1; }));
  EXPECT_TRUE(refused([](auto& o) { o.rollup_labels = {""}; }));
  EXPECT_TRUE(refused([](auto& o) { o.rollup_labels = {std::string(65, 'x')}; }));
  EXPECT_FALSE(refused([](auto& o) { o.rollup_labels = {std::string(64, 'x'), "os"}; }));
  EXPECT_TRUE(refused([](auto& o) { o.rollup_labels = {"os", "os"}; }));
  const auto rolled_up = [](std::size_t labels) {
    return [labels](auto& o) {
      for (std::size_t i = 0; i < labels; ++i) o.rollup_labels.push_back(std::to_string(i));
    };
  };
  EXPECT_FALSE(refused(rolled_up(kRollupLabelsMax)));
  EXPECT_TRUE(refused(rolled_up(kRollupLabelsMax + 1)));
  EXPECT_FALSE(refused([](auto& o) { o.query = {"[::1]:0", "unix:/run"}; }));
  EXPECT_FALSE(refused([](auto& o) { o.http = {"0.0.0.0:80"}; }));
}

}  // namespace
}  // namespace kpi::server
