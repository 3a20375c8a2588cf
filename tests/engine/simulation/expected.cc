#include "tests/engine/simulation/expected.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace kpi::test {

// Beyond the bound the oldest go early. How long the store was closed, only the wall clock says.
bool Expected::may_be_forgotten(const Known& known, const Now& now) const {
  const bool guessed = now.openings != known.when.openings && now.steps > 0;
  return guessed || now.steady_ms - known.when.steady_ms >= window_ms_ ||
         keys_written_ - known.number >= keys_max_;
}

bool Expected::must_be_forgotten(const Known& known, const Now& now) const {
  const bool guessed = now.openings != known.when.openings && now.steps > 0;
  return !guessed && now.steady_ms - known.when.steady_ms >= window_ms_;
}

void Expected::keep(const Sent& sent, const Now& now) {
  ++batches_;
  events_.insert(events_.end(), sent.events.begin(), sent.events.end());
  for (std::size_t i = 0; i < sent.documents.size(); ++i) {
    documents_.push_back({sent.documents[i], sent.events[i].time_ms, now.wall_ms});
  }
  if (sent.key.empty()) return;
  // Which of one millisecond is older, nobody knows after a restart.
  if (last_key_ms_ != now.steady_ms) keys_before_ms_ = keys_written_;
  last_key_ms_ = now.steady_ms;
  Known& known = keys_[sent.key];
  known = {sent, now, keys_before_ms_};
  known.sent.steady_ms = now.steady_ms;
  ++keys_written_;
}

std::string Expected::describe(const Known& known, const Now& now) const {
  return known.sent.mark + ", " + std::to_string(now.steady_ms - known.when.steady_ms) +
         " ms ago, of a window of " + std::to_string(window_ms_) + ", the clock was set " +
         std::to_string(now.steps - known.when.steps) + " times since, " +
         std::to_string(keys_written_ - known.number) + " keys later of at most " +
         std::to_string(keys_max_);
}

std::string Expected::stored(Sent sent, const Now& now) {
  const auto known = keys_.find(sent.key);
  if (!sent.key.empty() && known != keys_.end() && !may_be_forgotten(known->second, now)) {
    return "the request '" + sent.key + "' was stored twice: " + describe(known->second, now);
  }
  keep(sent, now);
  return {};
}

std::string Expected::duplicate(const Sent& sent, const std::string& answer, const Now& now) {
  const auto known = keys_.find(sent.key);
  if (known == keys_.end()) return "the request '" + sent.key + "' is known and was never stored";
  if (known->second.sent.content != sent.content) return "another request was taken for a retry";
  if (must_be_forgotten(known->second, now)) return "a key was believed after its window";
  if (answer != known->second.sent.mark) return "a retry got the answer '" + answer + "'";
  return {};
}

std::string Expected::other_content(const Sent& sent, const Now& now) const {
  const auto known = keys_.find(sent.key);
  if (known == keys_.end()) return "the key '" + sent.key + "' is known and was never stored";
  if (known->second.sent.content == sent.content) {
    return "'" + sent.key +
           "', a retry, was taken for another request: " + describe(known->second, now);
  }
  return {};
}

void Expected::unknown(Sent sent, const Now& now) { unsure_.emplace_back(std::move(sent), now); }

void Expected::milestone(const std::string& name, bool there) { milestones_[name] = there; }

std::string Expected::resolve(const Engine& engine) {
  for (auto& [sent, when] : unsure_) {
    const Result<std::string> mark = engine.mark(sent.mark);
    if (!mark.ok() && mark.error().code != ErrorCode::kNotFound) return mark.error().message;
    if (!mark.ok()) continue;
    const auto known = keys_.find(sent.key);
    if (!sent.key.empty() && known != keys_.end() && !may_be_forgotten(known->second, when)) {
      return "the request '" + sent.key + "' was stored twice, the second time without an answer";
    }
    keep(sent, when);
  }
  unsure_.clear();
  const auto view = engine.view();
  if (!view.ok()) return view.error().message;
  const auto stored = view.value()->milestones();
  for (const std::string& name : unsure_milestones_) {
    milestones_[name] = std::any_of(stored.begin(), stored.end(),
                                    [&](const Milestone& each) { return each.name == name; });
  }
  unsure_milestones_.clear();
  return {};
}

void Expected::may_age(std::uint16_t raw_from_day) {
  raw_from_day_ = std::max(raw_from_day_, raw_from_day);
}

std::string Expected::check_all(const Engine& engine, const View& view) const {
  const auto model = this->model();
  const Checked events = check_scan(view, *model, {});
  if (!events.difference.empty()) return events.difference;
  if (events.covered.begin_ms > raw_from_ms() && events.covered.begin_ms > 0) {
    return "raw events are gone up to " + std::to_string(events.covered.begin_ms) +
           ", though they are to be kept from " + std::to_string(raw_from_ms());
  }
  AggregateRequest days;
  days.bucket_width_ms = kDayMs;
  days.group_by = {{Dimension::kClient}};
  const Checked counts = check_aggregate(view, *model, days);
  if (!counts.difference.empty()) return counts.difference;
  const Checked quantiles = check_quantiles(view, *model, "turnaround_time");
  if (!quantiles.difference.empty()) return quantiles.difference;
  const std::string milestones = check_milestones(view);
  return milestones.empty() ? check_documents(engine) : milestones;
}

std::string Expected::check_documents(const Engine& engine) const {
  const auto documents = engine.documents();
  if (!documents.ok()) return documents.error().message;
  std::map<std::string, std::size_t> found;
  const Status read = documents.value()->for_each({}, {}, {}, [&](const Document& document) {
    ++found[document.text];
    return true;
  });
  if (!read.ok()) return read.error().message;
  std::size_t known = 0;
  for (const Kept& kept : documents_) {
    const auto at = found.find(kept.text);
    known += at != found.end();
    const bool aged = std::max(kept.time_ms, kept.arrival_ms) < raw_from_ms();
    if (at == found.end() && !aged) return "document '" + kept.text + "' is lost";
    if (at != found.end() && at->second != 1) return "document '" + kept.text + "' is there twice";
  }
  return known == found.size() ? "" : "there are documents that were never sent";
}

std::string Expected::check_milestones(const View& view) const {
  std::size_t known = 0;
  const auto stored = view.milestones();
  for (const auto& [name, there] : milestones_) {
    const bool found = std::any_of(stored.begin(), stored.end(),
                                   [&, &wanted = name](const auto& m) { return m.name == wanted; });
    if (found != there) return "milestone '" + name + (there ? "' is lost" : "' is there again");
    known += there;
  }
  return known == stored.size() ? "" : "there are milestones that were never set";
}

std::optional<Sent> Expected::some_keyed(std::uint64_t pick) const {
  if (keys_.empty()) return std::nullopt;
  const auto at = static_cast<std::ptrdiff_t>(pick % keys_.size());
  return std::next(keys_.begin(), at)->second.sent;
}

}  // namespace kpi::test
