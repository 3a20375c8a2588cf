#include "engine/read/series_set.h"

#include <algorithm>

#include "engine/read/condition.h"

namespace kpi {
namespace {

// The conjunct that names values of `dimension`, if there is one.
const Predicate* find_in(const Conjuncts& conjuncts, Dimension dimension) {
  for (const Predicate* predicate : conjuncts) {
    if (predicate->kind == Predicate::Kind::kDimensionIn &&
        predicate->dimension.dimension == dimension) {
      return predicate;
    }
  }
  return nullptr;
}

void add_series_of(std::uint32_t rp, const Predicate* clients, const Dictionary& dictionary,
                   std::vector<SeriesRef>* list) {
  if (clients == nullptr) {
    for (const std::uint32_t series : dictionary.series_of_rp(rp)) list->push_back({rp, series});
    return;
  }
  for (const std::string& client : clients->values) {
    if (const auto series = dictionary.find_series(rp, client)) list->push_back({rp, *series});
  }
}

// Straight through the dictionary where RPs are named, else all of it.
std::vector<SeriesRef> candidates(const Conjuncts& conjuncts, const Dictionary& dictionary) {
  std::vector<SeriesRef> list;
  if (const Predicate* rps = find_in(conjuncts, Dimension::kRp)) {
    const Predicate* clients = find_in(conjuncts, Dimension::kClient);
    for (const std::string& rp : rps->values) {
      if (const auto id = dictionary.find_rp(rp)) add_series_of(*id, clients, dictionary, &list);
    }
  } else {
    const std::vector<std::uint32_t> rp_of_series = dictionary.rp_of_series();
    for (std::uint32_t id = 1; id < rp_of_series.size(); ++id) {
      list.push_back({rp_of_series[id], id});
    }
  }
  std::sort(list.begin(), list.end());
  list.erase(std::unique(list.begin(), list.end()), list.end());
  return list;
}

}  // namespace

SeriesSet SeriesSet::select(const Conjuncts& conjuncts, const Dictionary& dictionary) {
  if (conjuncts.empty()) return all();
  std::vector<SeriesRef> list = candidates(conjuncts, dictionary);
  Condition condition(conjuncts, dictionary);
  const auto misses = [&](const SeriesRef& ref) {
    condition.set_series(dictionary.rp(ref.rp), dictionary.series(ref.series).client);
    return !condition.holds_for_series();
  };
  list.erase(std::remove_if(list.begin(), list.end(), misses), list.end());
  return SeriesSet(false, std::move(list));
}

std::optional<SeriesRef> SeriesSet::at_or_after(SeriesRef ref) const {
  if (all_) return std::max(ref, SeriesRef{1, 0});
  const auto at = std::lower_bound(list_.begin(), list_.end(), ref);
  if (at == list_.end()) return std::nullopt;
  return *at;
}

}  // namespace kpi
