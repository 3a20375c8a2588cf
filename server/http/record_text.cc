#include "server/http/record_text.h"

#include <algorithm>
#include <charconv>

#include "kpi/limits.h"
#include "server/dialect/form.h"

namespace kpi::server {
namespace {

constexpr std::string_view kDigits = "0123456789";

// Whole ms; beyond 64 bits the farthest there is.
std::optional<std::int64_t> read_ms(std::string_view text) {
  const bool negative = text.substr(0, 1) == "-";
  const std::string_view digits = text.substr(negative ? 1 : 0);
  const std::size_t whole = std::min(digits.find_first_not_of(kDigits), digits.size());
  std::string_view rest = digits.substr(whole);
  if (rest.substr(0, 1) == ".") {
    rest.remove_prefix(std::min(rest.find_first_not_of(kDigits, 1), rest.size()));
  }
  if (whole == 0 || !rest.empty()) return std::nullopt;
  std::int64_t value = 0;
  const auto parsed = std::from_chars(digits.data(), digits.data() + whole, value);
  if (parsed.ec != std::errc{}) value = kTimeMsMax;
  return negative ? -value : value;
}

Problem not_a_number(std::string_view name) {
  return {400, "malformed", std::string(name) + ": expected ms since 1970"};
}

}  // namespace

void append_row(std::string& out, const Document& document) {
  out.append(R"({"id":")").append(document.id).append(R"(","key":)");
  out.append(std::to_string(document.time_ms));
  out.append(R"(,"value":)").append(document.text).append("}");
}

void append_result(std::string& out, const Document& document) {
  out.append(R"({"results":)").append(document.text).append("}");
}

void append_change(std::string& out, std::uint64_t seq, const Document& document) {
  out.append(R"({"seq":)").append(std::to_string(seq)).append(R"(,"id":")").append(document.id);
  out.append(R"(","doc":)").append(document.text).append("}\r\n");
}

std::variant<RecordQuery, Problem> read_record_query(std::string_view query) {
  RecordQuery read;
  std::optional<std::int64_t> start, end;
  std::optional<Problem> wrong;
  FormReader fields(query);
  std::string scratch;
  while (const auto field = fields.next()) {
    const auto value = form_decode(field->value, scratch);
    if (field->key == "id") {
      if (!read.id) read.id = value.value_or("");
      continue;
    }
    auto* const bound = field->key == "start" ? &start : field->key == "end" ? &end : nullptr;
    if (bound == nullptr || bound->has_value() || field->value.empty()) continue;
    *bound = value ? read_ms(*value) : std::nullopt;
    if (!*bound && !wrong) wrong = not_a_number(field->key);
  }
  if (wrong && !read.id) return *wrong;
  read.range.begin_ms = std::clamp<std::int64_t>(start.value_or(0), 0, kTimeMsMax + 1);
  read.range.end_ms = std::clamp<std::int64_t>(end.value_or(kTimeMsMax), -1, kTimeMsMax) + 1;
  return read;
}

}  // namespace kpi::server
