// Predicates bound to a dictionary and evaluated in SQL's three-valued logic: for a series, for a
// kind, or for all events of a batch of columns at once.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine/chunk/event_columns.h"
#include "engine/dictionary/dictionary.h"
#include "engine/read/filter.h"
#include "kpi/store.h"

namespace kpi {

// In this order AND is the least, OR the greatest, and NOT the mirror image.
enum class Truth : std::uint8_t { kFalse = 0, kUnknown = 1, kTrue = 2 };

// What `kind` prints as in outcome, error, error_class or ui_shown; data() == nullptr: NULL.
// `storage` backs the view where the name is no static one.
std::string_view kind_text(Dimension dimension, EventKind kind, std::string* storage);

// All of some conjuncts. Not thread-safe: it remembers what it worked out. The dictionary and the
// predicates outlive it.
class Condition {
 public:
  Condition() = default;  // Always true.
  Condition(const Conjuncts& conjuncts, const Dictionary& dictionary);

  bool always() const { return nodes_.empty(); }
  // The series of what is asked next. Views live until the next call.
  void set_series(std::string_view rp, std::string_view client);
  // Of a condition that needs no more than the series / than series and kind (asserted).
  bool holds_for_series();
  bool holds_for_kind(EventKind kind);
  // Of one that also needs a label, and all its labels are the one that has this value; 0: events
  // without the label.
  bool holds_for_label(EventKind kind, std::uint32_t value_id);
  // False: the series and this value alone rule out every kind.
  bool may_hold_for_label(std::uint32_t value_id);
  // (*selected)[i] becomes 0 for each event that does not meet the condition; others are left.
  void select(const EventColumns& events, std::vector<std::uint8_t>* selected);
  // Measures it looks at, and whether it looks at labels: the columns it needs.
  void add_columns(std::vector<std::uint32_t>* measures, bool* labels) const;

 private:
  struct Node {
    const Predicate* predicate = nullptr;
    std::vector<Node> children;
    std::vector<std::string_view> values;            // Of kDimensionIn, sorted.
    std::uint32_t id = 0;                            // Of the measure or label; 0: no event has it.
    std::unordered_map<std::uint32_t, Truth> known;  // By packed kind or label value.
    std::vector<Truth> truths;                       // One per event, of the last batch.
  };

  Node bind(const Predicate& predicate, const Dictionary& dictionary);
  Truth of_text(const Node& node, std::string_view text) const;
  Truth of_series(const Node& node) const;
  Truth of_kind(Node& node, EventKind kind);
  Truth of_label(Node& node, std::uint32_t value_id);
  Truth decide(Node& node, const EventKind* kind, const std::uint32_t* label_value);
  void decide_all(Node& node, const EventColumns& events);
  void join_all(Node& node, const EventColumns& events);
  void dimension_all(Node& node, const EventColumns& events);
  void measure_all(Node& node, const EventColumns& events) const;
  static void add_columns(const Node& node, std::vector<std::uint32_t>* measures, bool* labels);

  const Dictionary* dictionary_ = nullptr;
  std::vector<Node> nodes_;
  std::string_view rp_ = "", client_ = "";
};

}  // namespace kpi
