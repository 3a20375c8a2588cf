// What the files of a store tell without opening it.
#pragma once
#include <filesystem>

#include "tools/kpi_admin/doctor/examination.h"

namespace kpi::tools {

// Who has the store open to write.
Finding lock_holder(const std::filesystem::path& data_dir);
// Whether the file that tells of lost journal records can be believed.
Finding watermark(const std::filesystem::path& data_dir);

}  // namespace kpi::tools
