#include "query/exec/small_groups.h"

#include <algorithm>
#include <map>
#include <unordered_map>

#include "kpi/event.h"

namespace kpi::query {
namespace {

using Members = std::vector<std::size_t>;

// Of more dimensions only totals over one of them and over all.
constexpr std::size_t kDimensionsOfAllTotals = 4;

// The sets of dimensions that a total can run over, as bits.
std::vector<std::uint64_t> totals(std::size_t dimensions) {
  std::vector<std::uint64_t> sets;
  const std::uint64_t all = (std::uint64_t{1} << dimensions) - 1;
  if (dimensions <= kDimensionsOfAllTotals) {
    for (std::uint64_t set = 1; set <= all; ++set) sets.push_back(set);
    return sets;
  }
  for (std::size_t i = 0; i < dimensions; ++i) sets.push_back(std::uint64_t{1} << i);
  sets.push_back(all);
  return sets;
}

class Hiding {
 public:
  Hiding(const std::vector<std::uint64_t>& sizes, std::uint64_t min)
      : sizes_(sizes), min_(min), hidden_(sizes.size(), false) {
    for (std::size_t group = 0; group < sizes.size(); ++group) {
      hidden_[group] = sizes[group] > 0 && sizes[group] < min;
      any_ = any_ || hidden_[group];
    }
  }

  bool any() const { return any_; }

  // False: as it should be already.
  bool extend(const Members& members) {
    std::uint64_t count = 0, sum = 0;
    for (const std::size_t group : members) {
      if (!hidden_[group]) continue;
      ++count;
      sum += sizes_[group];
    }
    if (count == 0 || (count > 1 && sum >= min_)) return false;
    return hide_more(members, count, sum);
  }

  std::vector<bool> take() { return std::move(hidden_); }

 private:
  bool hide_more(const Members& members, std::uint64_t count, std::uint64_t sum) {
    Members shown;
    for (const std::size_t group : members) {
      if (!hidden_[group] && sizes_[group] > 0) shown.push_back(group);
    }
    std::sort(shown.begin(), shown.end(), [this](std::size_t a, std::size_t b) {
      return sizes_[a] != sizes_[b] ? sizes_[a] < sizes_[b] : a < b;
    });
    bool more = false;
    for (auto next = shown.begin(); next != shown.end() && (count < 2 || sum < min_); ++next) {
      hidden_[*next] = more = true;
      ++count;
      sum += sizes_[*next];
    }
    return more;
  }

  const std::vector<std::uint64_t>& sizes_;
  const std::uint64_t min_;
  std::vector<bool> hidden_;
  bool any_ = false;
};

// The groups of every total over the dimensions in `set`.
std::vector<Members> members_of(const std::vector<std::vector<std::uint32_t>>& dimensions,
                                std::size_t groups, std::uint64_t set) {
  std::map<std::vector<std::uint32_t>, Members> totals;
  for (std::size_t group = 0; group < groups; ++group) {
    std::vector<std::uint32_t> rest;
    for (std::size_t i = 0; i < dimensions.size(); ++i) {
      if ((set >> i & 1) == 0) rest.push_back(dimensions[i][group]);
    }
    totals[std::move(rest)].push_back(group);
  }
  std::vector<Members> out;
  for (auto& [rest, members] : totals) out.push_back(std::move(members));
  return out;
}

std::vector<std::uint32_t> numbered(const std::vector<std::string_view>& texts) {
  std::unordered_map<std::string_view, std::uint32_t> numbers;
  std::vector<std::uint32_t> out;
  for (const std::string_view text : texts) {
    const bool null = text.data() == nullptr;
    const auto next = static_cast<std::uint32_t>(numbers.size() + 1);
    out.push_back(null ? 0 : numbers.try_emplace(text, next).first->second);
  }
  return out;
}

// A bucket as its day and the bucket in it: a total over the buckets of a day is one, too.
void add_buckets(const std::vector<std::int64_t>& begins,
                 std::vector<std::vector<std::uint32_t>>& dimensions) {
  std::map<std::int64_t, std::uint32_t> days, within;
  std::vector<std::uint32_t> day_numbers, bucket_numbers;
  for (const std::int64_t begin : begins) {
    const auto add = [](std::map<std::int64_t, std::uint32_t>& numbers, std::int64_t value) {
      return numbers.try_emplace(value, static_cast<std::uint32_t>(numbers.size())).first->second;
    };
    const std::int64_t day = begin / kDayMs - (begin % kDayMs < 0 ? 1 : 0);
    day_numbers.push_back(add(days, day));
    bucket_numbers.push_back(add(within, begin - day * kDayMs));
  }
  dimensions.push_back(std::move(day_numbers));
  dimensions.push_back(std::move(bucket_numbers));
}

}  // namespace

std::vector<bool> groups_to_hide(const std::vector<std::uint64_t>& sizes,
                                 const std::vector<std::vector<std::uint32_t>>& dimensions,
                                 std::uint64_t min) {
  Hiding hiding(sizes, min);
  if (!hiding.any() || dimensions.empty()) return hiding.take();
  // What is hidden for one total may leave another's short, so until nothing changes.
  for (bool changed = true; changed;) {
    changed = false;
    for (const std::uint64_t set : totals(dimensions.size())) {
      for (const Members& members : members_of(dimensions, sizes.size(), set)) {
        changed = hiding.extend(members) || changed;
      }
    }
  }
  return hiding.take();
}

std::vector<std::vector<std::uint32_t>> dimensions_of(
    const std::vector<std::int64_t>& bucket_begin_ms,
    const std::vector<std::vector<std::string_view>>& keys) {
  std::vector<std::vector<std::uint32_t>> dimensions;
  for (const auto& column : keys) dimensions.push_back(numbered(column));
  if (!bucket_begin_ms.empty()) add_buckets(bucket_begin_ms, dimensions);
  return dimensions;
}

void hide_small_groups(const Options& options, GroupTable& table) {
  table.values_min = options.min_group_size;
  std::vector<std::uint64_t> sizes;
  for (const Counts& counts : table.counts) sizes.push_back(counts.events);
  table.hidden = groups_to_hide(sizes, dimensions_of(table.bucket_begin_ms, table.keys),
                                options.min_group_size);
}

void note_hidden(const GroupTable& table, const Options& options, std::vector<std::string>& notes) {
  const auto hidden = std::count(table.hidden.begin(), table.hidden.end(), true);
  if (hidden == 0) return;
  notes.push_back(std::to_string(hidden) + (hidden == 1 ? " group is" : " groups are") +
                  " hidden: of fewer than " + std::to_string(options.min_group_size) +
                  " reports, or needed so that totals do not show one that is");
}

Status no_single_events(const Options& options, const char* what, std::size_t position) {
  if (options.min_group_size <= 1) return ok_status();
  return Error{ErrorCode::kPermissionDenied,
               std::string(what) + " shows single events, which this role may not see",
               "ask for aggregates of groups of at least " +
                   std::to_string(options.min_group_size) + " reports",
               position};
}

}  // namespace kpi::query
