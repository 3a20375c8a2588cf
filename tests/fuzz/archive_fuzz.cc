// Any bytes as a line of an archive, of its events and of the rest: taken in or refused with what
// was expected, and what is taken in is written as a line that is taken in.
#include <cstdint>
#include <string>
#include <string_view>

#include "kpi/assert.h"
#include "kpi/batch.h"
#include "tools/kpi_admin/archive/event_line.h"
#include "tools/kpi_admin/archive/rest_line.h"

namespace {

using namespace kpi;
using namespace kpi::tools;

template <class Items, class Append>
void append_lines(const Items& items, Append append, std::string* lines) {
  for (const auto& item : items) append(item, lines);
}

void add_again(const std::string& lines) {
  RestLines again;
  std::string_view rest = lines;
  while (!rest.empty()) {
    const std::size_t end = rest.find('\n');
    KPI_ASSERT(end != std::string_view::npos && again.add(rest.substr(0, end)).ok());
    rest.remove_prefix(end + 1);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view line(reinterpret_cast<const char*>(data), size);
  Batch batch;
  const Status event = add_event_line(line, &batch);
  KPI_ASSERT(event.ok() ? batch.size() == 1 : batch.empty() && !event.error().message.empty());
  RestLines items;
  if (!items.add(line).ok()) return 0;
  const TransferBatch taken = items.batch();
  std::string lines;
  append_lines(taken.names, append_name_line, &lines);
  append_lines(taken.cells, append_cell_line, &lines);
  append_lines(taken.senders, append_senders_line, &lines);
  append_lines(taken.documents, append_document_line, &lines);
  append_lines(items.milestones(), append_milestone_line, &lines);
  add_again(lines);
  return 0;
}
