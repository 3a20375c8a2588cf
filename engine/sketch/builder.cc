#include <algorithm>
#include <array>
#include <bit>
#include <numeric>
#include <utility>

#include "engine/base/bytes.h"
#include "engine/sketch/elias_fano.h"
#include "engine/sketch/index.h"
#include "engine/sketch/sketch_view.h"
#include "engine/sketch/varint128.h"
#include "kpi/assert.h"
#include "kpi/sketch.h"

namespace kpi {

using sketch::kPlainWeight;
using sketch::WeightedValue;

struct SketchBuilder::State {
  // kPlain and kWeighted count into bins: values, or thousandths.
  enum class Mode : std::uint8_t { kExact, kPlain, kWeighted };
  struct BinCount {
    std::uint32_t bin = 0;
    std::uint64_t units = 0;
  };
  static constexpr std::size_t kUsualBins = 27 * 64;  // Ten minutes in ms, and a little.
  static constexpr std::size_t kAllBins = (sketch::kBins + 63) / 64 * 64;

  void count_into(std::uint32_t bin, std::uint64_t units) {
    if (bin >= counts.size()) [[unlikely]]
      grow(bin);
    counts[bin] += units;
    touched[bin / 64] |= std::uint64_t{1} << (bin % 64);
  }
  void add_plain(std::uint32_t value) {
    count_into(sketch::bin_of(value), 1);
    ++values;
    sum += value;
    min = std::min(min, value);
    max = std::max(max, value);
  }
  void grow(std::uint32_t bin);
  void add_any(std::uint32_t value, std::uint32_t weight);
  void spill();
  void lift();
  void count_weighted(WeightedValue added);
  bool take(const SketchView& view);
  void apply(const SketchView& view, std::size_t bin_count);
  std::uint64_t weight() const;
  std::string encode_exact();
  std::string encode_binned();
  std::size_t drain();
  void encode_list(std::size_t bin_count, std::uint64_t unit, std::uint64_t units,
                   std::string* out) const;
  void reset();

