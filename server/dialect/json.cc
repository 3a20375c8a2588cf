#include "server/dialect/json.h"

#include <string.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

namespace kpi::server {
namespace {

constexpr std::size_t kCapacityBytesMin = 4096;

Rejection malformed(simdjson::error_code error, std::string_view text) {
  if (error == simdjson::DEPTH_ERROR) {
    return refuse(Reason::kMalformed, "JSON",
                  "nested deeper than " + std::to_string(kReportDepthMax) + " levels");
  }
  // simdjson does not tell a number that is too large from one that is misspelt.
  if (error == simdjson::NUMBER_ERROR && nlohmann::json::accept(text)) {
    return refuse(Reason::kOutOfRange, "JSON", "a number is too large");
  }
  return refuse(Reason::kMalformed, "JSON", simdjson::error_message(error));
}

}  // namespace

Check JsonParser::parse(std::string_view text, simdjson::dom::element& root) {
  if (parser_.capacity() < text.size() || parser_.capacity() == 0) {
    const auto failed = parser_.allocate(std::max(text.size(), kCapacityBytesMin), kReportDepthMax);
    if (failed) return refuse(Reason::kLimit, "body", "no memory to parse it");
  }
  parsed_bytes_ = std::max(parsed_bytes_, text.size());
  const auto error = parser_.parse(text.data(), text.size(), false).get(root);
  if (error) return malformed(error, text);
  return std::nullopt;
}

void JsonParser::forget() {
  // As much as simdjson itself allows for the strings of so long a text, of what it allocated.
  const auto string_bytes = [](std::size_t text) { return 5 * text / 3 + kBodySlackBytes; };
  if (parsed_bytes_ != 0 && parser_.doc.string_buf != nullptr) {
    ::explicit_bzero(parser_.doc.string_buf.get(),
                     std::min(string_bytes(parsed_bytes_), 5 * parser_.doc.capacity() / 3));
  }
  ::explicit_bzero(copy_.data(), copy_.size());
  copy_.clear();
  parsed_bytes_ = 0;
}

Check JsonParser::parse_copy(std::string_view text, simdjson::dom::element& root) {
  copy_.assign(text);
  copy_.append(kBodySlackBytes, '\0');
  return parse(std::string_view(copy_).substr(0, text.size()), root);
}

Check read_integer(simdjson::dom::element element, std::string_view field, std::uint64_t max,
                   std::uint64_t& value) {
  std::int64_t number = 0;
  if (!element.get_int64().get(number)) {
    if (number < 0) return negative(field);
    value = static_cast<std::uint64_t>(number);
  } else if (element.get_uint64().get(value)) {
    return not_integer(field);
  }
  if (value > max) return out_of_range(field, max);
  return std::nullopt;
}

Check read_whole_number(simdjson::dom::element element, std::string_view field, std::uint64_t max,
                        std::uint64_t& value) {
  double number = 0;
  if (element.type() != simdjson::dom::element_type::DOUBLE || element.get_double().get(number)) {
    return read_integer(element, field, max, value);
  }
  if (number != std::floor(number)) return not_integer(field);
  if (number < 0) return negative(field);
  if (number > static_cast<double>(max)) return out_of_range(field, max);
  value = static_cast<std::uint64_t>(number);
  return std::nullopt;
}

Check read_string(simdjson::dom::element element, std::string_view field, std::string_view& value) {
  if (element.is_null()) {
    value = {};
    return std::nullopt;
  }
  if (element.get_string().get(value)) {
    return refuse(Reason::kNameInvalid, field, "expected a string");
  }
  return std::nullopt;
}

}  // namespace kpi::server
