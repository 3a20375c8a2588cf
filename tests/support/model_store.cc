#include "tests/support/model_store.h"

#include <algorithm>
#include <list>
#include <map>
#include <optional>
#include <set>
#include <tuple>

#include "tests/support/model_follower.h"

namespace kpi::test {
namespace {

using Truth = std::optional<bool>;  // Nothing: SQL's unknown.
using Text = std::optional<std::string>;

Text dimension_of(const ModelEvent& event, const DimensionRef& dimension) {
  const ErrorId error = event.kind.error();
  switch (dimension.dimension) {
    case Dimension::kRp:
      return event.rp;
    case Dimension::kClient:
      return event.client;
    case Dimension::kOutcome:
      return std::string(to_string(event.kind.outcome()));
    case Dimension::kUiShown:
      return std::string(to_string(event.kind.ui_shown()));
    case Dimension::kError:
      return error.none() ? Text{} : Text{error_name(error)};
    case Dimension::kErrorClass:
      return error.none() ? Text{} : Text{std::string(to_string(error_class(error)))};
    case Dimension::kLabel:
      break;
  }
  for (const auto& [name, value] : event.labels) {
    if (name == dimension.label) return value;
  }
  return std::nullopt;
}

std::optional<std::uint32_t> measure_of(const ModelEvent& event, const std::string& name) {
  for (const auto& [measure, value] : event.measures) {
    if (measure == name) return value;
  }
  return std::nullopt;
}

bool like(std::string_view text, std::string_view pattern) {
  if (pattern.empty()) return text.empty();
  if (pattern[0] == '%') {
    return like(text, pattern.substr(1)) || (!text.empty() && like(text.substr(1), pattern));
  }
  if (text.empty()) return false;
  if (pattern[0] == '_') {
    std::size_t size = 1;
    while (size < text.size() && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80) ++size;
    return like(text.substr(size), pattern.substr(1));
  }
  if (pattern[0] == '\\' && pattern.size() > 1) pattern.remove_prefix(1);
  return text[0] == pattern[0] && like(text.substr(1), pattern.substr(1));
}

bool compare(std::int64_t left, Comparison comparison, std::int64_t right) {
  switch (comparison) {
    case Comparison::kLess:
      return left < right;
    case Comparison::kLessEqual:
      return left <= right;
    case Comparison::kEqual:
      return left == right;
    case Comparison::kNotEqual:
      return left != right;
    case Comparison::kGreaterEqual:
      return left >= right;
    case Comparison::kGreater:
      return left > right;
  }
  return false;
}

Truth test(const ModelEvent& event, const Predicate& predicate);

Truth test_all(const ModelEvent& event, const Predicate& predicate) {
  const bool any = predicate.kind == Predicate::Kind::kOr;
  bool unknown = false;
  for (const Predicate& child : predicate.children) {
    const Truth truth = test(event, child);
    if (truth && *truth == any) return any;
    unknown |= !truth;
  }
  return unknown ? Truth{} : Truth{!any};
}

Truth test(const ModelEvent& event, const Predicate& predicate) {
  const Text text = dimension_of(event, predicate.dimension);
  const auto value = measure_of(event, predicate.measure);
  const auto& values = predicate.values;
  switch (predicate.kind) {
    case Predicate::Kind::kTrue:
      return true;
    case Predicate::Kind::kAnd:
    case Predicate::Kind::kOr:
      return test_all(event, predicate);
    case Predicate::Kind::kNot: {
      const Truth truth = test(event, predicate.children[0]);
      return truth ? Truth{!*truth} : Truth{};
    }
    case Predicate::Kind::kDimensionIn:
      return text ? Truth{std::find(values.begin(), values.end(), *text) != values.end()} : Truth{};
    case Predicate::Kind::kDimensionLike:
      return text ? Truth{like(*text, values[0])} : Truth{};
    case Predicate::Kind::kDimensionIsNull:
      return !text;
    case Predicate::Kind::kMeasureCompare:
      return value ? Truth{compare(*value, predicate.comparison, predicate.operand)} : Truth{};
    case Predicate::Kind::kMeasureIsNull:
      return !value;
    case Predicate::Kind::kTime:
      return predicate.range.contains(event.time_ms);
  }
  return {};
}

bool selects(const ModelEvent& event, const TimeRange& range, const Predicate& where) {
  return range.contains(event.time_ms) && test(event, where).value_or(false);
}

void count(const ModelEvent& event, Counts& counts) {
  counts.events += 1;
  counts.total += event.weight;
  if (event.kind.outcome() == Outcome::kSuccess) counts.successes += event.weight;
  if (event.kind.outcome() != Outcome::kFailure) return;
  counts.failures += event.weight;
  if (event.kind.ui_shown() == UiShown::kYes) counts.failures_ui_shown += event.weight;
}

std::int64_t bucket_of(std::int64_t time_ms, const AggregateRequest& request) {
  if (request.bucket_width_ms == 0) return 0;
  std::int64_t offset = (time_ms - request.bucket_origin_ms) % request.bucket_width_ms;
  if (offset < 0) offset += request.bucket_width_ms;
  return time_ms - offset;
}

struct Group {
  Counts counts;
  // By hour and RP, then sender.
  std::map<std::pair<std::int64_t, std::string>, std::map<std::uint64_t, std::uint64_t>> senders;
  std::vector<SketchBuilder> builders;
};
using GroupKey = std::pair<std::int64_t, std::vector<Text>>;

class ModelView : public View {
 public:
  ModelView(std::shared_ptr<const std::vector<ModelEvent>> events,
            std::vector<Milestone> milestones, TimeRange covered)
      : events_(std::move(events)), milestones_(std::move(milestones)), covered_(covered) {}

