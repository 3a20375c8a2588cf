#include "query/render/histogram_text.h"

#include <algorithm>
#include <charconv>

namespace kpi::query {
namespace {

class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  bool take(char wanted) {
    const std::size_t begin = rest_.find_first_not_of(" \t\r\n");
    if (begin == std::string_view::npos || rest_[begin] != wanted) return false;
    rest_.remove_prefix(begin + 1);
    return true;
  }
  // 0 to kHistogramValueMax.
  bool take_number(double& number) {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t\r\n"), rest_.size()));
    const auto parsed = std::from_chars(rest_.data(), rest_.data() + rest_.size(), number);
    if (parsed.ec != std::errc{} || !(number >= 0 && number <= kHistogramValueMax)) return false;
    rest_.remove_prefix(static_cast<std::size_t>(parsed.ptr - rest_.data()));
    return true;
  }
  bool at_end() const { return rest_.find_first_not_of(" \t\r\n") == std::string_view::npos; }

 private:
  std::string_view rest_;
};

}  // namespace

std::optional<std::vector<HistogramBin>> parse_histogram(std::string_view text) {
  Reader reader(text);
  std::vector<HistogramBin> bins;
  if (!reader.take('[')) return std::nullopt;
  if (reader.take(']')) return reader.at_end() ? std::optional(bins) : std::nullopt;
  do {
    HistogramBin bin;
    const bool read = reader.take('[') && reader.take_number(bin.lower) && reader.take(',') &&
                      reader.take_number(bin.upper) && reader.take(',') &&
                      reader.take_number(bin.count) && reader.take(']');
    if (!read || bin.upper < bin.lower) return std::nullopt;
    bins.push_back(bin);
  } while (reader.take(','));
  if (!reader.take(']') || !reader.at_end()) return std::nullopt;
  return bins;
}

}  // namespace kpi::query
