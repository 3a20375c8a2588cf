#include "server/pgwire/session_state.h"

namespace kpi::server::pgwire {

std::optional<Failure> SessionState::add_portal(std::string_view name,
                                                std::shared_ptr<Portal> portal, std::size_t bytes) {
  if (portals.find(name)) {
    return Failure(
        {ErrorCode::kInvalidArgument, "cursor \"" + std::string(name) + "\" already exists"},
        kDuplicateCursor);
  }
  if (portals.size() >= kPortalsMax || portals.bytes() + bytes > kPortalParameterBytesMax) {
    return Failure({ErrorCode::kLimitExceeded,
                    "too many portals; at most " + std::to_string(kPortalsMax) + " with " +
                        std::to_string(kPortalParameterBytesMax) +
                        " bytes of parameters in a session",
                    "close those that are not needed any more"});
  }
  portals.put(name, std::move(portal), bytes);
  return std::nullopt;
}

void SessionState::end_portals(bool commit) {
  portals.erase_if([commit](Portal& portal) {
    if (commit && portal.life == Portal::Life::kHeld) portal.life = Portal::Life::kSession;
    return portal.life != Portal::Life::kSession;
  });
}

}  // namespace kpi::server::pgwire
