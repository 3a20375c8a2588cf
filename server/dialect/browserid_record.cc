#include "server/dialect/browserid_record.h"

#include <algorithm>
#include <cmath>

#include "server/dialect/browserid.h"
#include "server/dialect/browserid_document.h"
#include "server/dialect/origin.h"

namespace kpi::server {
namespace {

using simdjson::dom::element;

constexpr std::string_view kAssertionStep = "assertion_generated";
constexpr std::string_view kErrorStepPrefix = "screen.error";
constexpr ErrorId kErrorScreen = {Dialect::kBrowserid, 1};
// Stages that the dashboard saw in a record by any of several steps: the first of them.
constexpr std::string_view kEngagedStage = "engaged", kErrorStage = "error_screen";
constexpr std::string_view kScreenWidth = "screen_width", kScreenHeight = "screen_height";
constexpr std::string_view kEngagedSteps[] = {
    "screen.set_password", "screen.pick_email", "screen.provision_primary_user",
    "screen.verify_primary_user", "authenticate.enter_password"};

// Numbers keep their newest name; of several spellings in one record the first counts.
struct NumberKey {
  std::string_view key, measure;
};
constexpr NumberKey kNumbers[] = {
    {"number_emails", "number_emails"},
    {"number_sites_signed_in", "number_sites_signed_in"},
    {"number_sites_logged_in", "number_sites_signed_in"},
    {"sites_signed_in", "number_sites_signed_in"},
    {"number_sites_remembered", "number_sites_remembered"},
    {"sites_visited", "number_sites_remembered"},
};
struct LabelKey {
  std::string_view key, label;
};
constexpr LabelKey kLabels[] = {
    {"lang", "locale"},
    {"language", "locale"},
    {"orphaned", "orphaned"},
    {"rp_api", "rp_api"},
    {"new_account", "new_account"},
    {"type", "type"},
    {"email_type", "email_type"},
    {"idp", "idp"},
};
class RecordReader {
 public:
  RecordReader(Intake& intake, JsonParser& stream_json)
      : intake_(intake), draft_(intake.draft), stream_json_(stream_json) {}

  Check read(simdjson::dom::object record) {
    for (const auto [key, value] : record) {
      if (auto bad = read_field(key, value)) return bad;
    }
    if (!has_timestamp_) {
      return refuse(Reason::kMissingField, "timestamp", "expected ms since 1970");
    }
    judge();
    return std::nullopt;
  }

 private:
  Check read_field(std::string_view key, element value) {
    if (key == "timestamp") return read_timestamp(value);
    if (key == "sample_rate") return read_sample_rate(value);
    if (key == "event_stream") return read_stream(value);
    const bool used = key == "screen_size"  ? read_screen(value)
                      : key == "user_agent" ? read_user_agent(value)
                      : key == "rp"         ? read_rp(value)
                                            : read_number(key, value) || read_label(key, value);
    if (!used) ++intake_.verdict.unknown_fields;
    return std::nullopt;
  }

  Check read_timestamp(element value) {
    if (has_timestamp_) return refuse(Reason::kDuplicateKey, "timestamp", "expected only once");
    std::uint64_t ms = 0;
    double number = 0;  // Some senders write 1.365e12.
    if (value.is_double() && !value.get_double().get(number) && number == std::floor(number) &&
        number >= 0 && number <= static_cast<double>(kTimeMsMax)) {
      ms = static_cast<std::uint64_t>(number);
    } else if (auto bad = read_integer(value, "timestamp", kTimeMsMax, ms)) {
      return bad;
    }
    has_timestamp_ = true;
    draft_.time_ms = static_cast<std::int64_t>(ms);
    return check_time(draft_.time_ms, intake_.report.arrival_ms, "timestamp");
  }

  Check read_sample_rate(element value) {
    double rate = 0;
    if (value.get_double().get(rate)) {
      return refuse(Reason::kOutOfRange, "sample_rate", "expected a number");
    }
    return weight_of_sample_rate(rate, draft_.weight);
  }

  Check read_stream(element value) {
    std::string_view text;
    if (!value.get_string().get(text)) {
      if (auto bad = stream_json_.parse_copy(text, value)) return bad;
    }
    simdjson::dom::array steps;
    if (value.get_array().get(steps)) {
      return refuse(Reason::kMalformed, "event_stream", "expected a list of steps");
    }
    for (const element step : steps) {
      if (!read_step(step)) ++intake_.verdict.ignored_steps;
    }
    add_stage(kEngagedStage, engaged_ms_);
    add_stage(kErrorStage, error_ms_);
    return std::nullopt;
  }

  void add_stage(std::string_view name, const std::optional<std::uint64_t>& ms) {
    if (ms && !draft_.has_measure(name) && draft_.add_measure(name, *ms)) {
      ++intake_.verdict.ignored_steps;
    }
  }

  void note_stages(std::string_view step, std::uint64_t ms) {
    const auto note = [ms](std::optional<std::uint64_t>& first) {
      if (!first || ms < *first) first = ms;
    };
    if (is_error_screen(step)) note(error_ms_);
    if (std::find(std::begin(kEngagedSteps), std::end(kEngagedSteps), step) !=
        std::end(kEngagedSteps)) {
      note(engaged_ms_);
    }
  }

