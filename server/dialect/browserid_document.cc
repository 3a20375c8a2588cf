#include "server/dialect/browserid_document.h"

#include <algorithm>
#include <bitset>
#include <span>

#include "kpi/limits.h"

namespace kpi::server {
namespace {

using simdjson::dom::element;

enum class Shape : std::uint8_t { kTime, kStream, kPlain, kScreen, kUserAgent };
struct Field {
  std::string_view key, newest;
  Shape shape = Shape::kPlain;
};
constexpr Field kFields[] = {
    {"timestamp", "timestamp", Shape::kTime},
    {"event_stream", "event_stream", Shape::kStream},
    {"lang", "lang"},
    {"language", "lang"},
    {"screen_size", "screen_size", Shape::kScreen},
    {"sample_rate", "sample_rate"},
    {"number_emails", "number_emails"},
    {"number_sites_signed_in", "number_sites_signed_in"},
    {"number_sites_logged_in", "number_sites_signed_in"},
    {"sites_signed_in", "number_sites_signed_in"},
    {"number_sites_remembered", "number_sites_remembered"},
    {"sites_visited", "number_sites_remembered"},
    {"orphaned", "orphaned"},
    {"new_account", "new_account"},
    {"email_type", "email_type"},
    {"rp_api", "rp_api"},
    {"user_agent", "user_agent", Shape::kUserAgent},
    {"type", "type"},
    {"idp", "idp"},
    {"rp", "rp"},
};
constexpr std::size_t kFieldCount = sizeof kFields / sizeof kFields[0];
constexpr std::string_view kScreenParts[] = {"width", "height"};
constexpr std::string_view kUserAgentParts[] = {"os", "browser", "version"};

bool is_text(element value, std::size_t bytes_max) {
  std::string_view text;
  return !value.get_string().get(text) && text.size() <= bytes_max;
}

bool is_plain(element value) {
  return value.is_number() || value.is_bool() || value.is_null() ||
         is_text(value, kDocumentFieldBytesMax);
}

// Members of an object or list, each with its comma.
class Members {
 public:
  Members(std::string& out, char begin, char end) : out_(out), end_(end) { out_ += begin; }
  ~Members() { out_ += end_; }
  Members(const Members&) = delete;
  Members& operator=(const Members&) = delete;
  std::string& next() {
    if (!first_) out_ += ',';
    first_ = false;
    return out_;
  }
  std::string& next(std::string_view key) { return next().append("\"").append(key).append("\":"); }

 private:
  std::string& out_;
  const char end_;
  bool first_ = true;
};

bool is_step(simdjson::dom::array step) {
  std::size_t items = 0;
  for (const element item : step) {
    const bool fits =
        items == 0 ? is_text(item, kMeasureNameBytesMax) : item.is_number() || item.is_null();
    if (!fits) return false;
    if (++items == kDocumentStepItemsMax) break;
  }
  return items != 0;
}

void write_step(simdjson::dom::array step, std::string& out) {
  Members items(out, '[', ']');
  std::size_t written = 0;
  for (const element item : step) {
    items.next() += simdjson::minify(item);
    if (++written == kDocumentStepItemsMax) break;
  }
}

void write_stream(element value, JsonParser& stream_json, std::string& out) {
  Members members(out, '[', ']');
  std::string_view text;
  if (!value.get_string().get(text) && stream_json.parse_copy(text, value)) return;
  simdjson::dom::array steps, step;
  if (value.get_array().get(steps)) return;
  for (const element each : steps) {
    if (!each.get_array().get(step) && is_step(step)) write_step(step, members.next());
  }
}

void write_parts(simdjson::dom::object value, std::span<const std::string_view> parts,
                 std::string& out) {
  Members members(out, '{', '}');
  for (const std::string_view part : parts) {
    element inner;
    if (value.at_key(part).get(inner) || !is_plain(inner) || is_raw_user_agent(inner)) continue;
    members.next(part) += simdjson::minify(inner);
  }
}

void write_field(const Field& field, element value, std::int64_t time_ms, JsonParser& stream_json,
                 Members& members) {
  simdjson::dom::object object;
  switch (field.shape) {
    case Shape::kTime:
      members.next(field.newest) += std::to_string(time_ms);
      return;
    case Shape::kStream:
      return write_stream(value, stream_json, members.next(field.newest));
    case Shape::kPlain:
      if (is_plain(value)) members.next(field.newest) += simdjson::minify(value);
      return;
    case Shape::kScreen:
    case Shape::kUserAgent:
      if (value.get_object().get(object)) return;
      const bool screen = field.shape == Shape::kScreen;
      return write_parts(object,
                         screen ? std::span<const std::string_view>(kScreenParts)
                                : std::span<const std::string_view>(kUserAgentParts),
                         members.next(field.newest));
  }
}

}  // namespace

bool is_raw_user_agent(element part) {
  std::string_view text;
  return !part.get_string().get(text) && text.find("Mozilla/") != text.npos;
}

void write_browserid_document(simdjson::dom::object record, std::int64_t time_ms,
                              JsonParser& stream_json, std::string& out) {
  std::bitset<kFieldCount> written;  // By the first field of that newest name.
  Members members(out, '{', '}');
  for (const auto [key, value] : record) {
    const auto has_key = [key = key](const Field& field) { return field.key == key; };
    const auto* field = std::find_if(std::begin(kFields), std::end(kFields), has_key);
    if (field == std::end(kFields)) continue;
    const auto* first = std::find_if(std::begin(kFields), field, [&](const Field& each) {
      return each.newest == field->newest;
    });
    const auto bit = static_cast<std::size_t>(first - std::begin(kFields));
    if (written[bit]) continue;
    written.set(bit);
    write_field(*field, value, time_ms, stream_json, members);
  }
}

}  // namespace kpi::server
