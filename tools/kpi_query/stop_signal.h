// Ctrl-C as something that poll() can wait for. One per process.
#pragma once

namespace kpi::tools {

class StopSignal {
 public:
  // From now on SIGINT no longer ends the process but is noted.
  static void install();
  static bool requested();
  static void clear();
  // Readable from SIGINT on until clear(). Valid after install().
  static int fd();
};

}  // namespace kpi::tools
