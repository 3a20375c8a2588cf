// Sign-in attempts as a busy identity provider sees them: who, when, how it ended, how long it
// took.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "tools/kpi_load/random.h"

namespace kpi::load {

enum class Cause : std::uint8_t {  // Why an attempt failed, before a dialect numbers it.
  kIdpUnavailable,
  kWellKnown,
  kConfig,
  kAccounts,
  kClientMetadata,
  kToken,
  kRp,
  kUser
};

struct Attempt {
  std::int64_t time_ms = 0;
  std::uint32_t rp = 0, client = 0;  // Names: rp_origin(), client_name().
  bool success = true;
  Cause cause = Cause::kUser;  // Of a failure.
  bool ui_shown = true;
  bool candidate = false;             // Variant B of an experiment that shortens the prompt.
  std::uint32_t browser = 0, os = 0;  // Indexes of kBrowsers and kSystems.
  // Milliseconds, of a success; turnaround is the sum of show, prompt and token.
  std::uint32_t show = 0, config = 0, accounts = 0, metadata = 0, prompt = 0, token = 0;
  std::uint32_t turnaround() const { return show + prompt + token; }
};

inline constexpr const char* kBrowsers[] = {"Chrome", "Edge", "Firefox", "Safari"};
inline constexpr const char* kSystems[] = {"Windows", "Android", "macOS", "Linux", "iOS"};

struct PopulationOptions {
  std::uint64_t seed = 1;
  std::uint32_t rps = 200;  // By Zipf's law, each with 1 to 3 clients.
  std::int64_t end_ms = 0;  // Attempts lie in [end - days, end).
  std::uint32_t days = 7;
};

// An endless stream of attempts with independent times. The second RP ships a bad release two
// fifths before the end of the range: its tokens take twelve times as long and attempts fail four
// times as often. Not thread-safe.
class Population {
 public:
  explicit Population(const PopulationOptions& options);
  Attempt next() { return at(draw_time()); }
  Attempt next_now() { return at(options_.end_ms - 1); }  // For forms that carry no time.
  Random& random() { return random_; }
  std::int64_t regression_begin_ms() const { return regression_begin_ms_; }

 private:
  struct Rp {
    std::uint32_t first_client = 0, clients = 1;
    double failure_rate = 0, speed = 1;
  };
  Attempt at(std::int64_t time_ms);
  std::int64_t draw_time();
  void fail(Attempt& attempt);
  void succeed(Attempt& attempt, double speed, double token_factor);

  PopulationOptions options_;
  Random random_;
  std::vector<Rp> rps_;
  WeightedChoice popularity_, causes_, browsers_, systems_;
  std::int64_t regression_begin_ms_;
};

inline constexpr std::uint32_t kRegressedRp = 1;  // Index of the RP with the bad release.
std::string rp_origin(std::uint32_t rp);          // https://rp1.example for 0
std::string client_name(std::uint32_t client);    // client1 for 0

}  // namespace kpi::load
