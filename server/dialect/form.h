// application/x-www-form-urlencoded: fields in their order, percent-decoding, and media types.
#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace kpi::server {

// Walks `key=value&key=value`. A field without '=' has no value and `has_value` false; empty
// fields (`&&`) are skipped.
class FormReader {
 public:
  explicit FormReader(std::string_view text) : rest_(text) {}
  struct Field {
    std::string_view key, value;  // Still encoded.
    bool has_value = false;
  };
  std::optional<Field> next();

 private:
  std::string_view rest_;
};

// Decodes '+' and %XX. Returns a view of `text` itself where nothing needs decoding, else of
// `scratch`. Nothing: a '%' without two hex digits.
std::optional<std::string_view> form_decode(std::string_view text, std::string& scratch);

// True if `content_type` is the media type `type` (lower case), whatever its case and parameters.
bool media_type_is(std::string_view content_type, std::string_view type);

}  // namespace kpi::server
