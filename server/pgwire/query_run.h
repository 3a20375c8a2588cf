// One Query message from its text to its last answer byte, without sockets: the statements run
// one after the other and their results come out in pieces, so that no answer is built whole.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "server/pgwire/execution.h"
#include "server/pgwire/message_run.h"

namespace kpi::server::pgwire {

class QueryRun final : public MessageRun {
 public:
  // What `context` names outlives the run.
  QueryRun(const ExecutionContext& context, std::string text)
      : context_(context), text_(std::move(text)) {}

  RunProgress next(std::string& out) override;
  bool follows() const override { return execution_ && execution_->follows(); }

 private:
  bool prepare(std::string& out);
  bool start_statement(std::string& out);
  std::optional<RunProgress> send(std::string& out);
  RunProgress finish(std::string& out);
  RunProgress fail(std::string& out, const Failure& failure);

  const ExecutionContext context_;
  const std::string text_;
  bool prepared_ = false;
  std::vector<Plan> plans_;
  std::size_t plan_ = 0;
  std::optional<Execution> execution_;  // Of plans_[plan_].
};

}  // namespace kpi::server::pgwire
