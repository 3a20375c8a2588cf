#include "tools/kpi_load/tally.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <limits>

namespace kpi::load {
namespace {

bool is_success(unsigned status) { return status >= 200 && status < 300; }

}  // namespace

void Tally::sent(const Request& request) {
  events_sent_ += request.events;
  events_by_form_[std::string(form_name(request.form))] += request.events;
}

void Tally::answered(const Request& request, const Answer& answer) {
  ++requests_answered_;
  events_answered_ += request.events;
  Group& group = by_status_[answer.status];
  ++group.requests;
  group.events += request.events;
  group.accepted += answer.accepted;
  const auto us = std::chrono::duration_cast<std::chrono::microseconds>(answer.latency).count();
  latency_us_.add(static_cast<std::uint32_t>(
      std::clamp<std::int64_t>(us, 0, std::numeric_limits<std::uint32_t>::max())));
}

void Tally::lost(const Request& request) {
  ++requests_lost_;
  events_lost_ += request.events;
}

bool Tally::clean() const {
  return requests_lost_ == 0 && std::all_of(by_status_.begin(), by_status_.end(), [](auto& entry) {
           return is_success(entry.first) && entry.second.accepted == entry.second.events;
         });
}

std::string Tally::summary(std::chrono::duration<double> elapsed) {
  std::string text;
  auto out = std::back_inserter(text);
  std::uint64_t accepted = 0;
  for (const auto& [status, group] : by_status_) accepted += group.accepted;
  fmt::format_to(out, "sent      {} events", events_sent_);
  for (const auto& [form, events] : events_by_form_) fmt::format_to(out, "  {} {}", form, events);
  fmt::format_to(out, "\naccepted  {} events\n", accepted);
  for (const auto& [status, group] : by_status_) {
    fmt::format_to(out, "  {}     {} requests, {} events, {} accepted\n", status, group.requests,
                   group.events, group.accepted);
  }
  if (requests_lost_ > 0) {
    fmt::format_to(out, "  unanswered {} requests, {} events\n", requests_lost_, events_lost_);
  }
  const Sketch latency = latency_us_.build();
  if (!latency.empty()) {
    fmt::format_to(out, "rate      {:.0f} events/s, {:.0f} requests/s, {:.2f} s\n",
                   static_cast<double>(accepted) / elapsed.count(),
                   static_cast<double>(requests_answered_) / elapsed.count(), elapsed.count());
    fmt::format_to(out, "latency   p50 {:.2f} ms, p99 {:.2f} ms, max {:.2f} ms\n",
                   *latency.quantile(0.5) / 1e3, *latency.quantile(0.99) / 1e3,
                   *latency.quantile(1) / 1e3);
  }
  return text;
}

}  // namespace kpi::load
