#include "server/admission/label_alias.h"

#include "kpi/limits.h"

namespace kpi::server {
namespace {

bool fits(std::string_view text, std::size_t bytes_max) {
  return !text.empty() && text.size() <= bytes_max;
}

}  // namespace

Result<LabelAlias> parse_label_alias(std::string_view text) {
  const std::size_t colon = text.find(':');
  const std::size_t equals = colon == text.npos ? colon : text.find('=', colon);
  if (equals == text.npos) {
    return Error{ErrorCode::kInvalidArgument,
                 "'" + std::string(text) + "' is not LABEL:VALUE=STORED",
                 "such as 'os:Windows NT 6.1=Windows 7'"};
  }
  LabelAlias alias{std::string(text.substr(0, colon)),
                   std::string(text.substr(colon + 1, equals - colon - 1)),
                   std::string(text.substr(equals + 1))};
  if (!fits(alias.label, kLabelNameBytesMax) || !fits(alias.value, kLabelValueBytesMax) ||
      !fits(alias.stored, kLabelValueBytesMax)) {
    return Error{ErrorCode::kInvalidArgument,
                 "'" + std::string(text) +
                     "' needs a label of 1 to 64 bytes and two values of 1 to 128 bytes"};
  }
  return alias;
}

const std::vector<LabelAlias>& default_label_aliases() {
  static const std::vector<LabelAlias> kAliases = {
      {"os", "Windows NT 5.0", "Windows 2000"},
      {"os", "Windows NT 5.1", "Windows XP"},
      {"os", "Windows NT 5.2", "Windows XP"},
      {"os", "Windows NT 6.0", "Windows Vista"},
      {"os", "Windows NT 6.1", "Windows 7"},
      {"os", "Windows NT 6.2", "Windows 8"},
      {"os", "Windows NT 6.3", "Windows 8.1"},
      {"os", "Windows NT 10.0", "Windows 10"},
      {"os", "iPad", "iOS"},
      {"os", "iPhone", "iOS"},
      {"os", "iPod", "iOS"},
  };
  return kAliases;
}

}  // namespace kpi::server
