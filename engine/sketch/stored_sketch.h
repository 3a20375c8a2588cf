// A Sketch from bytes that stood under a checksum, without walking over its bins.
#pragma once
#include <string_view>

#include "engine/sketch/sketch_view.h"
#include "kpi/result.h"
#include "kpi/sketch.h"

namespace kpi {

struct StoredSketch {
  // Checks what SketchView::parse() checks, so that every access is safe. kCorruption.
  static Result<Sketch> take(std::string_view bytes) {
    SketchView view;
    if (!view.read(bytes)) return Error{ErrorCode::kCorruption, "a stored sketch is damaged"};
    Sketch sketch;
    sketch.bytes_ = bytes;
    return sketch;
  }
};

}  // namespace kpi
