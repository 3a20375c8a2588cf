#include "server/progress.h"

namespace kpi::server {

void Progress::Probe::ask() {
  under_way_.store(true, std::memory_order_release);
  engine_.submit(&append_);
}

void Progress::Probe::on_committed(PendingAppend*) {
  under_way_.store(false, std::memory_order_release);
}

bool Progress::check() {
  if (!committer_.answered() || !http_.pulse_answered()) return false;
  committer_.ask();
  http_.pulse();
  return true;
}

}  // namespace kpi::server
