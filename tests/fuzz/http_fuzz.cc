// Any bytes as a stream of requests: however the network cuts them, the same requests are read, and
// no cut is a fault of its own. A request that is read has a head and a body within their limits,
// and none is read behind a fault. The first byte chooses the cut.
#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "kpi/assert.h"
#include "server/http/request_reader.h"

namespace {

using namespace kpi::server;

constexpr std::size_t kHeaderMax = 1024, kBodyMax = 2048;
constexpr std::size_t kPoolBytes = 1U << 20;

struct Read {
  std::string path, query, body;
  bool keep_alive = false;
  bool operator==(const Read&) const = default;
};
struct Conversation {
  std::vector<Read> requests;
  bool fault =
      false;  // A head that is too long may be malformed as well: which one is told differs.
};

// Everything that can be read from what was received. False: the stream ends here.
bool advance(RequestReader& reader, Conversation* read) {
  for (;;) {
    switch (reader.advance()) {
      case RequestReader::Step::kNeedMore:
        return true;
      case RequestReader::Step::kHead:
        reader.expect_body(kBodyMax);
        break;
      case RequestReader::Step::kFault:
        read->fault = true;
        return false;
      case RequestReader::Step::kRequest: {
        const Request& request = reader.request();
        KPI_ASSERT(request.body.size() <= kBodyMax && request.path.size() <= kHeaderMax);
        KPI_ASSERT(!(request.chunked && request.content_length));
        read->requests.push_back({std::string(request.path), std::string(request.query),
                                  std::string(request.body), request.keep_alive});
        if (!request.keep_alive) return false;
        reader.finish();
        break;
      }
    }
  }
}

Conversation converse(std::string_view bytes, std::size_t step) {
  MemoryBudget budget(kPoolBytes);
  BodyPool pool(budget);
  RequestReader reader(kHeaderMax, pool, "X-Request-ID");
  Conversation read;
  while (!bytes.empty()) {
    const auto space = reader.space();
    KPI_ASSERT(!space.empty());
    const std::size_t size = std::min({space.size(), bytes.size(), step});
    std::copy_n(bytes.begin(), static_cast<std::ptrdiff_t>(size), space.begin());
    bytes.remove_prefix(size);
    reader.received(size);
    if (!advance(reader, &read)) break;
  }
  return read;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const Conversation whole = converse(bytes, SIZE_MAX);
  for (const std::size_t step : {std::size_t{1}, std::size_t{2} + data[0]}) {
    const Conversation cut = converse(bytes, step);
    KPI_ASSERT(cut.requests == whole.requests);
    KPI_ASSERT(whole.fault || !cut.fault);  // The first bytes of a chunk's line wait for the rest.
  }
  return 0;
}
