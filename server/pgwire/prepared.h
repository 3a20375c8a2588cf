// The prepared statements and portals of a session, by name, within their limits. Not thread-safe.
#pragma once
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/pgwire/execution.h"
#include "server/pgwire/plan.h"
#include "server/pgwire/sqlstate.h"

namespace kpi::server::pgwire {

inline constexpr std::size_t kPreparedStatementsMax = 1000;        // Of a session.
inline constexpr std::size_t kPreparedTextBytesMax = 1U << 20;     // Of their texts in all.
inline constexpr std::size_t kPortalsMax = 100;                    // Of a session.
inline constexpr std::size_t kPortalParameterBytesMax = 1U << 20;  // Bound to them in all.

struct Prepared {
  std::string text;
  Plan plan;
  std::vector<query::Column> columns;         // Of its answer; none: it has no rows.
  std::vector<std::uint32_t> parameter_oids;  // Of $1, $2, ...
  std::size_t parameters_used = 0;            // As many the text has; a client may declare more.
};

struct Portal {
  // kHeld: as long as the session, once its transaction commits.
  enum class Life : std::uint8_t { kTransaction, kHeld, kSession };
  std::shared_ptr<const Prepared> statement;
  Formats formats;  // As Execution has them.
  Execution execution;
  Life life = Life::kTransaction;
};

// The unnamed one has the empty name and may be put in again; others must be erased before.
template <class T>
class Names {
 public:
  std::shared_ptr<T> find(std::string_view name) const {
    const auto found = entries_.find(name);
    return found == entries_.end() ? nullptr : found->second.value;
  }
  void put(std::string_view name, std::shared_ptr<T> value, std::size_t bytes) {
    erase(name);
    bytes_ += bytes;
    entries_.emplace(std::string(name), Entry{std::move(value), bytes});
  }
  bool erase(std::string_view name) {
    const auto found = entries_.find(name);
    if (found == entries_.end()) return false;
    bytes_ -= found->second.bytes;
    entries_.erase(found);
    return true;
  }
  void clear() {
    entries_.clear();
    bytes_ = 0;
  }
  template <class Predicate>
  void erase_if(Predicate predicate) {
    for (auto entry = entries_.begin(); entry != entries_.end();) {
      const bool erased = predicate(*entry->second.value);
      if (erased) bytes_ -= entry->second.bytes;
      entry = erased ? entries_.erase(entry) : std::next(entry);
    }
  }
  std::size_t size() const { return entries_.size(); }
  std::size_t bytes() const { return bytes_; }
  template <class Predicate>
  bool any_of(Predicate predicate) const {
    for (const auto& [name, entry] : entries_) {
      if (predicate(*entry.value)) return true;
    }
    return false;
  }

 private:
  struct Entry {
    std::shared_ptr<T> value;
    std::size_t bytes = 0;
  };
  std::map<std::string, Entry, std::less<>> entries_;
  std::size_t bytes_ = 0;
};

}  // namespace kpi::server::pgwire
