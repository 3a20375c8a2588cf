// The events of the comparison with other stores: 30 days, RPs by Zipf's law with one to three
// clients each, 8 % failures, log-normal timings. The same count and shape give the same events.
#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace kpi::bench {

inline constexpr std::int64_t kPeerBeginMs = 1'792'454'400'000;  // 2026-10-20T00:00:00Z
inline constexpr std::int64_t kPeerSpanMs = 30LL * 86'400'000;
inline constexpr std::size_t kPeerTimings = 7;
extern const std::array<const char*, kPeerTimings> kPeerTimingNames;

struct PeerEvent {
  std::int64_t time_ms = 0;
  std::uint32_t rp = 0, client = 0;  // From 0 and from 1; client numbers are unique over all RPs.
  std::uint32_t error = 0;           // A code of FedCM's proposal; 0: success.
  std::array<std::uint32_t, kPeerTimings> timings{};  // Of a success.
};

// `events` in all, in order of time. Not thread-safe.
class PeerData {
 public:
  explicit PeerData(std::uint64_t events, std::uint32_t rps = 1000);
  bool next(PeerEvent& event);  // False after the last.
  std::uint32_t clients() const { return clients_; }

 private:
  struct Rp {
    std::uint32_t clients = 1, first_client = 1;
    double failure_rate = 0, speed = 1;
  };
  std::uint64_t bits();
  double uniform();
  double normal();
  std::uint32_t lognormal(double median, double sigma);
  std::int64_t time_of(double position) const;
  std::uint32_t draw_client(const Rp& rp);
  std::uint32_t draw_error();

  const std::uint64_t events_;
  std::uint64_t index_ = 0;
  std::uint64_t state_[4];
  bool has_spare_ = false;
  double spare_ = 0;
  std::uint32_t clients_ = 0;
  std::vector<double> popularity_;
  std::vector<Rp> rps_;
  std::array<double, 8> error_bounds_{};
};

std::string peer_rp_name(std::uint32_t rp);          // https://rp1.example for 0
std::string peer_client_name(std::uint32_t client);  // client1 for 1

}  // namespace kpi::bench
