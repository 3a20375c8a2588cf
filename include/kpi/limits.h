// Every public limit, with its unit last. A caller beyond one gets kLimitExceeded (or a refused,
// counted event); each has a test at the limit and beyond.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace kpi {

inline constexpr std::size_t kRpBytesMax = 512;           // A serialized origin.
inline constexpr std::size_t kClientBytesMax = 256;       // An OAuth-style client ID.
inline constexpr std::size_t kMeasureNameBytesMax = 128;  // At least 1.
inline constexpr std::size_t kLabelNameBytesMax = 64;     // At least 1.
inline constexpr std::size_t kLabelValueBytesMax = 128;   // At least 1.
inline constexpr std::size_t kMeasuresPerEventMax = 512;
inline constexpr std::size_t kLabelsPerEventMax = 32;
inline constexpr std::uint32_t kWeightMin = 1000;  // In thousandths: a sample rate of 1.
// A sample rate of 1 in 100,000. A sketch holds 2^62 thousandths: half a million such events a
// second for a day.
inline constexpr std::uint32_t kWeightMax = 100'000'000;
inline constexpr std::uint32_t kErrorCodeMax = (1U << 24) - 1;
inline constexpr std::int64_t kTimeMsMax = 65'536LL * 86'400'000 - 1;  // Days are 16 bits: 2149.
inline constexpr std::size_t kBatchEventsMax = 1'000'000;
inline constexpr std::size_t kBatchBytesMax = 64U << 20;  // Of names, shapes and values.
inline constexpr std::size_t kDocumentBytesMax = 64U << 10;
inline constexpr std::size_t kMarkNameBytesMax = 128;  // At least 1.
inline constexpr std::size_t kMarkValueBytesMax = 1024;
inline constexpr std::size_t kMilestoneNameBytesMax = 128;  // At least 1.
inline constexpr std::size_t kMilestonesMax = 10'000;
inline constexpr std::size_t kRollupLabelsMax = 16;
inline constexpr std::size_t kFollowersMax = 256;
inline constexpr std::size_t kFollowBytesMax = 4U << 20;  // Waiting for one follower.
inline constexpr std::size_t kParametersMax = 1000;       // $1 to $1000 of a statement.
inline constexpr std::size_t kStatementBytesMax = 64U << 10;
inline constexpr std::size_t kStatementDepthMax = 64;  // Nesting of parentheses and NOT.
inline constexpr std::size_t kResultRowsMax = 1'000'000;
inline constexpr std::size_t kResultColumnsMax = 1664;  // Items of a SELECT list, as PostgreSQL.
inline constexpr std::size_t kResultBytesMax = 256U << 20;  // Of a Table in memory.

// What stands for names beyond NameLimits: nobody else's, though nothing keeps a caller from it.
inline constexpr std::string_view kOtherName = "(other)";

// How many names a store takes from events. What it has already stays known whatever the limits
// are, and so does what is unknown (the empty name); an archive that is taken in brings its names
// with it, and they count.
struct NameLimits {
  std::uint64_t rps = 100'000;
  std::uint64_t clients = 100'000;  // Of one RP.
  std::uint64_t series = 1'000'000;
  std::uint64_t measures = 4'096;
  std::uint64_t labels = 256;
  std::uint64_t label_values = 10'000;  // Of one label.
  // Of a store that takes over what another one knows.
  static constexpr NameLimits none() {
    constexpr std::uint64_t kNone = ~std::uint64_t{0};
    return {kNone, kNone, kNone, kNone, kNone, kNone};
  }
  bool operator==(const NameLimits&) const = default;
};

// An hour of an RP is loud where so many reports had a known sender and more than half of them came
// from one network. Of 20, one that sends a quarter has more than half in 1 hour of 250.
inline constexpr std::uint64_t kLoudHourReportsMin = 20;

}  // namespace kpi
