#include "tools/kpi_admin/archive/event_line.h"

#include <nlohmann/json.hpp>

#include <charconv>
#include <cmath>
#include <vector>

#include "tools/kpi_admin/archive/fields.h"

namespace kpi::tools {
namespace {

using Json = nlohmann::json;

constexpr std::string_view kFields[] = {"time",     "rp",       "client", "outcome",    "error",
                                        "ui_shown", "measures", "labels", "sample_rate"};

// The shortest number that reads back as the same double, which gives the same weight.
void append_sample_rate(std::uint32_t weight, std::string* out) {
  char text[32];
  const auto end = std::to_chars(text, text + sizeof text, 1000.0 / weight).ptr;
  out->append(text, end);
}

void append_text(std::string_view text, std::string* out) {
  // Names are UTF-8 where they came by a dialect; embedders may store any bytes.
  *out += Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<std::uint32_t> weight_of(const Json& line) {
  const auto found = line.find("sample_rate");
  if (found == line.end()) return kWeightMin;
  if (!found->is_number()) return expected("sample_rate", "a number");
  const double weight = std::round(1000.0 / found->get<double>());
  if (!(weight >= kWeightMin) || weight > kWeightMax) {
    return expected("sample_rate", "a number over 0, at most 1");
  }
  return static_cast<std::uint32_t>(weight);
}

Status read_measures(const Json& line, std::vector<NamedValue>* measures) {
  const auto found = line.find("measures");
  if (found == line.end()) return ok_status();
  if (!found->is_object()) return expected("measures", "an object");
  for (const auto& [name, value] : found->items()) {
    if (!value.is_number_unsigned() || value.get<std::uint64_t>() > UINT32_MAX) {
      return expected("measures", "integers of 0 to 4294967295");
    }
    measures->push_back({name, value.get<std::uint32_t>()});
  }
  return ok_status();
}

Status read_labels(const Json& line, std::vector<NamedLabel>* labels) {
  const auto found = line.find("labels");
  if (found == line.end()) return ok_status();
  if (!found->is_object()) return expected("labels", "an object");
  for (const auto& [name, value] : found->items()) {
    if (!value.is_string()) return expected("labels", "strings");
    labels->push_back({name, value.get_ref<const std::string&>()});
  }
  return ok_status();
}

}  // namespace

void append_event_line(const Event& event, std::string* out) {
  *out += "{\"time\":" + std::to_string(event.time_ms) + ",\"rp\":";
  append_text(event.rp, out);
  *out += ",\"client\":";
  append_text(event.client, out);
  append_kind(event.kind, out);
  if (event.weight != kWeightMin) {
    *out += ",\"sample_rate\":";
    append_sample_rate(event.weight, out);
  }
  const char* separator = ",\"measures\":{";
  for (const NamedValue& measure : event.measures) {
    *out += separator;
    append_text(measure.name, out);
    *out += ':' + std::to_string(measure.value);
    separator = ",";
  }
  if (!event.measures.empty()) *out += '}';
  separator = ",\"labels\":{";
  for (const NamedLabel& label : event.labels) {
    *out += separator;
    append_text(label.name, out);
    *out += ':';
    append_text(label.value, out);
    separator = ",";
  }
  if (!event.labels.empty()) *out += '}';
  *out += "}\n";
}

Status add_event_line(std::string_view line, Batch* batch) {
  const Json json = Json::parse(line, nullptr, false);
  if (!json.is_object()) return Error{ErrorCode::kInvalidArgument, "expected a JSON object"};
  if (Status known = check_fields(json, kFields); !known.ok()) return known;
  Event event;
  const auto time = json.find("time");
  if (time == json.end() || !time->is_number_integer()) {
    return expected("time", "ms since 1970 as an integer");
  }
  event.time_ms = time->get<std::int64_t>();
  const Result<std::string> rp = text_field(json, "rp"), client = text_field(json, "client");
  if (!rp.ok()) return rp.error();
  if (!client.ok()) return client.error();
  event.rp = rp.value();
  event.client = client.value();
  const Result<EventKind> kind = kind_field(json);
  if (!kind.ok()) return kind.error();
  event.kind = kind.value();
  const Result<std::uint32_t> weight = weight_of(json);
  if (!weight.ok()) return weight.error();
  event.weight = weight.value();
  std::vector<NamedValue> measures;
  std::vector<NamedLabel> labels;
  if (Status read = read_measures(json, &measures); !read.ok()) return read;
  if (Status read = read_labels(json, &labels); !read.ok()) return read;
  event.measures = measures;
  event.labels = labels;
  return batch->add(event);
}

}  // namespace kpi::tools
