// Aliases of label values: what senders call one thing by several names is stored under one.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "kpi/result.h"

namespace kpi::server {

inline constexpr std::size_t kLabelAliasesMax = 1000;  // That an operator names, in all.

struct LabelAlias {
  std::string label;   // 1..kLabelNameBytesMax bytes.
  std::string value;   // As sent, 1..kLabelValueBytesMax bytes.
  std::string stored;  // Likewise. The same as `value`: it has no alias, not even a built-in one.
};

// `LABEL:VALUE=STORED`, split at the first ':' and the first '=' after it. kInvalidArgument says
// what is wrong.
Result<LabelAlias> parse_label_alias(std::string_view text);

// For `os`: the Windows versions that browsers name by kernel ("Windows NT 6.1" is "Windows 7"),
// and the devices of iOS.
const std::vector<LabelAlias>& default_label_aliases();

}  // namespace kpi::server
