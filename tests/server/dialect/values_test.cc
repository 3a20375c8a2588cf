// Form decoding, media types, integers, times, weights: the tables of edges.
#include <gtest/gtest.h>

#include "kpi/limits.h"
#include "server/dialect/built_in_measure.h"
#include "server/dialect/form.h"
#include "server/dialect/iso_time.h"
#include "server/dialect/rejection.h"

namespace kpi::server {
namespace {

TEST(Form, DecodesPlusAndPercent) {
  std::string scratch;
  EXPECT_EQ(form_decode("plain", scratch), "plain");
  EXPECT_EQ(form_decode("a+b%20c%2Bd", scratch), "a b c+d");
  EXPECT_EQ(form_decode("%c3%BC", scratch), "\xC3\xBC");
  for (const char* bad : {"%", "%4", "%4g", "a%zz", "%%20"}) {
    EXPECT_FALSE(form_decode(bad, scratch)) << bad;
  }
}

TEST(Form, ReadsFieldsInOrder) {
  FormReader reader("&a=1&&b&=x&c==&");
  std::string read;
  while (const auto field = reader.next()) {
    read +=
        std::string(field->key) + (field->has_value ? "=" : "!") + std::string(field->value) + ";";
  }
  EXPECT_EQ(read, "a=1;b!;=x;c==;");
}

TEST(Form, MediaTypesIgnoreCaseAndParameters) {
  EXPECT_TRUE(media_type_is("application/json", "application/json"));
  EXPECT_TRUE(media_type_is(" Application/JSON ; charset=utf-8", "application/json"));
  EXPECT_FALSE(media_type_is("application/jsonp", "application/json"));
  EXPECT_FALSE(media_type_is("", "application/json"));
}

TEST(Integers, AreSpeltAsInJson) {
  std::uint64_t value = 0;
  EXPECT_FALSE(parse_integer("0", "f", 10, value));
  EXPECT_EQ(value, 0U);
  EXPECT_FALSE(parse_integer("600000", "f", 600'000, value));
  EXPECT_EQ(value, 600'000U);
  const struct {
    const char* text;
    Reason reason;
  } cases[] = {{"", Reason::kNotInteger},
               {"-", Reason::kNotInteger},
               {"+1", Reason::kNotInteger},
               {"1.0", Reason::kNotInteger},
               {"1e3", Reason::kNotInteger},
               {" 1", Reason::kNotInteger},
               {"007", Reason::kNotInteger},
               {"0x10", Reason::kNotInteger},
               {"-1", Reason::kNegative},
               {"-2147483648", Reason::kNegative},
               {"600001", Reason::kOutOfRange},
               {"18446744073709551616", Reason::kOutOfRange},
               {"99999999999999999999999999", Reason::kOutOfRange}};
  for (const auto& c : cases) {
    const Check bad = parse_integer(c.text, "f", 600'000, value);
    ASSERT_TRUE(bad) << c.text;
    EXPECT_EQ(bad->reason, c.reason) << c.text;
  }
}

TEST(Times, ReachADayAheadAndNoFurther) {
  constexpr std::int64_t kArrivalMs = 1'793'000'000'000;
  EXPECT_FALSE(check_time(0, kArrivalMs, "time"));
  EXPECT_FALSE(check_time(kArrivalMs + kClockSkewMsMax, kArrivalMs, "time"));
  EXPECT_TRUE(check_time(kArrivalMs + kClockSkewMsMax + 1, kArrivalMs, "time"));
  EXPECT_TRUE(check_time(-1, kArrivalMs, "time"));
  EXPECT_FALSE(check_time(kTimeMsMax, kTimeMsMax, "time"));
  EXPECT_TRUE(check_time(kTimeMsMax + 1, kTimeMsMax, "time"));
}

TEST(Times, OfIso8601) {
  constexpr std::int64_t kNine = 1'795'338'000'000;  // 2026-11-22T09:00:00Z
  EXPECT_EQ(parse_iso_time("1970-01-01T00:00:00Z"), 0);
  EXPECT_EQ(parse_iso_time("2026-11-22T09:00:00Z"), kNine);
  EXPECT_EQ(parse_iso_time("2026-11-22 09:00:00"), kNine);
  EXPECT_EQ(parse_iso_time("2026-11-22T09:00Z"), kNine);
  EXPECT_EQ(parse_iso_time("2026-11-22T11:00:00+02:00"), kNine);
  EXPECT_EQ(parse_iso_time("2026-11-22T03:30:00-0530"), kNine);
  EXPECT_EQ(parse_iso_time("2026-11-22T11:00:00+02"), kNine);
  EXPECT_EQ(parse_iso_time("2026-11-22T09:00:00.5Z"), kNine + 500);
  EXPECT_EQ(parse_iso_time("2026-11-22T09:00:00.123456789Z"), kNine + 123);
  EXPECT_EQ(parse_iso_time("2024-02-29"), 1'709'164'800'000);
  EXPECT_EQ(parse_iso_time("2024-02-29T00:00:00Z"), 1'709'164'800'000);
  for (const char* bad :
       {"", "2026-11", "2026-11-22T", "2026-13-01T00:00:00Z", "2026-02-29T00:00:00Z",
        "2026-11-22T24:00:00Z", "2026-11-22T09:60:00Z", "2026-11-22T09:00:60Z",
        "2026-11-22T09:00:00.Z", "2026-11-22T09:00:00.1234567890Z", "2026-11-22T09:00:00Zx",
        "2026-11-22T09:00:00+24:00", "2026-11-22T09:00:00+2", "1795338000000",
        "22.11.2026 09:00"}) {
    EXPECT_FALSE(parse_iso_time(bad)) << bad;
  }
}

TEST(Weights, AreExactThousandths) {
  std::uint32_t weight = 0;
  const struct {
    double rate;
    std::uint32_t weight;
  } cases[] = {{1, 1000},   {0.5, 2000}, {0.1, 10'000},
               {0.3, 3333}, {0.7, 1429}, {0.00001, kWeightMax}};
  for (const auto& c : cases) {
    EXPECT_FALSE(weight_of_sample_rate(c.rate, weight));
    EXPECT_EQ(weight, c.weight) << c.rate;
  }
  for (const double bad : {0.0, -0.1, 1.01, 0.0000009, 1e-320}) {
    EXPECT_TRUE(weight_of_sample_rate(bad, weight)) << bad;
  }
}

TEST(Rejections, NameFieldsOfTheSenderSafely) {
  EXPECT_EQ(refuse(Reason::kNegative, "a\n\x1B[2J\xFF\x7F", "x").detail, "a??[2J??: x");
  EXPECT_EQ(refuse(Reason::kNegative, std::string(9000, 'a'), "x").detail.size(),
            kDetailFieldBytesMax + 3);
}

TEST(Measures, OfTheDialectsAreBuiltIn) {
  for (const char* name : {"turnaround_time", "time_to_continue_on_ui", "number_emails", "engaged",
                           "screen_width", "assertion_generated", "screen.pick_email"}) {
    EXPECT_TRUE(is_built_in_measure(name)) << name;
  }
  for (const char* name : {"", "time_to_continue", "turnaround_time.duration", "made_up"}) {
    EXPECT_FALSE(is_built_in_measure(name)) << name;
  }
}

TEST(Names, AreUtf8WithoutControls) {
  EXPECT_FALSE(check_name("client \xC3\xBC", "client", 256));
  EXPECT_FALSE(check_name(std::string(256, 'x'), "client", 256));
  for (const std::string& bad :
       {std::string(), std::string(257, 'x'), std::string("a\nb"), std::string("a\0b", 3),
        std::string("\x7F"), std::string("\xC3")}) {
    EXPECT_TRUE(check_name(bad, "client", 256)) << bad;
  }
}

}  // namespace
}  // namespace kpi::server
