// The server's life from open to close.
#pragma once
#include "server/operate/options.h"

namespace kpi::server {

inline constexpr int kExitUsage = 2;
inline constexpr int kExitAddress = 71;   // An address cannot be listened at.
inline constexpr int kExitFailStop = 74;  // The disk erred: start again.
inline constexpr int kExitBusy = 75;      // Another process has the store open.
inline constexpr int kExitData = 78;      // The data cannot be opened, or is damaged.

// Runs until a signal or a write error; the process's exit status. Prints `listening KIND ADDRESS`
// for every socket and then `ready` to stdout.
int serve(const ServerOptions& options);

}  // namespace kpi::server
