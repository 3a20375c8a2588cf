// Statements as text that parses to an equal statement.
#include "query/text/printer.h"

namespace kpi::query {
namespace {

std::string items_text(const std::vector<SelectItem>& items) {
  std::string out;
  for (const SelectItem& item : items) {
    if (!out.empty()) out += ", ";
    out += to_text(*item.expr);
    if (!item.alias.empty()) out += " AS " + name_text(item.alias);
  }
  return out;
}

std::string clauses(const ExprPtr& where, const std::vector<ExprPtr>& group_by) {
  std::string out;
  if (where) out += " WHERE " + to_text(*where);
  if (!group_by.empty()) out += " GROUP BY " + comma_list(group_by);
  return out;
}

std::string cut(const ExprPtr& limit, const ExprPtr& offset) {
  std::string out;
  if (limit) out += " LIMIT " + to_text(*limit);
  if (offset) out += " OFFSET " + to_text(*offset);
  return out;
}

std::string names_text(const std::vector<QuotedName>& names) {
  std::string out;
  for (const QuotedName& name : names) {
    if (!out.empty()) out += ", ";
    out += quoted(name.text, '\'');
  }
  return out;
}

std::string select_text(const Select& select) {
  std::string out = "SELECT " + items_text(select.items);
  if (select.from_events) out += " FROM events";
  out += clauses(select.where, select.group_by);
  if (select.having) out += " HAVING " + to_text(*select.having);
  for (std::size_t i = 0; i < select.order_by.size(); ++i) {
    const OrderItem& item = select.order_by[i];
    out += (i == 0 ? " ORDER BY " : ", ") + to_text(*item.expr);
    if (item.descending) out += " DESC";
    if (item.nulls_first) out += *item.nulls_first ? " NULLS FIRST" : " NULLS LAST";
  }
  if (select.fill == FillMode::kNull) out += " FILL(NULL)";
  if (select.fill == FillMode::kZero) out += " FILL(0)";
  if (select.fill == FillMode::kPrevious) out += " FILL(PREVIOUS)";
  return out + cut(select.limit, select.offset);
}

std::string show_text(const Show& show) {
  switch (show.subject) {
    case ShowSubject::kRps:
      return "SHOW RPS";
    case ShowSubject::kClients:
      return "SHOW CLIENTS FOR " + quoted(show.rp, '\'');
    case ShowSubject::kMeasures:
      return "SHOW MEASURES";
    case ShowSubject::kErrors:
      return "SHOW ERRORS";
    case ShowSubject::kLabels:
      return "SHOW LABELS";
    case ShowSubject::kMilestones:
      return "SHOW MILESTONES";
    case ShowSubject::kStatus:
      return "SHOW STATUS";
  }
  return {};
}

std::string listing_text(const Listing& listing) {
  std::string out = "SELECT * FROM events" + clauses(listing.where, {});
  if (listing.ordered) out += listing.descending ? " ORDER BY time DESC" : " ORDER BY time";
  return out + cut(listing.limit, listing.offset);
}

std::string compare_text(const Compare& compare) {
  std::string out = "COMPARE " + items_text(compare.items);
  if (compare.baseline) {
    out += " BASELINE " + to_text(*compare.baseline) + " CANDIDATE " + to_text(*compare.candidate);
  } else {
    out += " AROUND MILESTONE " + quoted(compare.milestone, '\'');
    if (compare.window) out += " WINDOW " + to_text(*compare.window);
  }
  return out + clauses(compare.where, compare.group_by);
}

std::string funnel_text(const Funnel& funnel) {
  std::string out = "FUNNEL " + names_text(funnel.steps);
  if (!funnel.exclusions.empty()) out += " EXCLUDE " + names_text(funnel.exclusions);
  return out + clauses(funnel.where, funnel.group_by);
}

struct BodyText {
  std::string operator()(const Select& select) const { return select_text(select); }
  std::string operator()(const Listing& listing) const { return listing_text(listing); }
  std::string operator()(const Show& show) const { return show_text(show); }
  std::string operator()(const Explain& explain) const {
    return (explain.analyze ? "EXPLAIN ANALYZE " : "EXPLAIN ") + std::visit(*this, explain.of);
  }
  std::string operator()(const Compare& compare) const { return compare_text(compare); }
  std::string operator()(const Funnel& funnel) const { return funnel_text(funnel); }
  std::string operator()(const CreateMilestone& create) const {
    return "CREATE MILESTONE " + quoted(create.name.text, '\'') + " AT " + to_text(*create.at);
  }
  std::string operator()(const DropMilestone& drop) const {
    return "DROP MILESTONE " + quoted(drop.name.text, '\'');
  }
  std::string operator()(const Follow& follow) const {
    return "FOLLOW" + clauses(follow.where, {});
  }
};

}  // namespace

std::string Statement::text() const { return std::visit(BodyText{}, node_->body); }

}  // namespace kpi::query
