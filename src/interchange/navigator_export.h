#pragma once

#include <string>

#include "interchange/export_view.h"

namespace ascribe {

/// Layers for the ATT&CK Navigator, layer format 4.5, one file with a list: techniques of the case, one layer for each
/// of the leading actors (score: nats that the technique adds for it), techniques that tell them apart.
[[nodiscard]] std::string ExportNavigator(const ExportView& view);

}  // namespace ascribe
