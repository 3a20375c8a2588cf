#include "tools/kpi_admin/archive/rest_line.h"

#include <nlohmann/json.hpp>

#include "tools/kpi_admin/archive/fields.h"

namespace kpi::tools {
namespace {

using Json = nlohmann::json;

constexpr const char* kNameKinds[] = {"client", "measure", "label"};
struct Width {
  std::int64_t ms;
  const char* name;
};
constexpr Width kWidths[] = {{kMinuteMs, "minute"}, {kHourMs, "hour"}, {kDayMs, "day"}};

std::string json_text(std::string_view text) {
  return Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);
}

const char* width_name(std::int64_t ms) {
  for (const Width& width : kWidths) {
    if (width.ms == ms) return width.name;
  }
  return "";
}

void append_counts(const PortableCell& cell, std::string* out) {
  const char* separator = ",\"counts\":[";
  for (const KindCount& count : cell.counts) {
    *out += separator;
    *out += "{\"events\":" + std::to_string(count.events) +
            ",\"weight\":" + std::to_string(count.weight);
    append_kind(count.kind, out);
    *out += '}';
    separator = ",";
  }
  if (!cell.counts.empty()) *out += ']';
}

void append_sketches(const PortableCell& cell, std::string* out) {
  const char* separator = ",\"sketches\":[";
  for (const MeasureSketch& sketch : cell.sketches) {
    *out += separator;
    *out += "{\"measure\":" + json_text(sketch.measure) + ",\"outcome\":\"" +
            std::string(to_string(sketch.outcome)) + "\",\"sketch\":\"" +
            encode_base64(sketch.sketch) + "\"}";
    separator = ",";
  }
  if (!cell.sketches.empty()) *out += ']';
}

Result<std::uint64_t> count_field(const Json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end() || !found->is_number_unsigned()) {
    return expected(name, "an integer of 0 or more");
  }
  return found->get<std::uint64_t>();
}

}  // namespace

void append_name_line(const StoredName& name, std::string* out) {
  *out += "{\"name\":\"";
  *out += kNameKinds[static_cast<std::size_t>(name.kind)];
  *out += "\",\"first\":" + json_text(name.first) + ",\"second\":" + json_text(name.second) + "}\n";
}

void append_cell_line(const PortableCell& cell, std::string* out) {
  *out += "{\"cell\":\"";
  *out += width_name(cell.width_ms);
  *out += "\",\"begin\":" + std::to_string(cell.begin_ms);
  if (cell.all_rps) {
    *out += ",\"all_rps\":true";
  } else {
    *out += ",\"rp\":" + json_text(cell.rp) + ",\"client\":" + json_text(cell.client);
  }
  if (!cell.label.empty()) {
    *out += ",\"label\":" + json_text(cell.label) + ",\"value\":" +
            (cell.label_value.data() == nullptr ? "null" : json_text(cell.label_value));
  }
  append_counts(cell, out);
  append_sketches(cell, out);
  *out += "}\n";
}

void append_senders_line(const PortableSenders& senders, std::string* out) {
  *out += "{\"senders\":" + json_text(senders.rp) +
          ",\"hour\":" + std::to_string(senders.begin_ms) +
          ",\"known\":" + std::to_string(senders.counts.known) +
          ",\"largest\":" + std::to_string(senders.counts.largest) + "}\n";
}

void append_document_line(const Document& document, std::string* out) {
  *out += "{\"document\":" + json_text(document.id) +
          ",\"time\":" + std::to_string(document.time_ms) +
          ",\"text\":" + json_text(document.text) + "}\n";
}

void append_milestone_line(const Milestone& milestone, std::string* out) {
  *out += "{\"milestone\":" + json_text(milestone.name) +
          ",\"at\":" + std::to_string(milestone.at_ms) + "}\n";
}

// One line at a time, into the lists of a RestLines.
class RestParser {
 public:
  RestParser(const Json& line, RestLines* into) : line_(line), into_(*into) {}

  Status run() {
    if (line_.contains("cell")) return cell();
    if (line_.contains("name")) return name();
    if (line_.contains("senders")) return senders();
    if (line_.contains("document")) return document();
    if (line_.contains("milestone")) return milestone();
    return Error{ErrorCode::kInvalidArgument,
                 "expected a name, cell, senders, document or milestone"};
  }

 private:
  Status name() {
    const Result<std::string> kind = text_field(line_, "name"), first = text_field(line_, "first"),
                              second = text_field(line_, "second");
    for (const auto* text : {&kind, &first, &second}) {
      if (!text->ok()) return text->error();
    }
    for (std::size_t i = 0; i < std::size(kNameKinds); ++i) {
      if (kind.value() != kNameKinds[i]) continue;
      into_.names_.push_back({static_cast<StoredName::Kind>(i), into_.keep(first.value()),
                              into_.keep(second.value())});
      return ok_status();
    }
    return expected("name", "client, measure or label");
  }

