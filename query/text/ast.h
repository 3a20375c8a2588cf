// The tree of a parsed statement. Immutable once built; every node knows its byte position and
// prints back as text that parses to an equal tree.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "kpi/query.h"

namespace kpi::query {

struct Expr;
using ExprPtr = std::shared_ptr<const Expr>;  // Never null unless a member says so.

// Chains like 1 + 1 + 1 nest without parentheses; deeper trees are kLimitExceeded, so that every
// walk over a tree may recurse.
inline constexpr std::size_t kExprHeightMax = 512;

struct Expr {
  enum class Kind : std::uint8_t {
    kNull,
    kBool,        // text: true or false.
    kNumber,      // text: as written.
    kParameter,   // text: the digits after $.
    kString,      // text: the string.
    kInterval,    // text: what stands in quotes after INTERVAL.
    kTimestamp,   // text: what stands in quotes after TIMESTAMP.
    kName,        // text: the name; quoted.
    kStar,        // The argument of count(*).
    kCall,        // text: the function; children: arguments.
    kNegate,      // -child
    kNot,         // NOT child
    kArithmetic,  // text: + - * / %; two children.
    kCompare,     // text: = <> < <= > >=; two children.
    kAnd,
    kOr,       // Two children or more.
    kIn,       // children[0] [NOT] IN (the others).
    kLike,     // children[0] [NOT] LIKE children[1].
    kIsNull,   // children[0] IS [NOT] NULL.
    kBetween,  // children[0] [NOT] BETWEEN children[1] AND children[2].
    kCast,     // text: the type: text, int8, float8, timestamptz, interval, bool.
  };
  Kind kind = Kind::kNull;
  std::size_t position = 0;  // 1-based byte offset: of the operator, else of the first byte.
  std::string text = {};
  bool quoted = false;   // Of a name.
  bool negated = false;  // NOT IN, NOT LIKE, IS NOT NULL, NOT BETWEEN.
  std::vector<ExprPtr> children = {};
  std::size_t height = 1;
  std::size_t bound_from = 0;  // The n of the $n that this value was written for; 0: of none.
};

bool equal(const Expr& left, const Expr& right);  // But for positions and where bound from.
std::string to_text(const Expr& expr);

enum class FillMode : std::uint8_t { kNone, kNull, kZero, kPrevious };

struct SelectItem {
  ExprPtr expr;
  std::string alias = {};  // Empty: none.
};
struct OrderItem {
  ExprPtr expr;
  bool descending = false;
  std::optional<bool> nulls_first = {};  // As written, if it was.
};
struct Select {
  std::vector<SelectItem> items = {};
  bool from_events = false;
  ExprPtr where = {};  // May be null.
  std::vector<ExprPtr> group_by = {};
  ExprPtr having = {};  // May be null.
  std::vector<OrderItem> order_by = {};
  FillMode fill = FillMode::kNone;
  std::size_t fill_position = 0;
  ExprPtr limit = {}, offset = {};  // May be null.
};

// SELECT * FROM events: one row an event.
struct Listing {
  ExprPtr where = {};    // May be null.
  bool ordered = false;  // ORDER BY time
  bool descending = false;
  ExprPtr limit = {}, offset = {};  // May be null.
};

// COMPARE ... BASELINE ... CANDIDATE ..., or AROUND MILESTONE.
struct Compare {
  std::vector<SelectItem> items = {};
  ExprPtr baseline = {}, candidate = {};  // Null with a milestone.
  std::string milestone = {};             // Empty: none.
  std::size_t milestone_position = 0;
  ExprPtr window = {};  // May be null: 7 days. A string, interval or parameter.
  ExprPtr where = {};   // May be null.
  std::vector<ExprPtr> group_by = {};
};

inline constexpr std::size_t kFunnelStepsMax = 64;
inline constexpr std::size_t kFunnelExclusionsMax = 64;

// A name that stands in a string: a step, a milestone.
struct QuotedName {
  std::string text = {};
  std::size_t position = 0;
};
struct Funnel {
  std::vector<QuotedName> steps = {};  // At least one.
  std::vector<QuotedName> exclusions = {};
  ExprPtr where = {};  // May be null.
  std::vector<ExprPtr> group_by = {};
};

struct CreateMilestone {
  QuotedName name = {};
  ExprPtr at;
};
struct DropMilestone {
  QuotedName name = {};
};

struct Follow {
  ExprPtr where = {};  // May be null.
};

enum class ShowSubject : std::uint8_t {
  kRps,
  kClients,
  kMeasures,
  kErrors,
  kLabels,
  kMilestones,
  kStatus
};
struct Show {
  ShowSubject subject = ShowSubject::kRps;
  std::string rp = {};  // Of SHOW CLIENTS FOR.
  std::size_t rp_position = 0;
};
struct Explain {
  bool analyze = false;
  std::variant<Select, Listing, Compare, Funnel> of = {};
};

struct BoundParameter {  // Where a value was written for $number.
  std::size_t position = 0, number = 0;
};
struct Statement::Node {
  std::size_t position = 1;
  std::variant<Select, Listing, Show, Explain, Compare, Funnel, CreateMilestone, DropMilestone,
               Follow>
      body = {};
  std::vector<BoundParameter> bound = {};
};

bool equal(const Statement& left, const Statement& right);  // But for positions.

}  // namespace kpi::query
