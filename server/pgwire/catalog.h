// What clients ask about the server itself rather than about events: SET, SHOW server_version,
// transactions, version(), and the look-ups of psql's \d, \dt and \l in pg_catalog. One table of
// rules (catalog.cc); whatever is not in it is left to the query language.
#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "kpi/query.h"
#include "kpi/store.h"
#include "server/pgwire/statement_scan.h"

namespace kpi::server::pgwire {

// What a session knows about itself.
struct SessionFacts {
  std::string user, database;
  std::string server_version;  // "15.0 (kpistore 0.1.0)"
  std::uint32_t process_id = 0;
  bool is_admin = true;  // Else the session only asks.
};

enum class TransactionEffect : std::uint8_t { kNone, kBegin, kEnd };

struct CatalogAnswer {
  query::Table table;  // No columns: a command, only its tag is answered.
  TransactionEffect effect = TransactionEffect::kNone;
};

// Nothing: not a question about the server. kUnsupported: one that cannot be answered.
std::optional<Result<CatalogAnswer>> catalog_answer(const ScannedStatement& statement,
                                                    const SessionFacts& facts, Store& store);

}  // namespace kpi::server::pgwire
