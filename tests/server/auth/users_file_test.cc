#include "server/auth/users_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "tests/support/temp_dir.h"

namespace kpi::auth {
namespace {

namespace fs = std::filesystem;

class UsersFileTest : public testing::Test {
 protected:
  void write(const std::string& text, mode_t mode) {
    std::ofstream(path_) << text;
    ASSERT_EQ(::chmod(path_.c_str(), mode), 0);
  }
  TempDir dir_;
  const std::string path_ = std::string(dir_.path()) + "/users";
};

TEST_F(UsersFileTest, RefusesWhatOthersMayReadOrWrite) {
  for (const mode_t mode : {0600U, 0400U, 0640U, 0440U}) {
    write("alice admin peer\n", mode);
    EXPECT_TRUE(load_users(path_).ok()) << std::oct << mode;
  }
  for (const mode_t mode : {0644U, 0604U, 0602U, 0660U, 0620U, 0666U}) {
    write("alice admin peer\n", mode);
    const auto users = load_users(path_);
    ASSERT_FALSE(users.ok()) << std::oct << mode;
    EXPECT_EQ(users.error().code, ErrorCode::kPermissionDenied);
    EXPECT_NE(users.error().message.find(path_), std::string::npos);
  }
}

TEST_F(UsersFileTest, NamesWhatCannotBeRead) {
  EXPECT_EQ(load_users(path_).error().code, ErrorCode::kIo);
  EXPECT_EQ(load_users(std::string(dir_.path())).error().code, ErrorCode::kPermissionDenied);
  ASSERT_EQ(::mkfifo(path_.c_str(), 0600), 0);  // Must not wait for a writer.
  EXPECT_EQ(load_users(path_).error().code, ErrorCode::kPermissionDenied);
}

TEST_F(UsersFileTest, ReplacesAtOnceAndKeepsTheMode) {
  ASSERT_TRUE(write_users_file(path_, "alice admin peer\n").ok());
  struct stat file;
  ASSERT_EQ(::stat(path_.c_str(), &file), 0);
  EXPECT_EQ(file.st_mode & 0777, 0600U);
  ASSERT_EQ(::chmod(path_.c_str(), 0640), 0);
  ASSERT_TRUE(write_users_file(path_, "bob reader peer\n").ok());
  ASSERT_EQ(::stat(path_.c_str(), &file), 0);
  EXPECT_EQ(file.st_mode & 0777, 0640U);
  EXPECT_EQ(read_users_file(path_).value(), "bob reader peer\n");
  EXPECT_EQ(std::distance(fs::directory_iterator(dir_.path()), {}), 1);  // Nothing is left over.
}

TEST_F(UsersFileTest, WritesThroughALink) {
  const std::string link = std::string(dir_.path()) + "/link";
  write("alice admin peer\n", 0600);
  fs::create_symlink(path_, link);
  ASSERT_TRUE(write_users_file(link, "bob reader peer\n").ok());
  EXPECT_TRUE(fs::is_symlink(link));
  EXPECT_EQ(read_users_file(path_).value(), "bob reader peer\n");
}

TEST_F(UsersFileTest, FailsWithoutLeavingAnything) {
  const Status status = write_users_file(std::string(dir_.path()) + "/none/users", "x");
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code, ErrorCode::kIo);
  EXPECT_TRUE(fs::is_empty(dir_.path()));
}

}  // namespace
}  // namespace kpi::auth
