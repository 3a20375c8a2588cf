// One message of the extended protocol (Parse, Bind, Describe, Execute, Close) and its answer,
// without sockets. After a failure the caller skips to Sync.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "server/pgwire/frontend_extended.h"
#include "server/pgwire/message_run.h"

namespace kpi::server::pgwire {

class ExtendedRun final : public MessageRun {
 public:
  // `body`: of the message, without type and length. What `context` names outlives the run.
  ExtendedRun(const ExecutionContext& context, char type, std::string body)
      : context_(context), type_(type), body_(std::move(body)) {}

  RunProgress next(std::string& out) override;
  bool follows() const override { return portal_ && portal_->execution.follows(); }
  bool failed() const { return failed_; }

 private:
  using Outcome = std::optional<Failure>;  // Nothing: it went well.
  Outcome answer(std::string& out);
  Outcome parse(const ParseMessage& message, std::string& out);
  Outcome store(std::string_view name, std::shared_ptr<const Prepared> prepared);
  Outcome bind(const BindMessage& message, std::string& out);
  Outcome describe(const TargetMessage& message, std::string& out);
  Outcome close(const TargetMessage& message, std::string& out);
  Outcome execute(const ExecuteMessage& message, std::string& out);
  std::variant<Execution::Progress, Failure> send(std::string& out);
  Outcome barred(const Plan& plan) const;

  const ExecutionContext context_;
  const char type_;
  const std::string body_;
  bool failed_ = false;
  std::string text_;                // Of the statement that errors' places mean.
  std::shared_ptr<Portal> portal_;  // That is being executed.
  std::size_t rows_left_ = kAllRows;
};

}  // namespace kpi::server::pgwire
