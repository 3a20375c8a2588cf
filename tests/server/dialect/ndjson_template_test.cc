// The learned templates and the general path must give equal events and equal answers, whatever the
// lines: bodies of true lines, and of lines with bytes changed, dropped, doubled or swapped.
#include <gtest/gtest.h>

#include <random>

#include "server/dialect/line_scan.h"
#include "server/dialect/ndjson.h"
#include "tests/server/dialect/report_support.h"

namespace kpi::server {
namespace {

class LineMaker {
 public:
  explicit LineMaker(std::uint64_t seed) : rng_(seed) {}

  std::string line() {
    std::string text = "{";
    if (below(20) != 0) text += "\"time\":" + time() + ",";
    text += "\"rp\":\"https://rp" + std::to_string(below(30)) + ".example" +
            (below(15) == 0 ? ":443" : "") + "\",\"client\":\"client" + std::to_string(below(9)) +
            "\",\"outcome\":";
    text += below(12) == 0 ? failure() : success();
    return text + "}";
  }
  // Mostly one byte of the line, changed to one that matters to the grammar.
  std::string mutate(std::string text) {
    constexpr std::string_view kBytes = "\"\\{}[]:,.-+eE0123456789 \t\r\x01\x7F\x80\xFFtfnax";
    for (std::size_t i = 1 + below(2); i > 0 && !text.empty(); --i) {
      const std::size_t at = below(text.size());
      switch (below(5)) {
        case 0:
          text[at] = kBytes[below(kBytes.size())];
          break;
        case 1:
          text.insert(at, 1, kBytes[below(kBytes.size())]);
          break;
        case 2:
          text.erase(at, 1 + below(3));
          break;
        case 3:
          text.insert(at, text.substr(at, 1 + below(24)));
          break;
        default:
          text.resize(at);
          break;
      }
    }
    return text;
  }
  std::size_t below(std::size_t end) {
    return std::uniform_int_distribution<std::size_t>(0, end - 1)(rng_);
  }

