// Threat "bogus submissions": the keys file is read whole or not at all, and kept from others.
#include "server/auth/token_keys.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "tests/support/temp_dir.h"

namespace kpi::auth {
namespace {

TokenKeys some_keys(std::size_t count) {
  TokenKeys keys;
  while (keys.size() < count) keys.push_back(new_token_key(keys, 1'792'454'400));
  return keys;
}

TEST(TokenKeysFile, ReadsWhatItWrites) {
  const TempDir dir;
  const std::string path = std::string(dir.path()) + "/keys";
  const TokenKeys keys = some_keys(kTokenKeysMax);
  ASSERT_TRUE(save_token_keys(path, keys).ok());
  struct stat file;
  ASSERT_EQ(::stat(path.c_str(), &file), 0);
  EXPECT_EQ(file.st_mode & 0777, 0600U);
  const auto loaded = load_token_keys(path);
  ASSERT_TRUE(loaded.ok()) << loaded.error().message;
  EXPECT_EQ(loaded.value(), keys);
}

TEST(TokenKeysFile, RefusesWhatOthersMayRead) {
  const TempDir dir;
  const std::string path = std::string(dir.path()) + "/keys";
  ASSERT_TRUE(save_token_keys(path, some_keys(1)).ok());
  ASSERT_EQ(::chmod(path.c_str(), 0644), 0);
  const auto loaded = load_token_keys(path);
  ASSERT_FALSE(loaded.ok());
  EXPECT_EQ(loaded.error().code, ErrorCode::kPermissionDenied);
}

TEST(TokenKeysFile, NamesFileAndLineAndNoSecret) {
  const std::string good = token_keys_text(some_keys(1));
  const std::string line = good.substr(good.find('\n') + 1);
  const std::string secret = line.substr(line.rfind(' ') + 1, 43);
  const std::string cases[] = {"xyz 1 " + secret + "=",
                               "0102030 1 " + secret + "=",
                               "01020304 -1 " + secret + "=",
                               "01020304 soon " + secret + "=",
                               "01020304 1",
                               "01020304 1 " + secret,
                               "01020304 1 " + secret + "= more",
                               "01020304 1 " + secret.substr(4) + "="};
  for (const std::string& bad : cases) {
    const auto keys = parse_token_keys("# comment\n" + bad + "\n", "file");
    ASSERT_FALSE(keys.ok()) << bad;
    EXPECT_EQ(keys.error().message.substr(0, 7), "file:2:") << keys.error().message;
    EXPECT_EQ(keys.error().message.find(secret.substr(4)), std::string::npos);
  }
  EXPECT_FALSE(parse_token_keys(line + line, "file").ok());
}

TEST(TokenKeysFile, HasALimit) {
  const std::string full = token_keys_text(some_keys(kTokenKeysMax));
  EXPECT_TRUE(parse_token_keys(full, "file").ok());
  const std::string one_more = token_keys_text(some_keys(1));
  const auto keys = parse_token_keys(full + one_more, "file");
  ASSERT_FALSE(keys.ok());
  EXPECT_EQ(keys.error().code, ErrorCode::kLimitExceeded);
  const TempDir dir;
  const std::string path = std::string(dir.path()) + "/keys";
  ASSERT_TRUE(save_token_keys(path, {}).ok());
  EXPECT_FALSE(load_token_keys(path).ok());  // A file without keys is no file of keys.
}

}  // namespace
}  // namespace kpi::auth
