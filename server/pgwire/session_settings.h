// What a session has SET, with PostgreSQL's rules of transactions: ROLLBACK undoes, LOCAL ends.
#pragma once
#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "kpi/result.h"

namespace kpi::server::pgwire {

inline constexpr std::size_t kSettingsMax = 64;  // Of a session; each name and value so long:
inline constexpr std::size_t kSettingBytesMax = 1024;

// A duration as PostgreSQL's settings have it: "250", "250ms", "5s", "1min"; none: not one.
std::optional<std::chrono::milliseconds> read_duration(std::string_view text);

class SessionSettings {
 public:
  // `server_timeout`: how long the server lets any statement run; 0: as long as it takes.
  explicit SessionSettings(std::chrono::milliseconds server_timeout = {})
      : server_timeout_(server_timeout) {}

  // `name` in lower case; `local`: until the transaction ends. kInvalidArgument: not a value of
  // that setting, or one that cannot be changed. kLimitExceeded.
  Status set(std::string_view name, std::string value, bool local);
  // What a StartupMessage asks for, and its `options` ("-c name=value"). Errors as set().
  Status set_at_startup(
      const std::vector<std::pair<std::string_view, std::string_view>>& parameters);
  void reset(std::string_view name);
  void reset_all();
  std::optional<std::string> find(std::string_view name) const;  // Nothing: was not set.
  std::map<std::string, std::string, std::less<>> all() const;

  void begin() { before_ = values_; }
  void end(bool committed);

  // The shorter of the server's and the session's; 0: none.
  std::chrono::milliseconds statement_timeout() const;

 private:
  Status set_options(std::string_view options);
  using Values = std::map<std::string, std::string, std::less<>>;
  std::chrono::milliseconds server_timeout_;
  Values values_, local_, before_;  // before_: at BEGIN.
};

}  // namespace kpi::server::pgwire
