// What the operator set, in the words of the parts that are set up with it.
#pragma once
#include <memory>
#include <vector>

#include "kpi/engine.h"
#include "kpi/query.h"
#include "kpi/result.h"
#include "server/access.h"
#include "server/admission/label_gate.h"
#include "server/http/http_options.h"
#include "server/operate/options.h"
#include "server/pgwire/query_server.h"

namespace kpi::server {

// Log lines of the engine go to the process's log; on_fatal stays to be set.
EngineOptions engine_options(const ServerOptions& options);
HttpOptions http_options(const ServerOptions& options, const Access& access);
pgwire::QueryServerOptions query_options(const ServerOptions& options);
// `NAME` or `NAME=V1,V2`; the built-in rules where none are given.
std::vector<LabelRule> label_rules(const ServerOptions& options);
// The built-in ones, then those of the operator. Options were checked by validate().
std::vector<LabelAlias> label_aliases(const ServerOptions& options);
// The same for queries: of one value the last alias alone, and none where that is the value itself.
std::shared_ptr<const std::vector<query::ValueAlias>> value_aliases(const ServerOptions& options);

}  // namespace kpi::server
