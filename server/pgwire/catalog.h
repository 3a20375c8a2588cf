// What clients ask about the server itself rather than about events: SHOW server_version,
// version(), and the look-ups of psql's \d, \dt and \l in pg_catalog. One table of rules
// (catalog.cc); whatever is not in it is left to the query language.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "kpi/query.h"
#include "kpi/store.h"
#include "server/pgwire/session_settings.h"

namespace kpi::server::pgwire {

// What a session knows about itself.
struct SessionFacts {
  std::string user, database;
  std::string server_version;  // "15.0 (kpistore 0.1.0)"
  std::uint32_t process_id = 0;
  bool is_admin = true;  // Else the session only asks.
  bool offers_tls = false;
  SessionSettings settings = SessionSettings();
};

// A table; or nothing: not a question about the server; or kUnsupported: one that cannot be
// answered. `folded`: as ScannedStatement has it.
std::optional<Result<query::Table>> catalog_answer(std::string_view folded,
                                                   const SessionFacts& facts, Store& store);

}  // namespace kpi::server::pgwire
