#include "query/compare/run_compare.h"

#include <algorithm>
#include <map>

#include "query/compare/compare_plan.h"
#include "query/compare/judge.h"
#include "query/compare/loud_senders.h"
#include "query/compare/survivors.h"
#include "query/compare/verdict_table.h"
#include "query/exec/rows.h"

namespace kpi::query {
namespace {

constexpr std::size_t kWarningsMax = 10;  // Of groups, by name.

// Sides that share events are not independent, which every interval takes for granted.
Status note_overlap(const ComparePlan& plan, const View& view, const Options& options,
                    Compared& out) {
  if (plan.surely_disjoint) return ok_status();
  AggregateRequest request;
  request.range = {
      std::max(plan.baseline.request.range.begin_ms, plan.candidate.request.range.begin_ms),
      std::min(plan.baseline.request.range.end_ms, plan.candidate.request.range.end_ms)};
  request.where.kind = Predicate::Kind::kAnd;
  request.where.children = {plan.baseline.request.where, plan.candidate.request.where};
  request.stop = options.stop;
  auto shared = view.aggregate(request);
  if (!shared.ok()) return std::move(shared).error();
  std::uint64_t events = 0;
  for (const Counts& counts : shared.value().counts) events += counts.events;
  const auto& steps = shared.value().steps;
  out.steps.insert(out.steps.end(), steps.begin(), steps.end());
  if (events > 0) {
    // Any count would be one that a condition may not ask for.
    const bool counted = options.min_group_size <= 1;
    out.table.notes.push_back("baseline and candidate share " +
                              (counted ? std::to_string(events) + " " : std::string()) +
                              "reports: intervals and p-values hold for separate ones only");
  }
  return ok_status();
}

void append(const std::vector<std::string>& notes, Table& table) {
  table.notes.insert(table.notes.end(), notes.begin(), notes.end());
}

class Comparison {
 public:
  Comparison(ComparePlan plan, const View& view, const Options& options)
      : plan_(std::move(plan)), view_(view), options_(options) {
    watched_ = std::any_of(plan_.items.begin(), plan_.items.end(), may_be_fooled);
    if (watched_) plan_.items.push_back(survival());
  }

  Result<Compared> run() {
    Compared out;
    out.table.columns = plan_.columns;
    append(plan_.notes, out.table);
    if (Status noted = note_overlap(plan_, view_, options_, out); !noted.ok()) {
      return std::move(noted).error();
    }
    auto answers = judge(plan_, view_, options_);
    if (!answers.ok()) return std::move(answers).error();
    answers_ = std::move(answers).value();
    if (Status added = attempts(out.table); !added.ok()) return std::move(added).error();
    warn_of_loud_senders(out.table);
    return finish(std::move(out));
  }

 private:
  // Warns, and asks for quantile_of_attempts() where it is needed.
  Status attempts(Table& table) {
    append(answers_.notes, table);
    fooled_.assign(answers_.groups.size(), false);
    if (watched_) fooled_ = fooled_groups(answers_.groups);
    std::size_t fooled = 0;
    for (std::size_t i = 0; i < answers_.groups.size(); ++i) {
      const JudgedGroup& group = answers_.groups[i];
      if (!fooled_[i] || ++fooled > kWarningsMax) continue;
      table.notes.push_back(warning(group, group.items.back()));
    }
    if (fooled > kWarningsMax) {
      table.notes.push_back("survivorship in " + std::to_string(fooled - kWarningsMax) +
                            " groups more");
    }
    if (fooled == 0) return ok_status();
    attempts_plan_ = attempts_plan(plan_);
    if (!attempts_plan_) return ok_status();
    auto more = judge(*attempts_plan_, view_, options_);
    if (!more.ok()) return std::move(more).error();
    attempts_ = std::move(more).value();
    return ok_status();
  }

  void warn_of_loud_senders(Table& table) const {
    std::size_t loud = 0;
    for (const JudgedGroup& group : answers_.groups) {
      if (!has_loud_sender(group) || ++loud > kWarningsMax) continue;
      table.notes.push_back(loud_warning(group));
    }
    if (loud > kWarningsMax) {
      table.notes.push_back("loud senders in " + std::to_string(loud - kWarningsMax) +
                            " groups more");
    }
  }

  std::vector<VerdictRow> rows() const {
    GroupIndex index;
    for (std::size_t i = 0; i < attempts_.groups.size(); ++i) {
      index.emplace(attempts_.groups[i].key, i);
    }
    std::vector<VerdictRow> rows;
    for (std::size_t g = 0; g < answers_.groups.size(); ++g) {
      const JudgedGroup& group = answers_.groups[g];
      const auto found = index.find(group.key);
      const bool fooled = found != index.end() && fooled_[g];
      for (std::size_t i = 0; i < plan_.items.size() - (watched_ ? 1 : 0); ++i) {
        rows.push_back({&group.key, &plan_.items[i], &group.items[i]});
        const auto more = fooled ? beside(plan_.items[i], *attempts_plan_) : std::nullopt;
        if (!more) continue;
        const JudgedGroup& extra = attempts_.groups[found->second];
        rows.push_back({&group.key, &attempts_plan_->items[*more], &extra.items[*more]});
      }
    }
    return rows;
  }

  Result<Compared> finish(Compared out) const {
    const std::vector<VerdictRow> all = rows();
    if (all.size() > options_.rows_max) return too_many_rows(all.size(), options_.rows_max);
    if (all.size() * plan_.columns.size() * sizeof(Value) > options_.bytes_max) {
      return too_many_bytes(options_.bytes_max);
    }
    add_verdicts(all, out.table);
    append(method_notes(all), out.table);
    out.table.command_tag = "SELECT " + std::to_string(all.size());
    for (const Judgements* judgements : {&answers_, &attempts_}) {
      out.steps.insert(out.steps.end(), judgements->steps.begin(), judgements->steps.end());
    }
    return out;
  }

  ComparePlan plan_;
  const View& view_;
  const Options& options_;
  bool watched_ = false;  // The last item is survival().
  Judgements answers_, attempts_;
  std::vector<bool> fooled_;  // As long as the groups of answers_.
  std::optional<ComparePlan> attempts_plan_;
};

}  // namespace

Result<std::vector<Column>> compare_columns(const Compare& compare, const View& view) {
  auto plan = plan_compare(compare, view, 0);
  if (!plan.ok()) return std::move(plan).error();
  return std::move(plan.value().columns);
}

Result<Compared> run_compare(const Compare& compare, const View& view, const Options& options) {
  auto plan = plan_compare(compare, view, options.now_ms);
  if (!plan.ok()) return std::move(plan).error();
  return Comparison(std::move(plan).value(), view, options).run();
}

Result<ForeseenCompare> foresee_compare(const Compare& compare, const View& view,
                                        const Options& options) {
  const auto plan = plan_compare(compare, view, options.now_ms);
  if (!plan.ok()) return plan.error();
  ForeseenCompare out{describe_compare(plan.value()), {}};
  for (const Plan* side : {&plan.value().baseline, &plan.value().candidate}) {
    std::vector<AggregateRequest> requests = {side->request};
    if (!side->success_measures.empty()) requests.push_back(success_request(*side));
    for (const AggregateRequest& request : requests) {
      const auto steps = view.explain(request);
      if (!steps.ok()) return steps.error();
      out.steps.insert(out.steps.end(), steps.value().begin(), steps.value().end());
    }
  }
  return out;
}

}  // namespace kpi::query
