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

  // 42P03, 54000: not added.
  std::optional<Failure> add_portal(std::string_view name, std::shared_ptr<Portal> portal,
                                    std::size_t bytes);
  // Where a transaction, or what stands for one, ends: only cursors that are held stay.
  void end_portals(bool commit);
};

}  // namespace kpi::server::pgwire