 private:
  std::string time() {
    if (below(40) == 0) return "99999999999999";
    return std::to_string(kArrivalMs - static_cast<std::int64_t>(below(1'000'000)));
  }
  std::string success() {
    const std::size_t show = below(9000), on_ui = below(90'000), token = below(200'000);
    const std::size_t off = below(50) == 0 ? 3 : below(3);
    std::string text = "\"success\",\"measures\":{\"time_to_show_ui\":" + std::to_string(show);
    if (below(8) == 0) text += ",\"extra\":" + std::to_string(below(5'000'000'000));
    text += ",\"time_to_continue_on_ui\":" + std::to_string(on_ui) +
            ",\"time_to_receive_token\":" + std::to_string(token) +
            ",\"turnaround_time\":" + std::to_string(show + on_ui + token + off) + "}";
    if (below(3) == 0) text += ",\"labels\":{\"os\":\"os" + std::to_string(below(5)) + "\"}";
    if (below(9) == 0) text += ",\"sample_rate\":0.5";
    return text;
  }
  std::string failure() {
    constexpr const char* kErrors[] = {"fedcm.idp_unavailable", "chrome.user_failure", "chrome.777",
                                       "nobody.1"};
    return std::string("\"failure\",\"error\":\"") + kErrors[below(4)] + "\",\"ui_shown\":\"" +
           (below(2) == 0 ? "yes" : "no") + "\"";
  }
  std::mt19937_64 rng_;
};

struct Outcomes {
  Verdict verdict;
  std::vector<std::string> events;
  std::uint64_t general_lines = 0;
};

class Bulk {
 public:
  explicit Bulk(bool templates) : labels_(default_label_rules()), draft_(options_, labels_) {
    parser_.use_templates(templates);
  }
  Outcomes parse(const std::string& body) {
    const std::string padded = body + std::string(kBodySlackBytes, '7');
    HttpReport report;
    report.route = Route::kBulk;
    report.arrival_ms = kArrivalMs;
    report.body = std::string_view(padded).substr(0, body.size());
    Batch batch;
    Outcomes outcomes;
    const std::uint64_t before = parser_.general_lines();
    parser_.parse(report, batch, outcomes.verdict);
    outcomes.general_lines = parser_.general_lines() - before;
    for (std::size_t i = 0; i < batch.size(); ++i) {
      outcomes.events.push_back(print_event(batch.contents(), i));
    }
    return outcomes;
  }

 private:
  DialectOptions options_;
  LabelGate labels_;
  EventDraft draft_;
  NdjsonParser parser_{options_, draft_};
};

void expect_equal(const Outcomes& a, const Outcomes& b, const std::string& body) {
  EXPECT_EQ(a.events, b.events) << body;
  EXPECT_EQ(a.verdict.reply, b.verdict.reply) << body;
  EXPECT_EQ(a.verdict.received, b.verdict.received);
  EXPECT_EQ(a.verdict.rejected, b.verdict.rejected);
  EXPECT_EQ(a.verdict.unknown_fields, b.verdict.unknown_fields);
  EXPECT_EQ(a.verdict.folded_labels, b.verdict.folded_labels);
}

class LineTemplates : public testing::TestWithParam<std::uint64_t> {
};  // The parameter is the seed.

TEST_P(LineTemplates, AgreeWithTheGeneralPathOnMutatedLines) {
  LineMaker maker(GetParam());
  Bulk fast(true), general(false);
  std::uint64_t lines = 0, general_lines = 0;
  for (int round = 0; round < 100; ++round) {
    std::string body;
    for (int i = 0; i < 100; ++i, ++lines) {
      std::string line = maker.line();
      if (maker.below(3) == 0) line = maker.mutate(std::move(line));
      body += line + (maker.below(10) == 0 ? "\r\n" : "\n");
    }
    if (maker.below(2) == 0) body.pop_back();
    const Outcomes with = fast.parse(body);
    expect_equal(with, general.parse(body), body);
    if (HasFailure()) return;
    general_lines += with.general_lines;
  }
  EXPECT_LT(general_lines, lines * 3 / 4) << "templates hardly ever match";
}
INSTANTIATE_TEST_SUITE_P(Seeds, LineTemplates, testing::Range<std::uint64_t>(0, 10));

TEST(LineTemplate, TakesAllButTheFirstLineOfAForm) {
  Bulk bulk(true);
  std::string body;
  for (int i = 0; i < 50; ++i) {
    body += R"({"time":1792454400123,"rp":"https://rp)" + std::to_string(i) +
            R"(.example","client":"c","outcome":"success","measures":{"turnaround_time":)" +
            std::to_string(i * i * i) + "}}\n";
  }
  EXPECT_EQ(bulk.parse(body).general_lines, 2U);  // To learn the line, then its form.
  EXPECT_EQ(bulk.parse(body).general_lines, 1U);  // A new batch: the form again.
}

TEST(LineTemplate, LeavesLinesBeyondItsLimitsToTheGeneralPath) {
  const auto line = [](std::size_t measures, std::size_t label_bytes) {
    std::string text =
        "{\"labels\":{\"os\":\"" + std::string(label_bytes, 'x') + "\"},\"measures\":{";
    for (std::size_t i = 0; i < measures; ++i) {
      text += (i == 0 ? "\"m" : ",\"m") + std::to_string(i) + "\":" + std::to_string(i);
    }
    return text + "}}\n";
  };
  const auto general_lines = [&](const std::string& one) {
    Bulk fast(true), general(false);
    const std::string body = one + one + one;
    const Outcomes outcomes = fast.parse(body);
    expect_equal(outcomes, general.parse(body), body);
    return outcomes.general_lines;
  };
  EXPECT_EQ(general_lines(line(kTemplateSlotsMax - 1, 1)), 2U);  // The label is a slot, too.
  EXPECT_EQ(general_lines(line(kTemplateSlotsMax, 1)), 3U);
  EXPECT_EQ(general_lines(line(1, 255)), 2U);
  EXPECT_EQ(general_lines(line(1, 256)), 3U);
  EXPECT_EQ(general_lines(line(1, 1) + line(2, 1) + line(3, 1) + line(4, 1)), 8U);
  EXPECT_EQ(general_lines(line(1, 1) + line(2, 1) + line(3, 1) + line(4, 1) + line(5, 1)), 11U);
}

TEST(LineTemplate, NeverReadsBeyondTheBody) {
  const std::string line =
      R"({"time":1792454400123,"client":"c","measures":{"turnaround_time":81}})";
  Bulk fast(true), general(false);
  fast.parse(line + "\n" + line);
  for (std::size_t size = 1; size <= line.size(); ++size) {
    const std::string body = line + "\n" + line.substr(0, size);
    expect_equal(fast.parse(body), general.parse(body), body);
  }
}

TEST(LineScan, ReadsNumbersAsJsonSpellsThem) {
  const auto scan = [](std::string text, std::uint64_t& value) {
    const std::size_t size = text.size();
    text += std::string(16, 'x');
    const char* end = scan_number(text.data(), value);
    return end != nullptr && end == text.data() + size;
  };
  std::uint64_t value = 0;
  for (const std::uint64_t number : {0ULL, 7ULL, 10ULL, 99'999'999ULL, 100'000'000ULL,
                                     1'792'454'400'123ULL, 999'999'999'999'999ULL}) {
    EXPECT_TRUE(scan(std::to_string(number), value));
    EXPECT_EQ(value, number);
  }
  for (const char* text : {"", "-1", "00", "01", "x", "9999999999999999", "1.5"}) {
    EXPECT_FALSE(scan(text, value)) << text;
  }
}

TEST(LineScan, StringsStopAtEveryByteThatNeedsThought) {
  for (int byte = 0; byte < 256; ++byte) {
    for (std::size_t before = 0; before < 20; ++before) {
      const std::string text =
          std::string(before, 'a') + static_cast<char>(byte) + std::string(24, '"');
      const bool plain = byte >= 0x20 && byte < 0x80 && byte != '"' && byte != '\\';
      EXPECT_EQ(scan_string(text.data(), text.data() + text.size()) - text.data(),
                static_cast<std::ptrdiff_t>(before + (plain ? 1 : 0)))
          << byte;
    }
  }
}

TEST(LineScan, EqualBytesSeesEveryDifference) {
  for (std::size_t size = 0; size < 40; ++size) {
    const std::string a(size + 16, 'a');
    EXPECT_TRUE(equal_bytes(a.data(), a.data(), size));
    for (std::size_t at = 0; at < a.size(); ++at) {
      std::string b = a;
      b[at] = 'b';
      EXPECT_EQ(equal_bytes(a.data(), b.data(), size), at >= size);
    }
  }
}

}  // namespace
}  // namespace kpi::server
