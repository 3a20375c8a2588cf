#include "server/auth/users_text.h"

#include <gtest/gtest.h>

namespace kpi::auth {
namespace {

const std::string kVerifier = verifier_text(make_verifier("pencil", std::string(16, 's'), 4096));

TEST(UsersText, Reads) {
  const auto users = parse_users("# who may ask\n\n  dash\treader " + kVerifier +
                                     "  \r\nalice admin peer\nreport reader peer:www-data",
                                 "users");
  ASSERT_TRUE(users.ok()) << users.error().message;
  ASSERT_EQ(users.value().by_name.size(), 3U);
  EXPECT_EQ(users.value().find("dash")->role, Role::kReader);
  EXPECT_TRUE(users.value().find("dash")->verifier);
  EXPECT_EQ(users.value().find("alice")->role, Role::kAdmin);
  EXPECT_EQ(users.value().find("alice")->system_user, "alice");
  EXPECT_EQ(users.value().find("report")->system_user, "www-data");
  EXPECT_EQ(users.value().find("nobody"), nullptr);
}

TEST(UsersText, WritesWhatItReads) {
  for (const std::string& line : {"dash reader " + kVerifier, std::string("alice admin peer"),
                                  std::string("report reader peer:www-data")}) {
    const auto users = parse_users(line, "users");
    ASSERT_TRUE(users.ok());
    const auto& [name, user] = *users.value().by_name.begin();
    EXPECT_EQ(user_line(name, user), line);
    EXPECT_EQ(name_of_line(line), name);
  }
  EXPECT_EQ(name_of_line("# alice"), "");
  EXPECT_EQ(name_of_line("  "), "");
}

TEST(UsersText, ErrorsNameTheLineAndNoSecret) {
  const std::pair<std::string, const char*> cases[] = {
      {"alice admin peer\nbob reader", "users:2: a user is NAME ROLE VERIFIER, not 2 words"},
      {"alice admin peer extra", "users:1: a user is NAME ROLE VERIFIER, not 4 words"},
      {"\n\nalice root peer", "users:3: the role is reader or admin"},
      {"alice admin s3cret", "users:1: a verifier begins with SCRAM-SHA-256$"},
      {"alice admin peer\nalice reader peer", "users:2: user 'alice' is there twice"},
      {"-alice admin peer",
       "users:1: a user name is letters, digits and ._@+-, the first one a "
       "letter, a digit or _"},
      {"al:ice admin peer",
       "users:1: a user name is letters, digits and ._@+-, the first one a "
       "letter, a digit or _"},
      {"alice admin peer:",
       "users:1: a user name is letters, digits and ._@+-, the first one a "
       "letter, a digit or _"}};
  for (const auto& [text, message] : cases) {
    const auto users = parse_users(text, "users");
    ASSERT_FALSE(users.ok()) << text;
    EXPECT_EQ(users.error().message, message);
    EXPECT_EQ(users.error().hint.find("s3cret"), std::string::npos);
  }
}

TEST(UsersText, LimitsAndBeyond) {
  const std::string longest(kUserNameBytesMax, 'a');
  EXPECT_TRUE(parse_users(longest + " reader peer", "users").ok());
  EXPECT_FALSE(parse_users(longest + "a reader peer", "users").ok());

  std::string line = "alice reader peer";
  line.resize(kUsersLineBytesMax, ' ');
  EXPECT_TRUE(parse_users(line, "users").ok());
  EXPECT_FALSE(parse_users(line + " ", "users").ok());

  std::string many;
  for (std::size_t i = 0; i < kUsersMax; ++i) many += "u" + std::to_string(i) + " reader peer\n";
  EXPECT_TRUE(parse_users(many, "users").ok());
  const auto beyond = parse_users(many + "one.more reader peer\n", "users");
  ASSERT_FALSE(beyond.ok());
  EXPECT_EQ(beyond.error().code, ErrorCode::kLimitExceeded);

  std::string blank(kUsersFileBytesMax, '\n');
  EXPECT_TRUE(parse_users(blank, "users").ok());
  EXPECT_FALSE(parse_users(blank + "\n", "users").ok());
}

}  // namespace
}  // namespace kpi::auth
