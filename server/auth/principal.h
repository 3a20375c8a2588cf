// Who a client is known to be.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace kpi::auth {

enum class Role : std::uint8_t {
  kReader,  // Asks.
  kAdmin,   // Changes as well: milestones.
};
std::string_view to_string(Role role);
std::optional<Role> parse_role(std::string_view text);  // `reader` or `admin`.

struct Principal {
  std::string name;
  Role role = Role::kReader;
};

}  // namespace kpi::auth