  Result<AggregateResult> aggregate(const AggregateRequest& request) const override {
    std::map<GroupKey, Group> groups;
    std::uint64_t read = 0;
    for (const ModelEvent& event : *events_) {
      if (request.stop.stop_requested()) return Error{ErrorCode::kCanceled, "canceled"};
      if (!selects(event, request.range, request.where)) continue;
      ++read;
      GroupKey key{bucket_of(event.time_ms, request), {}};
      for (const DimensionRef& dimension : request.group_by) {
        key.second.push_back(dimension_of(event, dimension));
      }
      add(groups[key], event, request);
      if (groups.size() > request.groups_max) {
        return Error{ErrorCode::kLimitExceeded, "more groups than the request allows"};
      }
    }
    AggregateResult result = collect(groups, request);
    result.covered = covered_;
    result.steps.push_back({"model", request.range, 0, 0, 0, read, 0});
    return result;
  }

  Result<std::vector<ReadStep>> explain(const AggregateRequest& request) const override {
    return std::vector<ReadStep>{{"model", request.range, 0, 0, 0, 0, 0}};
  }

  Result<ScanReport> scan(const ScanRequest& request, const EventSink& sink) const override {
    std::vector<const ModelEvent*> sorted;
    for (const ModelEvent& event : *events_) {
      if (selects(event, request.range, request.where)) sorted.push_back(&event);
    }
    std::stable_sort(sorted.begin(), sorted.end(), [](const ModelEvent* a, const ModelEvent* b) {
      return a->time_ms < b->time_ms;
    });
    for (const ModelEvent* event : sorted) {
      if (request.stop.stop_requested()) return Error{ErrorCode::kCanceled, "canceled"};
      if (!visit(*event, sink)) break;
    }
    return ScanReport{covered_, {{"model", request.range, 0, 0, 0, sorted.size(), 0}}};
  }

  std::vector<std::string> rps() const override {
    std::set<std::string> names;
    for (const ModelEvent& event : *events_) names.insert(event.rp);
    names.erase("");
    return {names.begin(), names.end()};
  }

  Result<std::vector<std::string>> clients(std::string_view rp) const override {
    std::set<std::string> names;
    bool known = false;
    for (const ModelEvent& event : *events_) {
      if (event.rp != rp) continue;
      known = true;
      names.insert(event.client);
    }
    if (!known) return Error{ErrorCode::kNotFound, "no such RP"};
    names.erase("");
    return std::vector<std::string>(names.begin(), names.end());
  }

  std::vector<std::string> measures() const override {
    std::set<std::string> names;
    for (const ModelEvent& event : *events_) {
      for (const auto& measure : event.measures) names.insert(measure.first);
    }
    return {names.begin(), names.end()};
  }

  std::vector<LabelNames> labels() const override {
    std::map<std::string, std::set<std::string>> names;
    for (const ModelEvent& event : *events_) {
      for (const auto& [name, value] : event.labels) names[name].insert(value);
    }
    std::vector<LabelNames> out;
    for (const auto& [name, values] : names) out.push_back({name, {values.begin(), values.end()}});
    return out;
  }

  std::vector<Milestone> milestones() const override { return milestones_; }

 private:
  static void add(Group& group, const ModelEvent& event, const AggregateRequest& request) {
    group.builders.resize(request.measures.size());
    count(event, group.counts);
    if (event.sender != 0) ++group.senders[{event.time_ms / kHourMs, event.rp}][event.sender];
    for (std::size_t i = 0; i < request.measures.size(); ++i) {
      if (const auto value = measure_of(event, request.measures[i])) {
        group.builders[i].add(*value, event.weight);
      }
    }
  }

