// Any bytes as a PostgreSQL client sends them: as a startup packet, and as messages after the
// login. Every answer is whole messages, every Sync and Query ends in one ReadyForQuery, and with
// the conversation all that it held is given back.
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "kpi/assert.h"
#include "server/pgwire/conversation.h"
#include "server/pgwire/frontend.h"
#include "tests/server/pgwire/sample_events.h"

namespace {

using namespace kpi::server::pgwire;

constexpr std::size_t kMessagesMax = 32, kRowsMax = 200, kPiecesMax = 64;
constexpr std::ptrdiff_t kStoredEvents = 20;

// Whole messages; of them so many say "ready".
std::size_t count_ready(std::string_view out) {
  std::size_t ready = 0;
  while (!out.empty()) {
    KPI_ASSERT(out.size() >= 5);
    std::size_t length = 0;
    for (std::size_t i = 1; i < 5; ++i) length = length << 8 | static_cast<unsigned char>(out[i]);
    KPI_ASSERT(length >= 4 && length + 1 <= out.size());
    if (out[0] == 'Z') ++ready;
    out.remove_prefix(length + 1);
  }
  return ready;
}

void answer(Conversation& conversation, const FrontendMessage& message) {
  using Kind = FrontendMessage::Kind;
  const bool runs = message.kind == Kind::kQuery || message.kind == Kind::kExtended ||
                    message.kind == Kind::kSync;
  const auto interrupt = std::make_shared<Interrupt>();
  if (!runs || !conversation.begin(message, interrupt)) return;
  std::string out;
  RunProgress progress = RunProgress::kMore;
  for (std::size_t i = 0; progress == RunProgress::kMore; ++i) {
    if (i == kPiecesMax) interrupt->request(Interrupt::Reason::kUser);
    progress = conversation.next(out);
  }
  // A follow has no end of its own.
  if (progress == RunProgress::kWaiting) {
    interrupt->request(Interrupt::Reason::kUser);
    while (conversation.next(out) != RunProgress::kDone) {
    }
  }
  const bool ends = conversation.ends_group();
  conversation.finish();
  KPI_ASSERT(count_ready(out) == (ends ? 1U : 0U));
}

void converse(std::string_view bytes) {
  // A new one each time: milestones come and go.
  static const auto kEvents = kpi::test::sample_events();
  kpi::test::ModelStore store({kEvents.begin(), kEvents.begin() + kStoredEvents});
  QueryEnvironment environment{store, kRowsMax,
                               [] { return kpi::test::kSampleBeginMs + 2 * kpi::kDayMs; }};
  {
    Conversation conversation(environment, [] {});
    conversation.state().facts.user = "fuzz";
    for (std::size_t i = 0; i < kMessagesMax; ++i) {
      const auto size = message_size(bytes);
      if (!size.ok() || !size.value() || *size.value() > bytes.size()) break;
      const auto message = decode_message(bytes.substr(0, *size.value()));
      bytes.remove_prefix(*size.value());
      if (message.ok()) answer(conversation, message.value());
    }
  }
  KPI_ASSERT(*environment.held_bytes == 0 && *environment.suspended_bytes == 0);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto startup = startup_packet_size(bytes);
  if (startup.ok() && startup.value() && *startup.value() <= size) {
    (void)decode_startup(bytes.substr(0, *startup.value()));
  }
  converse(bytes);
  return 0;
}
