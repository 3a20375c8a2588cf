#include "tools/kpi_load/attempt.h"

#include <cmath>
#include <numbers>

#include "kpi/event.h"

namespace kpi::load {
namespace {

std::vector<double> zipf_weights(std::uint32_t count) {
  std::vector<double> weights;
  for (std::uint32_t i = 0; i < count; ++i) weights.push_back(1.0 / (i + 1));
  return weights;
}

}  // namespace

Population::Population(const PopulationOptions& options)
    : options_(options),
      random_(options.seed),
      popularity_(zipf_weights(options.rps)),
      causes_({5, 1, 3, 6, 2, 12, 8, 40}),
      browsers_({60, 15, 12, 13}),
      systems_({40, 28, 14, 6, 12}),
      regression_begin_ms_(options.end_ms - options.days * kDayMs * 2 / 5) {
  std::uint32_t clients = 0;
  for (std::uint32_t i = 0; i < options.rps; ++i) {
    Rp rp;
    rp.first_client = clients;
    rp.clients = 1 + random_.below(3);
    rp.failure_rate = 0.02 + 0.12 * random_.uniform();
    rp.speed = std::exp(0.3 * random_.normal());
    clients += rp.clients;
    rps_.push_back(rp);
  }
}

std::int64_t Population::draw_time() {
  // A day's curve: busiest at 14:00 UTC, quietest at 02:00.
  const double range = static_cast<double>(options_.days * kDayMs);
  for (;;) {
    const auto time = options_.end_ms - 1 - static_cast<std::int64_t>(random_.uniform() * range);
    const double hour = static_cast<double>(time % kDayMs) / static_cast<double>(kHourMs);
    const double rate = 1 + 0.6 * std::cos((hour - 14) / 24 * 2 * std::numbers::pi);
    if (random_.uniform() * 1.6 < rate) return time;
  }
}

void Population::fail(Attempt& attempt) {
  attempt.success = false;
  attempt.cause = static_cast<Cause>(causes_.draw(random_));
  attempt.ui_shown = attempt.cause == Cause::kUser ? random_.chance(0.9) : random_.chance(0.4);
}

void Population::succeed(Attempt& attempt, double speed, double token_factor) {
  attempt.show = random_.lognormal_ms(260 * speed, 0.5);
  attempt.config = random_.lognormal_ms(90 * speed, 0.45);
  attempt.accounts = random_.lognormal_ms(140 * speed, 0.55);
  attempt.metadata = random_.lognormal_ms(70 * speed, 0.4);
  attempt.prompt = random_.lognormal_ms(attempt.candidate ? 2300 : 2800, 0.8);
  attempt.token = random_.lognormal_ms(180 * speed * token_factor, 0.5);
}

Attempt Population::at(std::int64_t time_ms) {
  Attempt attempt;
  attempt.time_ms = time_ms;
  attempt.rp = popularity_.draw(random_);
  const Rp& rp = rps_[attempt.rp];
  attempt.client = rp.first_client + random_.below(rp.clients);
  attempt.browser = browsers_.draw(random_);
  attempt.os = systems_.draw(random_);
  attempt.candidate = random_.chance(0.5);
  const bool regressed = attempt.rp == kRegressedRp && attempt.time_ms >= regression_begin_ms_;
  if (random_.chance(rp.failure_rate * (regressed ? 4 : 1))) {
    fail(attempt);
    if (regressed) attempt.cause = Cause::kToken;
  } else {
    succeed(attempt, rp.speed, regressed ? 12 : 1);
  }
  return attempt;
}

std::string rp_origin(std::uint32_t rp) {
  return "https://rp" + std::to_string(rp + 1) + ".example";
}
std::string client_name(std::uint32_t client) { return "client" + std::to_string(client + 1); }

}  // namespace kpi::load
