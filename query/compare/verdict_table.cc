#include "query/compare/verdict_table.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "query/compare/holm.h"

namespace kpi::query {
namespace {

Value number(std::optional<double> value) {
  if (!value || std::isnan(*value)) return std::monostate{};
  return *value;
}

Value count(std::optional<double> reports) {
  if (!reports) return std::monostate{};
  return static_cast<std::int64_t>(std::llround(*reports));
}

std::optional<double> relative(const Judgement& judgement) {
  const double baseline = *judgement.baseline;
  if (baseline == 0 || std::isinf(baseline)) return std::nullopt;
  return (*judgement.candidate - baseline) / baseline;
}

std::string verdict(const Judged& item, const Judgement& judgement, std::optional<double> p) {
  if (judgement.hidden) return "hidden";
  if (!judgement.difference) return "too few";
  if (*p > kSignificance) return "no difference seen";
  const bool lower = judgement.difference->interval.upper < 0;
  return lower == item.lower_is_better() ? "better" : "worse";
}

std::vector<std::optional<double>> p_values(const std::vector<VerdictRow>& rows) {
  std::vector<std::optional<double>> out;
  for (const VerdictRow& row : rows) {
    const auto& difference = row.judgement->difference;
    out.push_back(difference ? std::optional(difference->p_value) : std::nullopt);
  }
  return out;
}

void add_difference(const Judgement& judgement, std::optional<double> adjusted,
                    std::vector<Value>& cells) {
  if (!judgement.difference) {  // No number pretends to know more than the verdict.
    cells.resize(cells.size() + 6);
    return;
  }
  const Difference& difference = *judgement.difference;
  cells.push_back(number(*judgement.candidate - *judgement.baseline));
  cells.push_back(number(relative(judgement)));
  cells.push_back(number(difference.interval.lower));
  cells.push_back(number(difference.interval.upper));
  cells.push_back(number(difference.p_value));
  cells.push_back(number(adjusted));
}

}  // namespace

void add_verdicts(const std::vector<VerdictRow>& rows, Table& table) {
  const auto adjusted = holm(p_values(rows));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Judgement& judgement = *rows[i].judgement;
    auto& cells = table.rows.emplace_back();
    cells.reserve(table.columns.size());
    for (const std::string_view key : rows[i].key->keys) {
      cells.push_back(key.data() == nullptr ? Value() : Value(std::string(key)));
    }
    cells.emplace_back(rows[i].item->text + (rows[i].item->asked ? "" : " (added)"));
    cells.push_back(number(judgement.baseline));
    cells.push_back(number(judgement.candidate));
    cells.push_back(count(judgement.n_baseline));
    cells.push_back(count(judgement.n_candidate));
    add_difference(judgement, adjusted[i], cells);
    cells.emplace_back(verdict(*rows[i].item, judgement, adjusted[i]));
  }
}

std::vector<std::string> method_notes(const std::vector<VerdictRow>& rows) {
  const auto any = [&rows](bool quantile) {
    return std::any_of(rows.begin(), rows.end(), [quantile](const VerdictRow& row) {
      return row.judgement->difference && row.item->quantile() == quantile;
    });
  };
  std::vector<std::string> notes;
  if (any(true)) {
    notes.emplace_back(
        "quantiles: 95 % intervals from fractional order statistics (Hutson 1999), joined by MOVER "
        "(Zou and Donner 2008)");
  }
  if (any(false)) {
    notes.emplace_back(
        "rates: 95 % intervals of Wilson 1927, of Clopper and Pearson 1934 below 10 hits or "
        "misses, "
        "joined by MOVER (Newcombe 1998, method 10)");
  }
  const auto p = p_values(rows);
  const auto tests = std::count_if(p.begin(), p.end(), [](const auto& one) { return one; });
  if (tests > 1) {
    notes.push_back("verdicts: p_adjusted is Holm's (1979) over " + std::to_string(tests) +
                    " tests");
  }
  return notes;
}

}  // namespace kpi::query
