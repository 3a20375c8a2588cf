// The query socket: PostgreSQL's wire protocol over TCP and Unix sockets, in front of a Store.
#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "kpi/limits.h"
#include "kpi/query.h"
#include "kpi/result.h"
#include "kpi/store.h"
#include "server/auth/statement_slots.h"
#include "server/operate/endpoint.h"
#include "server/pgwire/login.h"
#include "server/pgwire/query_counters.h"
#include "server/pgwire/tls_identity.h"

namespace kpi::server::pgwire {

struct QueryServerOptions {
  std::string version;                // Of kpistore, for server_version.
  std::size_t connections_max = 100;  // One more is told 53300 and closed.
  std::size_t worker_threads = 2;     // At least 1: statements that run at a time.
  // Sessions whose statement follows at a time, but never more than half of the connections: they
  // hold no worker, and leave room for those who ask.
  std::size_t follows_max = 16;
  std::size_t rows_max = kResultRowsMax;
  std::uint64_t min_group_size_reader = 1;  // query::Options::min_group_size of who is no admin.
  std::shared_ptr<const std::vector<query::ValueAlias>> aliases = {};
  // 0: none. Counted while a statement waits for a worker or runs, not while its rows are sent.
  std::chrono::milliseconds statement_timeout{10'000};
  std::chrono::milliseconds login_timeout{10'000};    // From connecting to the end of the startup.
  std::chrono::milliseconds message_timeout{10'000};  // From a message's first byte to its last.
  std::chrono::milliseconds write_timeout{60'000};    // A client that takes nothing for so long.
  // Without users only loopback and Unix sockets are listened at. Both outlive the server.
  LoginRules login_rules = {};
  const TlsSource* tls = nullptr;         // nullptr: TLS is not offered.
  auth::StatementSlots* slots = nullptr;  // nullptr: each session has one. Outlives the server.
  // now() of statements, in ms since the epoch; the wall clock if empty.
  std::function<std::int64_t()> now_ms = {};
};

class QueryServer {
 public:
  // `unix:DIR` is the socket DIR/.s.PGSQL.5432, where libpq looks for it, with mode 0660; one that
  // nobody listens at any more is replaced. kBusy: somebody does, or the port is taken.
  // kInvalidArgument: no endpoint, or a remote one without users. kIo: the system.
  // `store` outlives the server.
  static Result<std::unique_ptr<QueryServer>> listen(const std::vector<Endpoint>& endpoints,
                                                     Store& store, QueryServerOptions options);
  ~QueryServer();  // stop()

  // As given, with the port the system chose in place of 0.
  const std::vector<Endpoint>& endpoints() const;
  const QueryCounters& counters() const;
  // Takes no more connections, interrupts what runs, closes all and waits for the threads.
  // Idempotent; not on a thread of the server.
  void stop();

 private:
  class Impl;
  explicit QueryServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace kpi::server::pgwire
