#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>

#include "base/bytes.h"

namespace ascribe {

/// What a reader says about a program, each statement as one text, so that two readers can be compared set by set.
struct ProgramView {
  std::set<std::string> headers;    ///< "entry 401000", "time 5470d39e"…
  std::set<std::string> sections;   ///< name, address, sizes, offset
  std::set<std::string> imports;    ///< library, name, slot where the reader knows it
  std::set<std::string> exports;    ///< address and name
  std::set<std::string> libraries;  ///< that the loader needs
  std::set<std::string> functions;  ///< addresses: symbols, TLS callbacks
  std::set<std::string> rich;       ///< product, build, count
  std::set<std::string> debug;      ///< paths of PDB files
  std::set<std::string> languages;  ///< of resources
};

/// As LIEF reads it; nullopt when it refuses the file. In a file of its own, and only built when LIEF is there.
[[nodiscard]] std::optional<ProgramView> ReadWithLief(ByteView file);

[[nodiscard]] std::string HexText(std::uint64_t number);

}  // namespace ascribe
