// Which names the events and figures of a damaged store use, whether or not the names can be read.
#pragma once
#include <string_view>

#include "engine/key/key.h"
#include "engine/salvage/lost_names.h"

namespace kpi {

// What cannot be read adds nothing: the values are checked when they are taken over.
void add_uses_of_chunk(const RawKey& key, std::string_view value, LostNames* names);
void add_uses_of_cell(const CellKey& key, std::string_view value, LostNames* names);
void add_uses_of_record(std::string_view record, LostNames* names);

}  // namespace kpi
