#include "server/pgwire/transaction.h"

#include <algorithm>

namespace kpi::server::pgwire {

void Transaction::end() {
  status_ = TransactionStatus::kIdle;
  savepoints_.clear();
}

void Transaction::fail() {
  if (open()) status_ = TransactionStatus::kFailed;
}

bool Transaction::add_savepoint(std::string name) {
  if (savepoints_.size() >= kSavepointsMax) return false;
  savepoints_.push_back(std::move(name));
  return true;
}

bool Transaction::release(std::string_view name) { return drop_behind(name, true); }

bool Transaction::rollback_to(std::string_view name) {
  if (!drop_behind(name, false)) return false;
  status_ = TransactionStatus::kOpen;
  return true;
}

bool Transaction::drop_behind(std::string_view name, bool itself) {
  const auto found = std::find(savepoints_.rbegin(), savepoints_.rend(), name);
  if (found == savepoints_.rend()) return false;
  savepoints_.erase(itself ? found.base() - 1 : found.base(), savepoints_.end());
  return true;
}

}  // namespace kpi::server::pgwire
