#include "tests/support/event_text.h"

#include <charconv>
#include <sstream>
#include <string>

#include "query/text/time_text.h"

namespace kpi::test {
namespace {

struct Draft {
  ModelEvent event;
  Outcome outcome = Outcome::kUnknown;
  UiShown ui_shown = UiShown::kUnknown;
  ErrorId error = {};
  std::uint32_t copies = 1;
};

bool number(std::string_view text, std::uint32_t& value) {
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  return !text.empty() && parsed.ec == std::errc{} && parsed.ptr == text.data() + text.size();
}

bool set_named(const std::string& name, const std::string& value, Draft& draft) {
  if (name == "rp") draft.event.rp = value;
  if (name == "client") draft.event.client = value;
  if (name == "rp" || name == "client") return true;
  if (name == "sender") {
    std::uint32_t sender = 0;
    const bool good = number(value, sender);
    draft.event.sender = sender;
    return good;
  }
  if (name == "weight") return number(value, draft.event.weight);
  if (name == "error") {
    const auto error = parse_error_name(value);
    draft.error = error.value_or(ErrorId{});
    draft.outcome = Outcome::kFailure;
    return error.has_value();
  }
  if (name == "ui") {
    const auto shown = parse_ui_shown(value);
    draft.ui_shown = shown.value_or(UiShown::kUnknown);
    return shown.has_value();
  }
  std::uint32_t measured = 0;
  if (!number(value, measured)) return false;
  draft.event.measures.emplace_back(name, measured);
  return true;
}

bool set_word(const std::string& word, Draft& draft) {
  if (const auto outcome = parse_outcome(word)) {
    draft.outcome = *outcome;
    return true;
  }
  if (word[0] == 'x' && number(std::string_view(word).substr(1), draft.copies)) return true;
  if (const std::size_t equals = word.find('='); equals != std::string::npos) {
    return set_named(word.substr(0, equals), word.substr(equals + 1), draft);
  }
  const std::size_t colon = word.find(':');
  if (colon == std::string::npos) return false;
  draft.event.labels.emplace_back(word.substr(0, colon), word.substr(colon + 1));
  return true;
}

}  // namespace

bool parse_events(std::string_view line, std::vector<ModelEvent>& events) {
  std::istringstream in{std::string(line)};
  std::string word;
  if (!(in >> word)) return false;
  const auto time = query::parse_time(word);
  if (!time) return false;
  Draft draft;
  draft.event.time_ms = *time;
  while (in >> word) {
    if (!set_word(word, draft)) return false;
  }
  draft.event.kind = EventKind(draft.outcome, draft.ui_shown, draft.error);
  events.insert(events.end(), draft.copies, draft.event);
  return true;
}

}  // namespace kpi::test
