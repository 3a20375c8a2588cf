#include "query/compare/event_key.h"

namespace kpi::query {
namespace {

std::string_view label_value(const Event& event, const std::string& name) {
  for (const NamedLabel& label : event.labels) {
    if (label.name == name) return label.value;
  }
  return {};
}

// A name that is empty is not NULL.
std::string_view present(std::string_view text) { return text.data() == nullptr ? "" : text; }

}  // namespace

std::string_view dimension_value(const Event& event, const DimensionRef& dimension,
                                 std::deque<std::string>& texts) {
  const ErrorId error = event.kind.error();
  switch (dimension.dimension) {
    case Dimension::kRp:
      return present(event.rp);
    case Dimension::kClient:
      return present(event.client);
    case Dimension::kOutcome:
      return to_string(event.kind.outcome());
    case Dimension::kUiShown:
      return to_string(event.kind.ui_shown());
    case Dimension::kError:
      return error.none() ? std::string_view() : texts.emplace_back(error_name(error));
    case Dimension::kErrorClass:
      return error.none() ? std::string_view() : to_string(error_class(error));
    case Dimension::kLabel:
      return label_value(event, dimension.label);
  }
  return {};
}

}  // namespace kpi::query
