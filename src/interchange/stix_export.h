#pragma once

#include <string>

#include "base/text_sink.h"
#include "interchange/export_view.h"

namespace ascribe {

/// The case and its assessment as a STIX 2.1 bundle (docs/formats/stix-export.md). The same view gives the same bytes.
/// `attributed-to` stands in it only when the verdict passed the gate "likely".
[[nodiscard]] std::string ExportStix(const ExportView& view);
/// The same, piece by piece.
void ExportStix(const ExportView& view, const TextSink& sink);

}  // namespace ascribe
