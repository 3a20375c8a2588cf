#include "server/http/accept.h"

#include <algorithm>
#include <array>

namespace kpi::server {
namespace {

constexpr int kWeightMax = 1000;

struct Offer {
  std::string_view type;
  QueryFormat format;
};
constexpr std::array<Offer, 5> kOffers = {{{"application/json", QueryFormat::kJson},
                                           {"text/csv", QueryFormat::kCsv},
                                           {"application/x-ndjson", QueryFormat::kNdjson},
                                           {"application/ndjson", QueryFormat::kNdjson},
                                           {"application/jsonl", QueryFormat::kNdjson}}};

// How well an offer is wanted. Larger is better in each member, the first that differs decides.
struct Wish {
  int weight = 0, precision = 0, earliness = 0;
  bool operator<(const Wish& other) const {
    if (weight != other.weight) return weight < other.weight;
    if (precision != other.precision) return precision < other.precision;
    return earliness < other.earliness;
  }
};

std::string_view trim(std::string_view text) {
  const auto blank = [](char c) { return c == ' ' || c == '\t'; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

// What stands before the next `separator`, which is taken off `rest` too.
std::string_view take_part(std::string_view& rest, char separator) {
  const std::size_t end = std::min(rest.find(separator), rest.size());
  const std::string_view part = trim(rest.substr(0, end));
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return part;
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool same(std::string_view left, std::string_view right) {
  return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                    [](char a, char b) { return lower(a) == lower(b); });
}

// `1`, `0.25`, in thousandths; what is none counts as 1, as if it were not there.
int weight_of(std::string_view text) {
  if (text.empty() || (text[0] != '0' && text[0] != '1')) return kWeightMax;
  int weight = (text[0] - '0') * kWeightMax;
  int scale = kWeightMax / 10;
  for (std::size_t i = 2; i < text.size() && scale > 0; ++i, scale /= 10) {
    if (text[1] != '.' || text[i] < '0' || text[i] > '9') return kWeightMax;
    weight += (text[i] - '0') * scale;
  }
  return std::min(weight, kWeightMax);
}

int weight_among(std::string_view parameters) {
  while (!parameters.empty()) {
    std::string_view value = take_part(parameters, ';');
    if (same(take_part(value, '='), "q")) return weight_of(value);
  }
  return kWeightMax;
}

// 3: this type, 2: all of its kind, 1: everything, 0: something else.
int precision_of(std::string_view range, std::string_view type) {
  if (same(range, type)) return 3;
  if (range == "*/*") return 1;
  const std::size_t slash = type.find('/') + 1;
  const bool kind = range.size() == slash + 1 && range.back() == '*';
  return kind && same(range.substr(0, slash), type.substr(0, slash)) ? 2 : 0;
}

}  // namespace

std::optional<QueryFormat> negotiate(std::string_view accept) {
  if (trim(accept).empty()) return QueryFormat::kJson;
  std::array<Wish, kOffers.size()> wishes;
  for (int earliness = 0; !accept.empty(); --earliness) {
    std::string_view parameters = take_part(accept, ',');
    const std::string_view range = take_part(parameters, ';');
    const int weight = weight_among(parameters);
    for (std::size_t i = 0; i < kOffers.size(); ++i) {
      const int precision = precision_of(range, kOffers[i].type);
      if (precision > wishes[i].precision) wishes[i] = {weight, precision, earliness};
    }
  }
  const auto best = std::max_element(wishes.begin(), wishes.end());
  if (best->weight == 0) return std::nullopt;
  return kOffers[static_cast<std::size_t>(best - wishes.begin())].format;
}

}  // namespace kpi::server
