// What a session remembers from one message to the next.
#pragma once
#include "server/pgwire/catalog.h"
#include "server/pgwire/prepared.h"
#include "server/pgwire/transaction.h"

namespace kpi::server::pgwire {

struct SessionState {
  SessionFacts facts = {};
  Transaction transaction = {};
  Names<const Prepared> statements = {};
  Names<Portal> portals = {};
};

}  // namespace kpi::server::pgwire