  Status senders() {
    const Result<std::string> rp = text_field(line_, "senders");
    const Result<std::int64_t> hour = integer_field(line_, "hour");
    const Result<std::uint64_t> known = count_field(line_, "known"),
                                largest = count_field(line_, "largest");
    if (!rp.ok()) return rp.error();
    if (!hour.ok()) return hour.error();
    if (!known.ok()) return known.error();
    if (!largest.ok()) return largest.error();
    into_.senders_.push_back(
        {into_.keep(rp.value()), hour.value(), {known.value(), largest.value()}});
    return ok_status();
  }

  Status document() {
    const Result<std::string> id = text_field(line_, "document"), text = text_field(line_, "text");
    const Result<std::int64_t> time = integer_field(line_, "time");
    if (!id.ok()) return id.error();
    if (!text.ok()) return text.error();
    if (!time.ok()) return time.error();
    into_.documents_.push_back({id.value(), time.value(), text.value()});
    return ok_status();
  }

  Status milestone() {
    const Result<std::string> name = text_field(line_, "milestone");
    const Result<std::int64_t> at = integer_field(line_, "at");
    if (!name.ok()) return name.error();
    if (!at.ok()) return at.error();
    into_.milestones_.push_back({name.value(), at.value()});
    return ok_status();
  }

  Status cell() {
    PortableCell cell;
    cell.width_ms = 0;
    const Result<std::string> width = text_field(line_, "cell"), rp = text_field(line_, "rp"),
                              client = text_field(line_, "client");
    for (const auto* text : {&width, &rp, &client}) {
      if (!text->ok()) return text->error();
    }
    for (const Width& known : kWidths) {
      if (width.value() == known.name) cell.width_ms = known.ms;
    }
    if (cell.width_ms == 0) return expected("cell", "minute, hour or day");
    const Result<std::int64_t> begin = integer_field(line_, "begin");
    if (!begin.ok()) return begin.error();
    cell.begin_ms = begin.value();
    cell.all_rps = line_.contains("all_rps");
    cell.rp = into_.keep(rp.value());
    cell.client = into_.keep(client.value());
    if (Status read = label(&cell); !read.ok()) return read;
    RestLines::Held& held = into_.held_.emplace_back();
    if (Status read = counts(&held); !read.ok()) return read;
    if (Status read = sketches(&held); !read.ok()) return read;
    cell.counts = held.counts;
    cell.sketches = held.sketches;
    into_.cells_.push_back(cell);
    return ok_status();
  }

  Status label(PortableCell* cell) {
    const Result<std::string> name = text_field(line_, "label");
    if (!name.ok()) return name.error();
    cell->label = into_.keep(name.value());
    const auto value = line_.find("value");
    if (value == line_.end() || value->is_null()) return ok_status();
    if (!value->is_string()) return expected("value", "a string or null");
    cell->label_value = into_.keep(value->get<std::string>());
    return ok_status();
  }

  Status counts(RestLines::Held* held) {
    const auto found = line_.find("counts");
    if (found == line_.end()) return ok_status();
    if (!found->is_array()) return expected("counts", "an array");
    for (const Json& item : *found) {
      if (!item.is_object()) return expected("counts", "objects");
      const Result<EventKind> kind = kind_field(item);
      const Result<std::uint64_t> events = count_field(item, "events"),
                                  weight = count_field(item, "weight");
      if (!kind.ok()) return kind.error();
      if (!events.ok()) return events.error();
      if (!weight.ok()) return weight.error();
      held->counts.push_back({kind.value(), events.value(), weight.value()});
    }
    return ok_status();
  }

  Status sketches(RestLines::Held* held) {
    const auto found = line_.find("sketches");
    if (found == line_.end()) return ok_status();
    if (!found->is_array()) return expected("sketches", "an array");
    for (const Json& item : *found) {
      if (!item.is_object()) return expected("sketches", "objects");
      const Result<std::string> measure = text_field(item, "measure"),
                                outcome = text_field(item, "outcome"),
                                text = text_field(item, "sketch");
      for (const auto* field : {&measure, &outcome, &text}) {
        if (!field->ok()) return field->error();
      }
      const auto known = parse_outcome(outcome.value());
      if (!known) return expected("outcome", "success, failure or unknown");
      Result<std::string> bytes = decode_base64(text.value());
      if (!bytes.ok()) return bytes.error();
      held->sketches.push_back(
          {into_.keep(measure.value()), *known, into_.keep(std::move(bytes).value())});
    }
    return ok_status();
  }

  const Json& line_;
  RestLines& into_;
};

Status RestLines::add(std::string_view line) {
  const Json json = Json::parse(line, nullptr, false);
  if (!json.is_object()) return Error{ErrorCode::kInvalidArgument, "expected a JSON object"};
  if (Status added = RestParser(json, this).run(); !added.ok()) return added;
  ++size_;
  return ok_status();
}

TransferBatch RestLines::batch() const { return {names_, cells_, documents_, senders_}; }

void RestLines::clear() {
  names_.clear();
  cells_.clear();
  documents_.clear();
  senders_.clear();
  milestones_.clear();
  held_.clear();
  texts_.clear();
  size_ = 0;
}

}  // namespace kpi::tools
