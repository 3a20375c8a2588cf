// The bytes of documents: frozen, ordered, and refused where they are damaged.
#include "engine/document/document_record.h"

#include <gtest/gtest.h>

#include <cstdio>

namespace kpi {
namespace {

std::string hex_of(std::string_view bytes) { return document_id(bytes); }

std::string key_of(std::int64_t time_ms, std::uint64_t sequence, std::uint32_t row) {
  return std::string(encode(DocumentKey{time_ms, sequence, row}).view());
}

TEST(DocumentRecord, BytesAreFrozen) {
  const std::string key = key_of(0x0102030405, 3, 5);
  EXPECT_EQ(hex_of(key),
            "0000000102030405"    // ms
            "0000000000600005");  // sequence 3, row 5
  EXPECT_EQ(hex_of(encode_document(key, 20'000, "{}")),
            "f14d492b9632843e"  // guard
            "01"                // version
            "204e"              // arrival day
            "7b7d");            // text
}

TEST(DocumentRecord, OrderOfKeysIsOrderOfTimesThenOfCommit) {
  const std::uint64_t last_sequence = (std::uint64_t{1} << 43) - 1;
  const std::uint32_t last_row = (1U << kDocumentRowBits) - 1;
  const std::string keys[] = {key_of(0, 1, 0),         key_of(0, 1, last_row),
                              key_of(0, 2, 0),         key_of(0, last_sequence, last_row),
                              key_of(255, 1, 0),       key_of(256, 1, 0),
                              key_of(kTimeMsMax, 1, 7)};
  for (std::size_t i = 1; i < std::size(keys); ++i) EXPECT_LT(keys[i - 1], keys[i]) << i;
  const KeyRange range = document_range({0, 256});
  EXPECT_LE(range.begin, keys[0]);
  EXPECT_GT(range.end, keys[4]);
  EXPECT_LE(range.end, keys[5]);
  EXPECT_GT(document_range({}).end, keys[6]);
  EXPECT_EQ(document_range({}).begin, document_range({-5, 1}).begin);
}

TEST(DocumentRecord, IdsAreKeysInHex) {
  const std::string key = key_of(1'795'000'000'000, 77, 3);
  const std::string id = document_id(key);
  EXPECT_EQ(id.size(), 32U);
  EXPECT_EQ(document_key_of(id), key);
  std::string upper = id;
  upper[5] = 'A';
  for (const std::string& bad : {id.substr(1), id + "0", std::string(), upper, std::string(32, 'g'),
                                 std::string(32, '\0')}) {
    EXPECT_EQ(document_key_of(bad), std::nullopt) << bad;
  }
}

TEST(DocumentRecord, ReadsBackWhatWasWritten) {
  const std::string key = key_of(5, 1, 0);
  for (const std::string& text :
       {std::string("x"), std::string(kDocumentBytesMax, 'y'), std::string("\0\n", 2)}) {
    const std::string value = encode_document(key, 65'535, text);
    const auto document = decode_document(key, value);
    ASSERT_TRUE(document.ok()) << document.error().message;
    EXPECT_EQ(document.value().text, text);
    EXPECT_EQ(document.value().time_ms, 5);
    EXPECT_EQ(document.value().arrival_day, 65'535);
  }
}

TEST(DocumentRecord, AnyDamageIsCorruptionThatNamesIt) {
  const std::string key = key_of(5, 1, 0), value = encode_document(key, 20'000, "{\"a\":1}");
  const auto expect_damaged = [](const std::string& at, const std::string& bytes) {
    const auto document = decode_document(at, bytes);
    ASSERT_FALSE(document.ok());
    EXPECT_EQ(document.error().code, ErrorCode::kCorruption);
    EXPECT_NE(document.error().message.find(document_id(at)), std::string::npos);
  };
  for (std::size_t size = 0; size < value.size(); ++size) {
    expect_damaged(key, value.substr(0, size));
  }
  for (std::size_t at = 0; at < value.size(); ++at) {
    std::string damaged = value;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x10);
    expect_damaged(key, damaged);
  }
  expect_damaged(key, value + "x");
  expect_damaged(key_of(6, 1, 0), value);
  expect_damaged(key.substr(1), value);
  expect_damaged(std::string(16, '\xff'), value);
}

}  // namespace
}  // namespace kpi