  static bool is_error_screen(std::string_view step) {
    return step.substr(0, kErrorStepPrefix.size()) == kErrorStepPrefix;
  }

  // [name, offset_ms, duration_ms | null, repeat_count], the last two optional.
  bool read_step(element step) {
    std::string_view name;
    element offset, duration;
    std::uint64_t ms = 0;
    if (step.at(0).get_string().get(name) || step.at(1).get(offset)) return false;
    generated_ = generated_ || name == kAssertionStep;
    error_ = error_ || is_error_screen(name);
    if (read_integer(offset, name, kMeasureMax, ms)) return false;
    note_stages(name, ms);
    name = draft_.keep(std::string(name));  // The parser of a nested text is used again.
    if (!draft_.has_measure(name) && draft_.add_measure(name, ms)) return false;
    if (step.at(2).get(duration) || duration.is_null()) return true;
    const std::string_view duration_name = draft_.keep(std::string(name) + ".duration");
    if (draft_.has_measure(duration_name)) return true;
    return !read_integer(duration, name, kMeasureMax, ms) && !draft_.add_measure(duration_name, ms);
  }

  bool read_number(std::string_view key, element value) {
    const auto found = std::find_if(std::begin(kNumbers), std::end(kNumbers),
                                    [&](const NumberKey& number) { return number.key == key; });
    std::uint64_t number = 0;
    if (found == std::end(kNumbers) || draft_.has_measure(found->measure) ||
        read_integer(value, key, kMeasureMax, number) ||
        draft_.add_measure(found->measure, number)) {
      return false;
    }
    if (key == "number_emails") {  // The dashboard's segments: 0, 1, 2, 3+.
      constexpr std::string_view kSegments[] = {"0", "1", "2", "3+"};
      draft_.add_label("emails", kSegments[std::min<std::uint64_t>(number, 3)]);
    }
    return true;
  }

  bool read_label(std::string_view key, element value) {
    const auto found = std::find_if(std::begin(kLabels), std::end(kLabels),
                                    [&](const LabelKey& label) { return label.key == key; });
    return found != std::end(kLabels) && add_label(found->label, value);
  }

  // Texts as they are, booleans and whole numbers as JSON spells them.
  bool add_label(std::string_view name, element value) {
    std::string_view text;
    if (!value.get_string().get(text)) return draft_.add_label(name, text);
    bool yes = false;
    if (!value.get_bool().get(yes)) return draft_.add_label(name, yes ? "true" : "false");
    std::uint64_t number = 0;
    if (read_integer(value, name, kMeasureMax, number)) return false;
    return draft_.add_label(name, draft_.keep(std::to_string(number)));
  }

  bool read_screen(element value) {
    std::uint64_t width = 0, height = 0;
    element width_element, height_element;
    if (value.at_key("width").get(width_element) || value.at_key("height").get(height_element) ||
        read_integer(width_element, "width", kMeasureMax, width) ||
        read_integer(height_element, "height", kMeasureMax, height) ||
        draft_.add_measure(kScreenWidth, width) || draft_.add_measure(kScreenHeight, height)) {
      return false;
    }
    return draft_.add_label("screen", width >= kDesktopWidthMin  ? "desktop"
                                      : width <= kMobileWidthMax ? "mobile"
                                                                 : "tablet");
  }

  // Only the coarse object: a raw header is never stored.
  bool read_user_agent(element value) {
    simdjson::dom::object agent;
    if (value.get_object().get(agent)) return false;
    for (const auto [key, part] : agent) {
      const std::string_view label = key == "os"        ? "os"
                                     : key == "browser" ? "browser"
                                     : key == "version" ? "browser_version"
                                                        : "";
      if (label.empty() || is_raw_user_agent(part)) {
        ++intake_.verdict.unknown_fields;
      } else {
        add_label(label, part);
      }
    }
    return true;
  }

  bool read_rp(element value) {
    std::string_view url;
    if (value.get_string().get(url)) return false;
    auto origin = canonical_origin(url);
    if (!origin) return false;
    draft_.rp = draft_.keep(std::move(*origin));
    return true;
  }

  void judge() {
    if (generated_) {
      draft_.outcome = Outcome::kSuccess;
    } else if (error_) {
      draft_.outcome = Outcome::kFailure;
      draft_.error = kErrorScreen;
    }
  }

  Intake& intake_;
  EventDraft& draft_;
  JsonParser& stream_json_;
  bool has_timestamp_ = false, generated_ = false, error_ = false;
  std::optional<std::uint64_t> engaged_ms_, error_ms_;
};

}  // namespace

Check read_browserid_record(Intake& intake, simdjson::dom::object record, JsonParser& stream_json) {
  return RecordReader(intake, stream_json).read(record);
}

bool is_browserid_measure(std::string_view stored_name) {
  constexpr std::string_view kOthers[] = {kAssertionStep, kEngagedStage, kErrorStage, kScreenWidth,
                                          kScreenHeight};
  const auto is_it = [=](std::string_view name) { return name == stored_name; };
  return std::any_of(std::begin(kOthers), std::end(kOthers), is_it) ||
         std::any_of(std::begin(kEngagedSteps), std::end(kEngagedSteps), is_it) ||
         std::any_of(std::begin(kNumbers), std::end(kNumbers),
                     [&](const NumberKey& number) { return is_it(number.measure); });
}

}  // namespace kpi::server
