#include "engine/read/condition.h"

#include <algorithm>

#include "engine/read/like.h"
#include "kpi/assert.h"

namespace kpi {
namespace {

using Kind = Predicate::Kind;

Truth truth(bool value) { return value ? Truth::kTrue : Truth::kFalse; }
Truth negate(Truth value) { return static_cast<Truth>(2 - static_cast<int>(value)); }

bool compare(std::int64_t value, Comparison comparison, std::int64_t operand) {
  switch (comparison) {
    case Comparison::kLess:
      return value < operand;
    case Comparison::kLessEqual:
      return value <= operand;
    case Comparison::kEqual:
      return value == operand;
    case Comparison::kNotEqual:
      return value != operand;
    case Comparison::kGreaterEqual:
      return value >= operand;
    case Comparison::kGreater:
      break;
  }
  return value > operand;
}

bool is_measure(Kind kind) { return kind == Kind::kMeasureCompare || kind == Kind::kMeasureIsNull; }
bool is_join(Kind kind) { return kind == Kind::kAnd || kind == Kind::kOr || kind == Kind::kNot; }

}  // namespace

std::string_view kind_text(Dimension dimension, EventKind kind, std::string* storage) {
  const bool has_error = kind.outcome() == Outcome::kFailure && !kind.error().none();
  switch (dimension) {
    case Dimension::kOutcome:
      return to_string(kind.outcome());
    case Dimension::kUiShown:
      return to_string(kind.ui_shown());
    case Dimension::kErrorClass:
      return has_error ? to_string(error_class(kind.error())) : std::string_view();
    case Dimension::kError:
      if (!has_error) return {};
      *storage = error_name(kind.error());
      return *storage;
    case Dimension::kRp:
    case Dimension::kClient:
    case Dimension::kLabel:
      break;
  }
  KPI_ASSERT(false);
  return {};
}

Condition::Condition(const Conjuncts& conjuncts, const Dictionary& dictionary)
    : dictionary_(&dictionary) {
  for (const Predicate* predicate : conjuncts) nodes_.push_back(bind(*predicate, dictionary));
}

Condition::Node Condition::bind(const Predicate& predicate, const Dictionary& dictionary) {
  Node node;
  node.predicate = &predicate;
  if (is_join(predicate.kind)) {
    for (const Predicate& child : predicate.children) {
      node.children.push_back(bind(child, dictionary));
    }
  } else if (is_measure(predicate.kind)) {
    node.id = dictionary.find_measure(predicate.measure).value_or(0);
  } else if (predicate.dimension.dimension == Dimension::kLabel) {
    node.id = dictionary.find_label(predicate.dimension.label).value_or(0);
  }
  node.values.assign(predicate.values.begin(), predicate.values.end());
  std::sort(node.values.begin(), node.values.end());
  return node;
}

void Condition::set_series(std::string_view rp, std::string_view client) {
  rp_ = rp;
  client_ = client;
}

// `text` with data() == nullptr is NULL.
Truth Condition::of_text(const Node& node, std::string_view text) const {
  const bool null = text.data() == nullptr;
  if (node.predicate->kind == Kind::kDimensionIsNull) return truth(null);
  if (null) return Truth::kUnknown;
  if (node.predicate->kind == Kind::kDimensionLike) {
    return truth(like_matches(text, node.values[0]));
  }
  return truth(std::binary_search(node.values.begin(), node.values.end(), text));
}

Truth Condition::of_series(const Node& node) const {
  return of_text(node, node.predicate->dimension.dimension == Dimension::kRp ? rp_ : client_);
}

Truth Condition::of_kind(Node& node, EventKind kind) {
  const auto [entry, is_new] = node.known.try_emplace(kind.packed());
  if (is_new) {
    std::string storage;
    entry->second = of_text(node, kind_text(node.predicate->dimension.dimension, kind, &storage));
  }
  return entry->second;
}

Truth Condition::of_label(Node& node, std::uint32_t value_id) {
  if (value_id == 0) return of_text(node, {});
  const auto [entry, is_new] = node.known.try_emplace(value_id);
  if (is_new) entry->second = of_text(node, dictionary_->label_value(value_id).value);
  return entry->second;
}

Truth Condition::decide(Node& node, const EventKind* kind, const std::uint32_t* label_value) {
  switch (node.predicate->kind) {
    case Kind::kTrue:
      return Truth::kTrue;
    case Kind::kNot:
      return negate(decide(node.children[0], kind, label_value));
    case Kind::kAnd:
    case Kind::kOr: {
      Truth joined = decide(node.children[0], kind, label_value);
      for (std::size_t i = 1; i < node.children.size(); ++i) {
        const Truth next = decide(node.children[i], kind, label_value);
        joined =
            node.predicate->kind == Kind::kAnd ? std::min(joined, next) : std::max(joined, next);
      }
      return joined;
    }
    default:
      break;
  }
  const Needs needs = needs_of(*node.predicate);
  if (needs == kNeedsSeries) return of_series(node);
  if (needs == kNeedsLabel) {
    KPI_ASSERT(label_value != nullptr);
    return of_label(node, *label_value);
  }
  KPI_ASSERT(needs != kNeedsEvent && kind != nullptr);
  return of_kind(node, *kind);
}

bool Condition::holds_for_series() {
  return std::all_of(nodes_.begin(), nodes_.end(),
                     [&](Node& node) { return decide(node, nullptr, nullptr) == Truth::kTrue; });
}

bool Condition::holds_for_kind(EventKind kind) {
  return std::all_of(nodes_.begin(), nodes_.end(),
                     [&](Node& node) { return decide(node, &kind, nullptr) == Truth::kTrue; });
}

bool Condition::holds_for_label(EventKind kind, std::uint32_t value_id) {
  return std::all_of(nodes_.begin(), nodes_.end(),
                     [&](Node& node) { return decide(node, &kind, &value_id) == Truth::kTrue; });
}

bool Condition::may_hold_for_label(std::uint32_t value_id) {
  constexpr Needs kKnown = kNeedsSeries | kNeedsLabel;
  return std::all_of(nodes_.begin(), nodes_.end(), [&](Node& node) {
    if ((needs_of(*node.predicate) & ~kKnown) != 0) return true;
    return decide(node, nullptr, &value_id) == Truth::kTrue;
  });
}

void Condition::select(const EventColumns& events, std::vector<std::uint8_t>* selected) {
  for (Node& node : nodes_) {
    decide_all(node, events);
    for (std::size_t i = 0; i < events.size(); ++i) {
      (*selected)[i] = (*selected)[i] != 0 && node.truths[i] == Truth::kTrue ? 1 : 0;
    }
  }
}

void Condition::decide_all(Node& node, const EventColumns& events) {
  const Predicate& predicate = *node.predicate;
  if (is_join(predicate.kind)) return join_all(node, events);
  if (is_measure(predicate.kind)) return measure_all(node, events);
  if (predicate.kind == Kind::kTrue) {
    node.truths.assign(events.size(), Truth::kTrue);
  } else if (predicate.kind == Kind::kTime) {
    node.truths.resize(events.size());
    for (std::size_t i = 0; i < events.size(); ++i) {
      node.truths[i] = truth(predicate.range.contains(events.times_ms[i]));
    }
  } else {
    dimension_all(node, events);
  }
}

void Condition::join_all(Node& node, const EventColumns& events) {
  for (Node& child : node.children) decide_all(child, events);
  node.truths = node.children[0].truths;
  if (node.predicate->kind == Kind::kNot) {
    for (Truth& value : node.truths) value = negate(value);
  }
  for (std::size_t c = 1; c < node.children.size(); ++c) {
    const std::vector<Truth>& next = node.children[c].truths;
    for (std::size_t i = 0; i < next.size(); ++i) {
      Truth& value = node.truths[i];
      value =
          node.predicate->kind == Kind::kAnd ? std::min(value, next[i]) : std::max(value, next[i]);
    }
  }
}

void Condition::dimension_all(Node& node, const EventColumns& events) {
  const Needs needs = needs_of(*node.predicate);
  if (needs == kNeedsSeries) {
    node.truths.assign(events.size(), of_series(node));
    return;
  }
  if (needs != kNeedsLabel) {
    node.truths.resize(events.size());
    for (std::size_t i = 0; i < events.size(); ++i) {
      const bool same = i > 0 && events.kinds[i] == events.kinds[i - 1];
      node.truths[i] = same ? node.truths[i - 1] : of_kind(node, events.kinds[i]);
    }
    return;
  }
  node.truths.assign(events.size(), of_label(node, 0));
  for (const EventColumns::Label& label : events.labels) {
    if (label.name_id != node.id) continue;
    for (std::size_t i = 0; i < events.size(); ++i) {
      node.truths[i] = of_label(node, label.value_ids[i]);
    }
  }
}

void Condition::measure_all(Node& node, const EventColumns& events) const {
  const Predicate& predicate = *node.predicate;
  const bool asks_null = predicate.kind == Kind::kMeasureIsNull;
  node.truths.assign(events.size(), asks_null ? Truth::kTrue : Truth::kUnknown);
  for (const EventColumns::Measure& measure : events.measures) {
    if (measure.id != node.id) continue;
    for (std::size_t i = 0; i < measure.values.size(); ++i) {
      const std::size_t row = measure.rows.empty() ? i : measure.rows[i];
      node.truths[row] =
          asks_null ? Truth::kFalse
                    : truth(compare(measure.values[i], predicate.comparison, predicate.operand));
    }
  }
}

void Condition::add_columns(std::vector<std::uint32_t>* measures, bool* labels) const {
  for (const Node& node : nodes_) add_columns(node, measures, labels);
}

void Condition::add_columns(const Node& node, std::vector<std::uint32_t>* measures, bool* labels) {
  for (const Node& child : node.children) add_columns(child, measures, labels);
  if (is_join(node.predicate->kind)) return;
  if ((needs_of(*node.predicate) & (kNeedsLabel | kNeedsEvent)) == 0) return;
  if (is_measure(node.predicate->kind)) {
    if (node.id != 0) measures->push_back(node.id);
  } else if (node.predicate->kind != Kind::kTime) {
    *labels = true;
  }
}

}  // namespace kpi
