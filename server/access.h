// Who may ask and vouch, as the operator set it: users, keys of tokens and certificate, opened at
// start and again at SIGHUP.
#pragma once
#include <memory>

#include "kpi/result.h"
#include "server/admission/token_gate.h"
#include "server/auth/gate.h"
#include "server/auth/statement_slots.h"
#include "server/dialect/client_registry.h"
#include "server/operate/options.h"
#include "server/pgwire/tls_identity.h"

namespace kpi::server {

struct Access {
  std::unique_ptr<auth::Gate> gate;             // Always there; without users it has none.
  std::unique_ptr<TokenGate> tokens;            // Likewise; without keys it has none.
  std::unique_ptr<ClientRegistry> clients;      // nullptr: any client.
  std::unique_ptr<pgwire::TlsSource> tls;       // nullptr: TLS is not offered.
  std::unique_ptr<auth::StatementSlots> slots;  // Always there.
};

// Errors name the file, and in a users file the line. Requires valid options.
Result<Access> open_access(const ServerOptions& options);

// Reads the files again; of each the old state stays on error. What happened is logged. Open
// connections go on as they are. Thread-safe.
void reload_access(const Access& access);

// Logs what an operator should know about passwords that travel in the clear.
void warn_of_clear_text(const ServerOptions& options);

}  // namespace kpi::server
