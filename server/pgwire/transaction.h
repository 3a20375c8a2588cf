// Where a session stands between BEGIN and COMMIT. Statements only read, each on a view of its
// own: what is kept is what PostgreSQL's clients are told.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "server/pgwire/backend.h"

namespace kpi::server::pgwire {

inline constexpr std::size_t kSavepointsMax = 256;  // Of a transaction.

class Transaction {
 public:
  TransactionStatus status() const { return status_; }
  bool open() const { return status_ != TransactionStatus::kIdle; }
  bool failed() const { return status_ == TransactionStatus::kFailed; }
  void begin() { status_ = TransactionStatus::kOpen; }
  void end();
  void fail();                              // Nothing outside of a transaction.
  bool add_savepoint(std::string name);     // False: too many.
  bool release(std::string_view name);      // False: there is none of that name.
  bool rollback_to(std::string_view name);  // Ends the failure too.

 private:
  bool drop_behind(std::string_view name, bool itself);
  TransactionStatus status_ = TransactionStatus::kIdle;
  std::vector<std::string> savepoints_;
};

}  // namespace kpi::server::pgwire
