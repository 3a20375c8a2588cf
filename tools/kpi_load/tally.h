// What a run has sent and how it was answered.
#pragma once
#include <chrono>
#include <cstdint>
#include <map>
#include <string>

#include "kpi/sketch.h"
#include "tools/kpi_load/request.h"

namespace kpi::load {

struct Answer {
  unsigned status = 0;
  std::uint64_t accepted = 0;  // Events, as the answer says or its status implies.
  std::chrono::nanoseconds latency{};
};

// Not thread-safe.
class Tally {
 public:
  void sent(const Request& request);
  void answered(const Request& request, const Answer& answer);
  void lost(const Request& request);  // Its connection broke before the answer.

  std::uint64_t requests_answered() const { return requests_answered_; }
  std::uint64_t events_sent() const { return events_sent_; }
  std::uint64_t events_answered() const { return events_answered_; }
  // Every request was answered with 2xx and every event of it accepted.
  bool clean() const;
  // For people; several lines, each ending in a newline.
  std::string summary(std::chrono::duration<double> elapsed);

 private:
  struct Group {
    std::uint64_t requests = 0, events = 0, accepted = 0;
  };
  std::map<unsigned, Group> by_status_;
  std::map<std::string, std::uint64_t> events_by_form_;
  std::uint64_t requests_answered_ = 0, events_sent_ = 0, events_answered_ = 0;
  std::uint64_t requests_lost_ = 0, events_lost_ = 0;
  SketchBuilder latency_us_;
};

}  // namespace kpi::load
