#pragma once

#include <string>

#include "base/text_sink.h"
#include "interchange/export_view.h"

namespace ascribe {

/// The case as one MISP event in MISP core format (docs/formats/exports.md): attributes, file objects, tags, and rivals
/// as analyst notes with opinions. A threat actor is tagged only when the verdict passed the gate "likely".
[[nodiscard]] std::string ExportMisp(const ExportView& view);
/// The same, piece by piece.
void ExportMisp(const ExportView& view, const TextSink& sink);

}  // namespace ascribe
