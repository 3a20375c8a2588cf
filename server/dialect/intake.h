// One request while its reports are taken from it: where events go and what is counted.
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/dialect/client_registry.h"
#include "server/dialect/dialect.h"
#include "server/dialect/event_draft.h"
#include "server/dialect/rejection.h"

namespace kpi::server {

struct Intake {
  const DialectOptions& options;
  const HttpReport& report;
  Batch& batch;
  Verdict& verdict;
  EventDraft& draft;
  std::string rp_of_origin = {};  // The Origin header, canonical; empty: it names none.
  std::vector<std::pair<std::string, std::string>> query_labels = {};
  std::shared_ptr<const Clients> clients = {};  // Nothing: any client.

  // Reads what all reports of the request share: Origin and the labels in the query.
  void read_request();
  // Clears the draft and gives it what the request says.
  void begin_event();
  // Whether what the report says of its sender fits together: origin, client, trust.
  Check check_sender();
  Check check_registered() const;
  // Stores the draft if `rejection` is nothing, and counts what became of the report.
  void settle(Check rejection);
  // Counts a body that could not be taken apart, as one report.
  void refuse_body(Rejection rejection);
  // Turns "nothing was stored, and something refused" into a problem.
  void conclude();
};

}  // namespace kpi::server