  Mode mode = Mode::kExact;
  std::uint64_t values = 0;
  std::uint32_t min = 0xFFFFFFFF, max = 0;
  std::uint64_t thousandths = 0;  // Kept while kWeighted.
  Uint128 sum = 0;                // Of values, or of value x weight while kWeighted.
  std::array<WeightedValue, kSketchExactValuesMax> exact;
  std::vector<std::uint64_t> counts;   // By bin; zero where `touched` has no bit.
  std::vector<std::uint64_t> touched;  // A bit a bin.
  std::vector<BinCount> list;          // Scratch: bins of an operand, or of the result.
};

void SketchBuilder::State::grow(std::uint32_t bin) {
  const std::size_t size = bin < kUsualBins ? kUsualBins : kAllBins;
  counts.resize(size);
  touched.resize(size / 64);
}

void SketchBuilder::State::add_any(std::uint32_t value, std::uint32_t weight) {
  KPI_ASSERT(weight > 0);
  if (mode == Mode::kExact) {
    if (values < kSketchExactValuesMax) {
      exact[values++] = {value, weight};
      return;
    }
    spill();
  }
  if (weight != kPlainWeight) lift();
  if (mode == Mode::kPlain) {
    add_plain(value);
  } else {
    count_weighted({value, weight});
  }
}

// From exact values to bins.
void SketchBuilder::State::spill() {
  if (mode != Mode::kExact) return;
  mode = Mode::kPlain;
  const std::size_t kept = std::exchange(values, 0);
  for (std::size_t i = 0; i < kept; ++i) add_any(exact[i].value, exact[i].weight);
}

// From counting values to counting thousandths.
void SketchBuilder::State::lift() {
  if (mode == Mode::kWeighted) return;
  mode = Mode::kWeighted;
  for (std::uint64_t& count : counts) count *= kPlainWeight;
  thousandths = values * kPlainWeight;
  sum *= kPlainWeight;
}

void SketchBuilder::State::count_weighted(WeightedValue added) {
  count_into(sketch::bin_of(added.value), added.weight);
  ++values;
  thousandths += added.weight;
  sum += static_cast<Uint128>(added.value) * added.weight;
  min = std::min(min, added.value);
  max = std::max(max, added.value);
}

std::uint64_t SketchBuilder::State::weight() const {
  if (mode != Mode::kExact) return mode == Mode::kPlain ? values * kPlainWeight : thousandths;
  std::uint64_t weight = 0;
  for (std::size_t i = 0; i < values; ++i) weight += exact[i].weight;
  return weight;
}

// False, and nothing changed, where the operand is damaged or the weights would pass the limit.
bool SketchBuilder::State::take(const SketchView& view) {
  if (view.empty()) return true;
  if (weight() + view.weight() > sketch::kTotalWeightMax) return false;
  if (view.exact()) {
    for (const auto& [value, each] : view.exact_values()) add_any(value, each);
    return true;
  }
  if (list.size() < view.bin_range()) list.resize(view.bin_range());
  BinCount* end = list.data();
  const auto keep = [&end](std::uint32_t bin, std::uint64_t units) { *end++ = {bin, units}; };
  if (!view.for_each_bin(keep)) return false;
  apply(view, static_cast<std::size_t>(end - list.data()));
  return true;
}

void SketchBuilder::State::apply(const SketchView& view, std::size_t bin_count) {
  spill();
  if (view.weighted()) lift();
  const std::uint64_t factor = mode == Mode::kWeighted ? view.unit() : 1;
  for (std::size_t i = 0; i < bin_count; ++i) count_into(list[i].bin, list[i].units * factor);
  values += view.count();
  if (mode == Mode::kWeighted) thousandths += view.weight();
  sum += mode == Mode::kWeighted ? view.weighted_sum() : view.sum();
  min = std::min(min, *view.min());
  max = std::max(max, *view.max());
}

std::string SketchBuilder::State::encode_exact() {
  std::sort(exact.begin(), exact.begin() + static_cast<std::ptrdiff_t>(values));
  const bool weighted =
      std::any_of(exact.begin(), exact.begin() + static_cast<std::ptrdiff_t>(values),
                  [](const auto& each) { return each.weight != kPlainWeight; });
  char bytes[(1 + 2 * kSketchExactValuesMax) * kVarintBytesMax];
  char* end = put_varint(bytes, values << 1 | static_cast<std::uint64_t>(weighted));
  std::uint32_t before = 0;
  for (std::size_t i = 0; i < values; ++i) {
    end = put_varint(end, exact[i].value - before);
    if (weighted) end = put_varint(end, exact[i].weight);
    before = exact[i].value;
  }
  return {bytes, end};
}

// Moves the counts into `list`, ascending, and leaves the scratch array empty.
std::size_t SketchBuilder::State::drain() {
  const std::size_t range = sketch::bin_of(max) - sketch::bin_of(min) + 1;
  if (list.size() < range) list.resize(range);
  std::size_t size = 0;
  for (std::size_t w = sketch::bin_of(min) / 64; w <= sketch::bin_of(max) / 64; ++w) {
    for (std::uint64_t word = std::exchange(touched[w], 0); word != 0; word &= word - 1) {
      const std::size_t bin = w * 64 + static_cast<std::size_t>(std::countr_zero(word));
      list[size++] = {static_cast<std::uint32_t>(bin), std::exchange(counts[bin], 0)};
    }
  }
  return size;
}

std::string SketchBuilder::State::encode_binned() {
  KPI_ASSERT(weight() <= sketch::kTotalWeightMax);
  const bool weighted = mode == Mode::kWeighted;
  const std::size_t bin_count = drain();
  std::uint64_t unit = weighted ? 0 : 1, units = values;
  std::string out;
  append_varint(out, values << 1 | static_cast<std::uint64_t>(weighted));
  if (weighted) {
    for (std::size_t i = 0; i < bin_count; ++i) unit = std::gcd(unit, list[i].units);
    units = thousandths / unit;
    append_varint(out, unit);
    append_varint(out, units);
  }
  append_varint(out, min);
  append_varint(out, max - min);
  append_varint128(out, sum - static_cast<Uint128>(weighted ? thousandths : values) * min);
  encode_list(bin_count, unit, units, &out);
  return out;
}

void SketchBuilder::State::encode_list(std::size_t bin_count, std::uint64_t unit,
                                       std::uint64_t units, std::string* out) const {
  const std::uint32_t first = list[0].bin;
  const std::uint32_t range = list[bin_count - 1].bin - first + 1;
  if (range == 1 || units == 2) return;
  if (units > range) {
    sketch::EliasFanoWriter writer({range - 1, units - 2}, out);
    std::uint64_t through = 0;
    for (std::size_t i = 0; i + 1 < bin_count; ++i) {
      through += list[i].units / unit;
      for (std::uint32_t bin = list[i].bin; bin < list[i + 1].bin; ++bin) writer.push(through - 1);
    }
    writer.finish();
    return;
  }
  sketch::EliasFanoWriter writer({units - 2, range - 1}, out);
  for (std::size_t i = 0; i < bin_count; ++i) {
    const bool at_end = i == 0 || i + 1 == bin_count;  // One unit at each end is implied.
    const std::uint64_t times = list[i].units / unit - static_cast<std::uint64_t>(at_end);
    for (std::uint64_t t = 0; t < times; ++t) writer.push(list[i].bin - first);
  }
  writer.finish();
}

void SketchBuilder::State::reset() {
  mode = Mode::kExact;
  values = thousandths = 0;
  sum = 0;
  min = 0xFFFFFFFF;
  max = 0;
}

SketchBuilder::SketchBuilder() : state_(std::make_unique<State>()) {}
SketchBuilder::~SketchBuilder() = default;
SketchBuilder::SketchBuilder(SketchBuilder&&) noexcept = default;
SketchBuilder& SketchBuilder::operator=(SketchBuilder&&) noexcept = default;

void SketchBuilder::add(std::uint32_t value, std::uint32_t weight) {
  if (state_->mode == State::Mode::kPlain && weight == kPlainWeight) [[likely]] {
    state_->add_plain(value);
  } else {
    state_->add_any(value, weight);
  }
}

void SketchBuilder::add(std::span<const std::uint32_t> values) {
  for (const std::uint32_t value : values) add(value);
}

void SketchBuilder::merge(const Sketch& sketch) {
  SketchView view;
  KPI_ASSERT(view.read(sketch.bytes()) && state_->take(view));
}

Status SketchBuilder::merge_bytes(std::string_view bytes) {
  SketchView view;
  if (!view.read(bytes) || !state_->take(view)) {
    return Error{ErrorCode::kCorruption, "A sketch's bytes are damaged"};
  }
  return ok_status();
}

bool SketchBuilder::empty() const { return state_->values == 0; }

Sketch SketchBuilder::build() {
  Sketch sketch;
  if (empty()) return sketch;
  sketch.bytes_ =
      state_->mode == State::Mode::kExact ? state_->encode_exact() : state_->encode_binned();
  state_->reset();
  return sketch;
}

}  // namespace kpi
