#include "server/pgwire/backend.h"

#include <gtest/gtest.h>

#include "server/pgwire/sqlstate.h"
#include "tests/server/pgwire/wire_reader.h"

namespace kpi::server::pgwire {
namespace {

using query::Type;
using std::string_literals::operator""s;

TEST(Backend, MessagesAreFramedByTheirLength) {
  std::string out;
  append_authentication_ok(out);
  append_parameter_status(out, "a", "b");
  append_backend_key_data(out, 0x01020304, 0x05060708);
  append_ready_for_query(out, TransactionStatus::kOpen);
  EXPECT_EQ(out, "R\0\0\0\x08\0\0\0\0"s + "S\0\0\0\x08"s + "a\0b\0"s +
                     "K\0\0\0\x0C\x01\x02\x03\x04\x05\x06\x07\x08"s + "Z\0\0\0\x05T"s);
}

TEST(Backend, RowDescriptionsNameTypesAsPostgresDoes) {
  std::string out;
  append_row_description(out, {{"t", Type::kTimestamp},
                               {"x", Type::kText},
                               {"n", Type::kInt8},
                               {"f", Type::kFloat8},
                               {"b", Type::kBool}});
  const auto messages = take_messages(out);
  ASSERT_EQ(types_of(messages), "T");
  const std::string& body = messages[0].body;
  EXPECT_EQ(body.substr(0, 2), "\0\5"s);
  EXPECT_EQ(body.substr(2, 20), "t\0\0\0\0\0\0\0\0\0\x04\xA0\0\x08\xFF\xFF\xFF\xFF\0\0"s);
  EXPECT_EQ(body.substr(22, 20), "x\0\0\0\0\0\0\0\0\0\0\x19\xFF\xFF\xFF\xFF\xFF\xFF\0\0"s);
  EXPECT_EQ(body.substr(42 + 8, 6), "\0\0\0\x14\0\x08"s);
  EXPECT_EQ(body.substr(62 + 8, 6), "\0\0\x02\xBD\0\x08"s);
  EXPECT_EQ(body.substr(82 + 8, 6), "\0\0\0\x10\0\x01"s);
}

TEST(Backend, DataRowsHoldTextAndNulls) {
  std::string out;
  append_data_row(out, {{"a", Type::kText}, {"b", Type::kInt8}, {"c", Type::kFloat8}},
                  {"x\0y"s, std::int64_t{-5}, query::Value{}});
  const auto messages = take_messages(out);
  const auto values = values_of(messages.at(0));
  ASSERT_EQ(values.size(), 3U);
  EXPECT_EQ(values[0], "x\0y"s);
  EXPECT_EQ(values[1], "-5");
  EXPECT_EQ(values[2], std::nullopt);
}

TEST(Backend, DiagnosticsHaveTheirFields) {
  std::string out;
  append_diagnostic(out, {Severity::kError, "42601", "expected ')'", "close it", 7});
  append_diagnostic(out, {Severity::kNotice, kSuccessfulCompletion, "a\0note"s});
  const auto messages = take_messages(out);
  ASSERT_EQ(types_of(messages), "EN");
  EXPECT_EQ(field_of(messages[0], 'S'), "ERROR");
  EXPECT_EQ(field_of(messages[0], 'V'), "ERROR");
  EXPECT_EQ(field_of(messages[0], 'C'), "42601");
  EXPECT_EQ(field_of(messages[0], 'M'), "expected ')'");
  EXPECT_EQ(field_of(messages[0], 'H'), "close it");
  EXPECT_EQ(field_of(messages[0], 'P'), "7");
  EXPECT_EQ(field_of(messages[1], 'M'), "a");
  EXPECT_EQ(field_of(messages[1], 'P'), "");
}

TEST(Backend, EveryErrorCodeHasItsState) {
  EXPECT_EQ(sqlstate({ErrorCode::kInvalidArgument, "", "", 3}), "42601");
  EXPECT_EQ(sqlstate({ErrorCode::kInvalidArgument, ""}), "22023");
  EXPECT_EQ(sqlstate({ErrorCode::kNotFound, ""}), "42703");
  EXPECT_EQ(sqlstate({ErrorCode::kLimitExceeded, ""}), "54000");
  EXPECT_EQ(sqlstate({ErrorCode::kCanceled, ""}), "57014");
  EXPECT_EQ(sqlstate({ErrorCode::kUnavailable, ""}), "57P03");
  EXPECT_EQ(sqlstate({ErrorCode::kCorruption, ""}), "XX001");
}

}  // namespace
}  // namespace kpi::server::pgwire
