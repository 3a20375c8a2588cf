// One client: reads requests, writes their answers in order, keeps its deadlines. Lives in one io
// thread; held by its pending operations and the thread's list.
#pragma once
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/system/error_code.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "server/http/answer.h"
#include "server/http/answer_queue.h"
#include "server/http/appender.h"
#include "server/http/connection_bound.h"
#include "server/http/loop.h"
#include "server/http/problem.h"
#include "server/http/proxy_header.h"
#include "server/http/reader_access.h"
#include "server/http/report_admission.h"
#include "server/http/request_reader.h"

namespace kpi::server {

class Connection final : public CommitWaiter, public std::enable_shared_from_this<Connection> {
 public:
  using Socket = boost::asio::generic::stream_protocol::socket;
  using Code = boost::system::error_code;

  // `proxied`: a PROXY header comes first, and says who the client is. `slot`: of its sender.
  Connection(Loop& loop, Socket socket, auth::Entrance entrance, bool proxied = false,
             SenderSlots::Slot slot = {});
  void start();
  void start_refused(const Problem& why);  // Instead: one connection too many, which is told so.
  bool refused() const { return refused_; }

  void committed(std::uint64_t number, const CommitResult& result) override;
  void resume() override;
  // What the pool has made of a request.
  void answer_later(std::uint64_t number, AnswerForm form, const QueryAnswer& answer);
  // A query is about to run for this client. Stop is requested when the client has gone.
  std::stop_token await_query();
  // The slot's body said Piece::kLater, and now there is more. Too late or too early is fine.
  void go_on(std::uint64_t number);
  // An answer without an end, within the handling of its request: the connection waits for nothing
  // else from then on, and ends with it.
  void put_stream(std::uint64_t number, AnswerForm form, const QueryAnswer& answer);

  void check_deadline();  // At every tick.
  void drain();           // Closes if idle; else after the next answer.
  void close();           // At once. Idempotent.

 private:
  // What the client is waited for, each with its own timeout.
  enum class Wait { kProxy, kIdle, kHeader, kBody, kAnswer, kWrite, kLinger };

  void set_wait(Wait wait);
  std::int64_t timeout_ms(Wait wait) const;

  void read();
  void on_read(const Code& error, std::size_t bytes);
  void on_proxy_header(std::size_t bytes);
  void turn_away();
  void pump();
  bool take_requests();
  void on_head();
  bool on_request();
  bool claim_key();
  std::optional<ReaderAccess> reader_access();
  bool overstays() const;
  void check_password(const Credentials& credentials);
  void on_checked(const Result<auth::Principal>& checked);
  void on_fault();
  void refuse(const Problem& problem);
  void count_lost_report();

  void repeat_answer(AnswerSlot& slot, const CommitResult& result);
  void put_body(std::uint64_t number, const AnswerFrame& frame, const QueryAnswer& answer);
  bool flush();
  Piece gather();
  void release_output();
  bool charge_answers();
  void on_written(const Code& error);
  void watch();
  void on_readable(const Code& error);
  bool client_is_there();
  void finish();
  void linger();

  Loop& loop_;
  Socket socket_;
  const auth::Entrance entrance_;
  std::unique_ptr<ProxyHeader> proxy_header_;  // While it is being read.
  SenderAddress peer_{};
  SenderSlots::Slot slot_;
  RequestReader reader_;
  Target target_;                        // Of the request that is being read.
  Admission admission_;                  // Likewise, of a report.
  bool checking_ = false;                // The password of the request that has been read ...
  std::optional<ReaderAccess> checked_;  // ... and what came of it.
  AnswerQueue answers_;
  std::string out_;                          // Bytes being written.
  std::size_t charged_ = 0;                  // Of the memory for answers.
  std::stop_source gone_{std::nostopstate};  // Has a state from the first query on.
  Wait wait_ = Wait::kAnswer;
  std::int64_t deadline_ms_ = 0;
  bool reading_ = false, writing_ = false, closed_ = false;
  bool stopped_ = false;       // No further request is read.
  bool unread_ = false;        // ... and the client may still be sending this one.
  bool last_written_ = false;  // The answer that ends the connection is in out_.
  bool lingering_ = false;
  bool query_waits_ = false, watching_ = false;  // For a client that goes away meanwhile.
  std::optional<std::uint64_t> stream_;          // The slot of an answer without an end.
  bool refused_ = false;                         // Beyond the bound of connections: counted apart.
  bool turned_away_ = false;                     // Beyond its sender's, and is told so.
};

}  // namespace kpi::server
