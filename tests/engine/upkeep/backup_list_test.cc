// Promise P15: a backup's list of files is believed whole or not at all: every flipped or missing
// byte of it is found, and no name in it leads out of the directory.
#include "engine/backup/backup_list.h"

#include <gtest/gtest.h>

#include "engine/backup/file_copy.h"

namespace kpi::test {
namespace {

BackupList example() {
  return {42,
          "c7a1-22",
          {{"000012.sst", 4096, std::string(32, 'a')}, {"CURRENT", 16, std::string(32, '0')}}};
}

std::string with_sum(const std::string& text) { return text + "sum " + hash_of(text) + "\n"; }

TEST(BackupListTest, ComesBackAsItWas) {
  EXPECT_EQ(decode_backup_list(encode_backup_list(example())).value(), example());
  EXPECT_EQ(decode_backup_list(encode_backup_list({})).value(), BackupList{});
}

TEST(BackupListTest, EveryFlippedBitAndEveryCutIsFound) {
  const std::string text = encode_backup_list(example());
  for (std::size_t at = 0; at < text.size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string damaged = text;
      damaged[at] = static_cast<char>(damaged[at] ^ (1 << bit));
      EXPECT_FALSE(decode_backup_list(damaged).ok()) << at << " bit " << bit;
    }
    EXPECT_FALSE(decode_backup_list(text.substr(0, at)).ok()) << at;
  }
  EXPECT_FALSE(decode_backup_list(text + "\n").ok());
}

TEST(BackupListTest, NamesOfOtherPlacesAreRefused) {
  const std::string head = "kpistore backup 1\nsequence 1\nstore x\n",
                    rest = " 1 " + std::string(32, 'a') + "\n";
  ASSERT_TRUE(decode_backup_list(with_sum(head + "file a.sst" + rest)).ok());
  for (const char* name : {"../a", "/etc/passwd", "a/b", "..", ".", "", "BACKUP"}) {
    EXPECT_FALSE(decode_backup_list(with_sum(head + "file " + name + rest)).ok()) << name;
  }
}

TEST(BackupListTest, ANewerVersionIsToldApart) {
  const auto newer = decode_backup_list(with_sum("kpistore backup 2\n"));
  ASSERT_FALSE(newer.ok());
  EXPECT_EQ(newer.error().code, ErrorCode::kUnsupported);
}

}  // namespace
}  // namespace kpi::test
