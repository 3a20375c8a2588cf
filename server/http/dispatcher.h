// A whole request -> its answer, or the start of what will answer it.
#pragma once
#include <memory>
#include <optional>

#include "server/http/answer.h"
#include "server/http/answer_queue.h"
#include "server/http/loop.h"
#include "server/http/problem.h"
#include "server/http/reader_access.h"
#include "server/http/report_admission.h"

namespace kpi::server {

// One request of one connection, and where its answer goes.
struct Exchange {
  const Request& request;
  const Target& target;
  const std::shared_ptr<Connection>& connection;
  std::uint64_t number = 0;  // Of the slot.
  AnswerSlot& slot;
  const ReaderAccess& access;  // Of services that read the store.
  Admission& admission;        // Of reports.
  std::size_t waiting = 0;     // Answers that the connection waits for besides.
};

AnswerFrame frame_of(const Request& request, const Loop& loop);
// Fills the slot; it is ready.
void put_answer(AnswerSlot& slot, const AnswerFrame& frame, const Answer& answer);
void put_problem(AnswerSlot& slot, const AnswerFrame& frame, const Problem& problem);

// Before the body is read: why it would be in vain. The connection closes after such an answer.
// Fills in `admission`, also where a small body is worth reading past a refusal.
std::optional<Problem> refuse_head(Loop& loop, const Request& request, const Target& target,
                                   const SenderAddress& sender, Admission& admission);

// Why this client may not read what is stored now. Asked once for every request to a service that
// reads_store(), before anything else.
std::optional<Problem> refuse_reader(const Loop& loop, const Exchange& exchange);

// Either makes exchange.slot ready, or hands it to a commit or a query that will.
void handle(Loop& loop, const Exchange& exchange);

}  // namespace kpi::server
