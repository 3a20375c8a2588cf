#include "server/dialect/built_in_measure.h"

#include "server/dialect/browserid_record.h"
#include "server/dialect/event_draft.h"

namespace kpi::server {

bool is_built_in_measure(std::string_view stored_name) {
  return is_fedcm_timing(stored_name) || is_browserid_measure(stored_name);
}

}  // namespace kpi::server
