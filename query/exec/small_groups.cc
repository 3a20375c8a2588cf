#include "query/exec/small_groups.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <tuple>

#include "kpi/event.h"

namespace kpi::query {
namespace {

using Members = std::vector<std::size_t>;

// Of more dimensions only totals over one of them and over all.
constexpr std::size_t kDimensionsOfAllTotals = 4;

// The sets of dimensions that a total can run over, as bits; each after those that it holds.
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
  // `hidden`: what is so whatever its size.
  Hiding(const std::vector<std::uint64_t>& sizes, std::uint64_t min, std::vector<bool> hidden)
      : sizes_(sizes), min_(min), hidden_(std::move(hidden)) {
    for (std::size_t group = 0; group < sizes.size(); ++group) {
      hidden_[group] = sizes[group] > 0 && (hidden_[group] || sizes[group] < min);
    }
  }

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

// What a statement over some of the dimensions hides.
struct Level {
  std::uint64_t kept = 0;    // Its dimensions, as bits.
  std::vector<bool> hidden;  // [group of all dimensions]: that its group at this level is.
};

std::vector<bool> settle(Hiding hiding, const std::vector<std::vector<std::uint32_t>>& dimensions,
                         std::size_t groups) {
  // What is hidden for one total may leave another's short, so until nothing changes.
  for (bool changed = true; changed;) {
    changed = false;
    for (const std::uint64_t set : totals(dimensions.size())) {
      for (const Members& members : members_of(dimensions, groups, set)) {
        changed = hiding.extend(members) || changed;
      }
    }
  }
  return hiding.take();
}

// `coarser`: with the levels over fewer of its dimensions, whose hidden groups stay hidden here.
Level level_of(const std::vector<std::uint64_t>& sizes,
               const std::vector<std::vector<std::uint32_t>>& dimensions, std::uint64_t kept,
               const std::vector<Level>& coarser, std::uint64_t min) {
  const std::vector<Members> groups = members_of(dimensions, sizes.size(), ~kept);
  std::vector<std::uint64_t> sums;
  std::vector<bool> before;
  std::vector<std::vector<std::uint32_t>> values;
  for (const Members& members : groups) {
    std::uint64_t& sum = sums.emplace_back();
    for (const std::size_t member : members) sum += sizes[member];
    before.push_back(std::any_of(coarser.begin(), coarser.end(), [&](const Level& level) {
      return (level.kept & ~kept) == 0 && level.hidden[members.front()];
    }));
  }
  for (std::size_t i = 0; i < dimensions.size(); ++i) {
    if ((kept >> i & 1) == 0) continue;
    auto& column = values.emplace_back();
    for (const Members& members : groups) column.push_back(dimensions[i][members.front()]);
  }
  const auto hidden = settle(Hiding(sums, min, std::move(before)), values, groups.size());
  Level level{kept, std::vector<bool>(sizes.size())};
  for (std::size_t group = 0; group < groups.size(); ++group) {
    for (const std::size_t member : groups[group]) level.hidden[member] = hidden[group];
  }
  return level;
}

// By rank, so that ties are broken alike in every statement; NULL is 0.
std::vector<std::uint32_t> numbered(const std::vector<std::string_view>& texts) {
  std::map<std::string_view, std::uint32_t> numbers;
  for (const std::string_view text : texts) numbers.emplace(text, 0);
  std::uint32_t next = 1;
  for (auto& [text, number] : numbers) number = next++;
  std::vector<std::uint32_t> out;
  for (const std::string_view text : texts) {
    out.push_back(text.data() == nullptr ? 0 : numbers[text]);
  }
  return out;
}

std::vector<std::uint32_t> numbered(const std::vector<std::int64_t>& times) {
  std::map<std::int64_t, std::uint32_t> numbers;
  for (const std::int64_t time : times) numbers.emplace(time, 0);
  std::uint32_t next = 0;
  for (auto& [time, number] : numbers) number = next++;
  std::vector<std::uint32_t> out;
  for (const std::int64_t time : times) out.push_back(numbers[time]);
  return out;
}

// The places of `names` in an order of their own.
std::vector<std::size_t> in_order(const std::vector<DimensionRef>& names) {
  std::vector<std::size_t> places(names.size());
  std::iota(places.begin(), places.end(), std::size_t{0});
  std::sort(places.begin(), places.end(), [&names](std::size_t a, std::size_t b) {
    return std::tie(names[a].dimension, names[a].label) <
           std::tie(names[b].dimension, names[b].label);
  });
  return places;
}

// A bucket as its day and the bucket in it: a total over the buckets of a day is one, too.
void add_buckets(const std::vector<std::int64_t>& begins,
                 std::vector<std::vector<std::uint32_t>>& dimensions) {
  std::vector<std::int64_t> days, within;
  for (const std::int64_t begin : begins) {
    days.push_back(begin / kDayMs - (begin % kDayMs < 0 ? 1 : 0));
    within.push_back(begin - days.back() * kDayMs);
  }
  dimensions.push_back(numbered(days));
  dimensions.push_back(numbered(within));
}

}  // namespace

std::vector<bool> groups_to_hide(const std::vector<std::uint64_t>& sizes,
                                 const std::vector<std::vector<std::uint32_t>>& dimensions,
                                 std::uint64_t min) {
  const bool any = std::any_of(sizes.begin(), sizes.end(),
                               [min](std::uint64_t size) { return size > 0 && size < min; });
  if (!any) return std::vector<bool>(sizes.size());
  if (dimensions.empty()) return Hiding(sizes, min, std::vector<bool>(sizes.size())).take();
  std::vector<Level> levels;
  for (const std::uint64_t kept : totals(dimensions.size())) {
    levels.push_back(level_of(sizes, dimensions, kept, levels, min));
  }
  return std::move(levels.back().hidden);
}

std::vector<std::vector<std::uint32_t>> dimensions_of(
    const std::vector<DimensionRef>& names, const std::vector<std::int64_t>& bucket_begin_ms,
    const std::vector<std::vector<std::string_view>>& keys) {
  std::vector<std::vector<std::uint32_t>> dimensions;
  for (const std::size_t place : in_order(names)) dimensions.push_back(numbered(keys[place]));
  if (!bucket_begin_ms.empty()) add_buckets(bucket_begin_ms, dimensions);
  return dimensions;
}

void hide_small_groups(const std::vector<DimensionRef>& names, const Options& options,
                       GroupTable& table) {
  table.values_min = options.min_group_size;
  std::vector<std::uint64_t> sizes;
  for (const Counts& counts : table.counts) sizes.push_back(counts.events);
  table.hidden = groups_to_hide(sizes, dimensions_of(names, table.bucket_begin_ms, table.keys),
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