  static SenderCounts senders_of(const Group& group, std::uint64_t* loud) {
    SenderCounts sum;
    for (const auto& [hour, senders] : group.senders) {
      std::uint64_t known = 0, largest = 0;
      for (const auto& [sender, reports] : senders) {
        known += reports;
        largest = std::max(largest, reports);
      }
      sum.known += known;
      sum.largest += largest;
      if (known >= kLoudHourReportsMin && 2 * largest > known) *loud += largest;
    }
    return sum;
  }

  static AggregateResult collect(std::map<GroupKey, Group>& groups,
                                 const AggregateRequest& request) {
    AggregateResult result;
    auto texts = std::make_shared<std::list<std::string>>();
    result.keys.resize(request.group_by.size());
    result.sketches.resize(request.measures.size());
    for (auto& [key, group] : groups) {
      ++result.size;
      if (request.bucket_width_ms != 0) result.bucket_begin_ms.push_back(key.first);
      result.counts.push_back(group.counts);
      if (request.senders) {
        result.senders.push_back(senders_of(group, &result.loud.emplace_back(0)));
      }
      for (std::size_t i = 0; i < key.second.size(); ++i) {
        const Text& text = key.second[i];
        result.keys[i].push_back(text ? std::string_view(texts->emplace_back(*text))
                                      : std::string_view());
      }
      for (std::size_t i = 0; i < group.builders.size(); ++i) {
        result.sketches[i].push_back(group.builders[i].build());
      }
    }
    result.names = std::move(texts);
    return result;
  }

  std::shared_ptr<const std::vector<ModelEvent>> events_;
  std::vector<Milestone> milestones_;
  TimeRange covered_;
};

}  // namespace

bool visit(const ModelEvent& event, const EventSink& sink) {
  std::vector<NamedValue> measures;
  for (const auto& [name, value] : event.measures) measures.push_back({name, value});
  std::vector<NamedLabel> labels;
  for (const auto& [name, value] : event.labels) labels.push_back({name, value});
  return sink({event.time_ms, event.rp, event.client, event.kind, event.weight, measures, labels});
}

bool fits(const ModelEvent& event, const Predicate& where) { return selects(event, {}, where); }

ModelStore::ModelStore(std::vector<ModelEvent> events, TimeRange covered)
    : events_(std::make_shared<const std::vector<ModelEvent>>(std::move(events))),
      covered_(covered),
      followers_(std::make_unique<ModelFollowers>()) {}
ModelStore::~ModelStore() = default;

void ModelStore::accept(ModelEvent event, const std::string& document) {
  {
    const std::lock_guard lock(mutex_);
    std::vector<ModelEvent> events = *events_;
    events.push_back(event);
    events_ = std::make_shared<const std::vector<ModelEvent>>(std::move(events));
  }
  followers_->accept(event, document);
}

Result<std::shared_ptr<const View>> ModelStore::view() const {
  const std::lock_guard lock(mutex_);
  return std::shared_ptr<const View>(std::make_shared<ModelView>(events_, milestones_, covered_));
}

std::vector<std::pair<std::string, std::string>> ModelStore::status() const {
  const std::lock_guard lock(mutex_);
  return {{"events_count", std::to_string(events_->size())}};
}

Status ModelStore::create_milestone(const Milestone& milestone) {
  if (milestone.name.empty() || milestone.name.size() > kMilestoneNameBytesMax ||
      milestone.at_ms < 0 || milestone.at_ms > kTimeMsMax) {
    return Error{ErrorCode::kInvalidArgument, "a milestone's name or time is out of range"};
  }
  const std::lock_guard lock(mutex_);
  for (const Milestone& known : milestones_) {
    if (known.name != milestone.name) continue;
    return Error{ErrorCode::kInvalidArgument,
                 "there is a milestone '" + milestone.name + "' already",
                 "drop it first, or take another name"};
  }
  if (milestones_.size() >= kMilestonesMax) {
    return Error{ErrorCode::kLimitExceeded, "too many milestones"};
  }
  milestones_.push_back(milestone);
  std::sort(milestones_.begin(), milestones_.end(), [](const Milestone& a, const Milestone& b) {
    return std::tie(a.at_ms, a.name) < std::tie(b.at_ms, b.name);
  });
  return ok_status();
}

Status ModelStore::drop_milestone(std::string_view name) {
  const std::lock_guard lock(mutex_);
  const auto dropped =
      std::erase_if(milestones_, [&](const Milestone& known) { return known.name == name; });
  if (dropped == 0) {
    return Error{ErrorCode::kNotFound, "no milestone '" + std::string(name) + "'"};
  }
  return ok_status();
}

Result<std::unique_ptr<Follower>> ModelStore::follow(FollowRequest request) {
  return followers_->join(std::move(request));
}

}  // namespace kpi::test
