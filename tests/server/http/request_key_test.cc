// Promise P3: by which key a request is known, whatever a sender writes; and answers as they are
// kept.
#include "server/http/request_key.h"

#include <gtest/gtest.h>

#include "kpi/request_key.h"

namespace kpi::server {
namespace {

std::string key_of(std::string_view idempotency_key, std::string_view request_id = {}) {
  Request request;
  request.idempotency_key = idempotency_key;
  request.request_id = request_id;
  const Result<std::string> key = request_key(request);
  return key.ok() ? key.value() : "bad";
}

TEST(RequestKeys, AreStringsOrTokens) {
  EXPECT_EQ(key_of({}), "");
  EXPECT_EQ(key_of("8e03978e-40d5-43dd-bc93-6894a57f9324"),
            "k8e03978e-40d5-43dd-bc93-6894a57f9324");
  EXPECT_EQ(key_of("\"a b\""), "ka b");
  EXPECT_EQ(key_of("\"a\\\"b\\\\c\""), "ka\"b\\c");
  EXPECT_EQ(key_of("aGVsbG8=/+:~"), "kaGVsbG8=/+:~");
  for (const char* bad : {"", "\"", "\"\"", "\"a", "a\"", "\"a\"b\"", "\"a\\\"", "\"a\\b\"", "a b",
                          "a,b", "\"a\", \"b\"", "a;b", "\"a\";p=1", "a\\", "\"\x01\"", "\x7f",
                          "\"\xc3\xa4\"", "\xc3\xa4"}) {
    EXPECT_EQ(key_of(bad), "bad") << bad;
  }
  EXPECT_EQ(key_of(std::string_view("a\0b", 3)), "bad");
}

TEST(RequestKeys, HaveALength) {
  const std::string longest(kRequestIdBytesMax, 'x');
  EXPECT_EQ(key_of(longest), 'k' + longest);
  EXPECT_EQ(key_of('"' + longest + '"'), 'k' + longest);
  EXPECT_EQ(key_of(longest + 'x'), "bad");
  EXPECT_EQ(key_of('"' + longest + "x\""), "bad");
  EXPECT_EQ(key_of({}, longest), 'r' + longest);
  EXPECT_EQ(key_of({}, longest + 'x'), "bad");
}

TEST(RequestKeys, OfProxiesAreApartFromThoseOfClients) {
  EXPECT_EQ(key_of({}, "7F000001:8296_7F00001E:1F90 4F7B0A69"),
            "r7F000001:8296_7F00001E:1F90 4F7B0A69");
  EXPECT_EQ(key_of("a", "b"), "ka");
  EXPECT_EQ(key_of("a,", "b"), "bad") << "a client's key is not passed over in silence";
  EXPECT_EQ(key_of({}, "\x01"), "bad");
  EXPECT_EQ(key_of({}, "\xff"), "bad");
}

TEST(RequestContent, IsPathQueryAndBody) {
  const auto content = [](std::string_view path, std::string_view query, std::string_view body) {
    Request request;
    request.path = path;
    request.query = query;
    request.body = body;
    return request_content(request);
  };
  const std::uint64_t one = content("/a", "b", "c");
  EXPECT_EQ(content("/a", "b", "c"), one);
  EXPECT_NE(content("/ab", "", "c"), one);
  EXPECT_NE(content("/a", "bc", ""), one);
  EXPECT_NE(content("/a", "b", "d"), one);
  EXPECT_NE(content("/a", "", "bc"), one);
}

TEST(KeptAnswers, ComeBackAsTheyWere) {
  const Answer answers[] = {{204, {}, {}, {}},
                            {200, "application/json", "{\"accepted\":1}", {}},
                            {201, "text/plain; charset=utf-8", "ok", {}}};
  for (const Answer& answer : answers) {
    const std::string packed = pack_answer(answer, 0xABCDEF01, "summary");
    const auto back = unpack_answer(packed);
    ASSERT_TRUE(back.has_value());
    EXPECT_EQ(back->answer.status, answer.status);
    EXPECT_EQ(back->answer.content_type, answer.content_type);
    EXPECT_EQ(back->answer.body, answer.body);
    EXPECT_EQ(back->events, 0xABCDEF01);
  }
  for (const char* bad : {"", "20", "204", "x040", "2x40", "2049", "204a", "204a0000001",
                          "204a0000000x", "204d00000001"}) {
    EXPECT_FALSE(unpack_answer(bad).has_value()) << bad;
  }
}

TEST(KeptAnswers, OfOlderServersAreRead) {
  EXPECT_EQ(unpack_answer("2011ok")->answer.status, 201);
  EXPECT_EQ(unpack_answer("2011ok")->answer.body, "ok");
  EXPECT_EQ(unpack_answer("2040")->events, 1U);
}

TEST(KeptAnswers, ThatAreTooLongKeepTheirCounts) {
  const auto kept = [](const std::string& body) {
    const std::string packed = pack_answer({200, "application/json", body, {}}, 1, "s");
    EXPECT_LE(packed.size(), kRequestAnswerBytesMax);
    return std::string(unpack_answer(packed)->answer.body);
  };
  const std::string longest(kRequestAnswerBytesMax - 12, 'x');
  EXPECT_EQ(kept(longest), longest);
  EXPECT_EQ(kept(longest + 'x'), "s");
}

}  // namespace
}  // namespace kpi::server
