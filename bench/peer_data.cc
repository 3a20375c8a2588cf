#include "bench/peer_data.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace kpi::bench {
namespace {

constexpr double kTwoPi = 6.283185307179586;
constexpr std::array<std::uint32_t, 8> kErrors = {101, 102, 103, 104, 105, 106, 201, 301};

}  // namespace

const std::array<const char*, kPeerTimings> kPeerTimingNames = {
    "time_to_show_ui",          "time_to_receive_configuration",
    "time_to_receive_accounts", "time_to_receive_client_metadata",
    "time_to_continue_on_ui",   "time_to_receive_token",
    "turnaround_time"};

PeerData::PeerData(std::uint64_t events, std::uint32_t rps) : events_(events) {
  std::uint64_t seed = 20'261'121;
  for (auto& word : state_) {
    seed += 0x9E3779B97F4A7C15ULL;
    std::uint64_t x = seed;
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ULL;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBULL;
    word = x ^ (x >> 31);
  }
  double sum = 0;
  for (std::uint32_t i = 0; i < rps; ++i) popularity_.push_back(sum += 1.0 / (i + 1));
  for (double& bound : popularity_) bound /= sum;
  for (std::uint32_t i = 0; i < rps; ++i) {
    Rp rp;
    rp.clients = 1 + static_cast<std::uint32_t>(bits() % 3);
    rp.first_client = 1 + clients_;
    clients_ += rp.clients;
    rp.failure_rate = 0.02 + 0.12 * uniform();
    rp.speed = std::exp(0.3 * normal());
    rps_.push_back(rp);
  }
  double mean = 0, previous = 0;
  for (std::uint32_t i = 0; i < rps; ++i) {
    mean += (popularity_[i] - previous) * rps_[i].failure_rate;
    previous = popularity_[i];
  }
  for (Rp& rp : rps_) rp.failure_rate *= 0.08 / mean;
  constexpr std::array<int, 8> kRanks = {5, 3, 6, 4, 2, 7, 0, 1};
  double weight = 0;
  for (std::size_t i = 0; i < kRanks.size(); ++i)
    error_bounds_[i] = weight += 1.0 / (1 + kRanks[i]);
  for (double& bound : error_bounds_) bound /= weight;
}

std::uint64_t PeerData::bits() {  // xoshiro256**
  const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9, shifted = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= shifted;
  state_[3] = std::rotl(state_[3], 45);
  return result;
}

double PeerData::uniform() {
  return static_cast<double>(bits() >> 11) * (1.0 / 9007199254740992.0);
}

double PeerData::normal() {
  if (has_spare_) {
    has_spare_ = false;
    return spare_;
  }
  double u = uniform();
  const double v = uniform();
  if (u < 1e-300) u = 1e-300;
  const double radius = std::sqrt(-2 * std::log(u)), angle = kTwoPi * v;
  spare_ = radius * std::sin(angle);
  has_spare_ = true;
  return radius * std::cos(angle);
}

std::uint32_t PeerData::lognormal(double median, double sigma) {
  const double value = std::min(600'000.0, median * std::exp(sigma * normal()));
  return std::max<std::uint32_t>(1, static_cast<std::uint32_t>(value + 0.5));
}

std::int64_t PeerData::time_of(double position) const {
  // Busy days, quiet nights: a sine bends the even flow of time.
  const double bent = position + 0.6 * std::sin(kTwoPi * 30 * position) / (kTwoPi * 30);
  const auto offset = static_cast<std::int64_t>(bent * static_cast<double>(kPeerSpanMs));
  return kPeerBeginMs + std::clamp<std::int64_t>(offset, 0, kPeerSpanMs - 1);
}

std::uint32_t PeerData::draw_client(const Rp& rp) {
  const double x = uniform();
  if (rp.clients == 2) return rp.first_client + (x < 0.6667 ? 0U : 1U);
  if (rp.clients == 3) return rp.first_client + (x < 0.5454 ? 0U : x < 0.8182 ? 1U : 2U);
  return rp.first_client;
}

std::uint32_t PeerData::draw_error() {
  const double y = uniform();
  std::size_t index = 0;
  while (index < 7 && error_bounds_[index] < y) ++index;
  // The peers also stored a message, drawn here: what follows stays the same without it.
  if (uniform() < 0.3) (void)bits();
  return kErrors[index];
}

bool PeerData::next(PeerEvent& event) {
  if (index_ == events_) return false;
  const double position = (static_cast<double>(index_) + uniform()) / static_cast<double>(events_);
  ++index_;
  event.time_ms = time_of(position);
  const auto found = std::lower_bound(popularity_.begin(), popularity_.end(), uniform());
  event.rp = static_cast<std::uint32_t>(
      std::min<std::ptrdiff_t>(found - popularity_.begin(), std::ssize(popularity_) - 1));
  const Rp& rp = rps_[event.rp];
  event.client = draw_client(rp);
  event.error = uniform() < rp.failure_rate ? draw_error() : 0;
  if (event.error != 0) return true;
  auto& t = event.timings;
  t[0] = lognormal(260 * rp.speed, 0.5);
  t[1] = lognormal(90 * rp.speed, 0.45);
  t[2] = lognormal(140 * rp.speed, 0.55);
  t[3] = lognormal(70 * rp.speed, 0.4);
  t[4] = lognormal(2800, 0.8);
  t[5] = lognormal(180 * rp.speed, 0.5);
  t[6] = t[0] + t[4] + t[5];
  return true;
}

std::string peer_rp_name(std::uint32_t rp) {
  return "https://rp" + std::to_string(rp + 1) + ".example";
}
std::string peer_client_name(std::uint32_t client) { return "client" + std::to_string(client); }

}  // namespace kpi::bench
