#include "server/dialect/line_template.h"

#include <algorithm>

#include "server/dialect/line_scan.h"

namespace kpi::server {
namespace {

constexpr std::size_t kNumberDigitsMax = 15;     // Of a learned number; see scan_number().
constexpr std::size_t kFormValueBytesMax = 255;  // Its length stands in one byte.
constexpr std::size_t kLiteralSlackBytes = 8;    // equal_bytes() loads whole words.

bool is_plain(char c) { return c >= 0x20 && c != '\\'; }  // Also false beyond ASCII.
bool is_number_byte(char c) {
  return (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E';
}

// Appends a value with its length before it. False: no room.
bool append_form(LineValues& values, const char* begin, std::size_t size) {
  if (size > kFormValueBytesMax || values.form_size + 1 + size > kFormBytesMax) return false;
  values.form[values.form_size] = static_cast<char>(size);
  std::memcpy(values.form + values.form_size + 1, begin, size);
  values.form_size += 1 + size;
  return true;
}

}  // namespace

bool LineTemplate::add_slot(std::string_view line, std::size_t value_begin, std::size_t value_size,
                            Kind kind) {
  const std::size_t size = value_begin - literal_begin_;
  if (slots_.size() == kTemplateSlotsMax || literals_.size() + size > kTemplateLiteralBytesMax) {
    return false;
  }
  slots_.push_back(
      {static_cast<std::uint32_t>(literals_.size()), static_cast<std::uint32_t>(size), kind});
  literals_.append(line.substr(literal_begin_, size));
  literal_begin_ = value_begin + value_size;
  return true;
}

bool LineTemplate::learn_string(std::string_view line, std::size_t begin, std::size_t size,
                                int depth) {
  if (depth == 2) return outer_key_ != "labels" || add_slot(line, begin, size, Kind::kForm);
  if (outer_key_ == "rp") return add_slot(line, begin, size, Kind::kRp);
  if (outer_key_ == "client") return add_slot(line, begin, size, Kind::kClient);
  return outer_key_ != "time" && add_slot(line, begin, size, Kind::kForm);
}

bool LineTemplate::learn_number(std::string_view line, std::size_t begin, std::size_t size,
                                int depth) {
  const bool measure = depth == 2 && outer_key_ == "measures";
  const bool time = depth == 1 && outer_key_ == "time";
  if (!measure && !time) return true;  // It stays literal.
  const std::string_view number = line.substr(begin, size);
  const bool digits =
      std::all_of(number.begin(), number.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (!digits || size > kNumberDigitsMax) return false;
  if (measure) measure_names_.emplace_back(inner_key_);
  has_time_ = has_time_ || time;
  return add_slot(line, begin, size, measure ? Kind::kMeasure : Kind::kTime);
}

bool LineTemplate::learn(std::string_view line) {
  *this = LineTemplate();
  if (!std::all_of(line.begin(), line.end(), is_plain)) return false;
  int depth = 0;
  bool is_key = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (c == '{' || c == '}') depth += c == '{' ? 1 : -1;
    if (c == '{' || c == ',') is_key = true;
    if (c == ':') is_key = false;
    if (c == '[') return false;
    if (c == '"') {
      const std::size_t begin = i + 1, end = line.find('"', begin);
      if (end == std::string_view::npos) return false;
      if (is_key) {
        (depth == 1 ? outer_key_ : inner_key_) = line.substr(begin, end - begin);
      } else if (!learn_string(line, begin, end - begin, depth)) {
        return false;
      }
      i = end;
    } else if (is_number_byte(c) && c != 'e' &&
               c != 'E') {  // No literal begins so; `true` has an e.
      const auto end = std::find_if_not(line.begin() + static_cast<std::ptrdiff_t>(i), line.end(),
                                        is_number_byte);
      const std::size_t size = static_cast<std::size_t>(end - line.begin()) - i;
      if (!learn_number(line, i, size, depth)) return false;
      i += size - 1;
    }
  }
  tail_begin_ = static_cast<std::uint32_t>(literals_.size());
  literals_.append(line.substr(literal_begin_));
  if (literals_.size() > kTemplateLiteralBytesMax) return false;
  literals_.append(kLiteralSlackBytes, '\0');
  outer_key_ = inner_key_ = {};
  return true;
}

const char* LineTemplate::match(const char* begin, const char* end, LineValues& values) const {
  const char* at = begin;
  values.rp = values.client = {};
  values.measures = 0;
  values.form_size = 0;
  for (const Slot& slot : slots_) {
    if (end - at < static_cast<std::ptrdiff_t>(slot.literal_size) ||
        !equal_bytes(at, literals_.data() + slot.literal_begin, slot.literal_size)) {
      return nullptr;
    }
    at += slot.literal_size;
    if (slot.kind == Kind::kMeasure || slot.kind == Kind::kTime) {
      std::uint64_t& number =
          slot.kind == Kind::kTime ? values.time_ms : values.measure[values.measures++];
      at = scan_number(at, number);
      if (at == nullptr) return nullptr;
      continue;
    }
    const char* const stop = scan_string(at, end);
    if (stop >= end || *stop != '"') return nullptr;
    const std::string_view text(at, static_cast<std::size_t>(stop - at));
    at = stop;
    if (slot.kind == Kind::kRp) {
      values.rp = text;
    } else if (slot.kind == Kind::kClient) {
      values.client = text;
    } else if (!append_form(values, text.data(), text.size())) {
      return nullptr;
    }
  }
  const std::size_t tail_size = literals_.size() - kLiteralSlackBytes - tail_begin_;
  if (end - at < static_cast<std::ptrdiff_t>(tail_size) ||
      !equal_bytes(at, literals_.data() + tail_begin_, tail_size)) {
    return nullptr;
  }
  at += tail_size;
  if (at == end) return at;
  if (*at == '\r' && at + 1 != end) ++at;
  return *at == '\n' ? at + 1 : nullptr;
}

}  // namespace kpi::server
