#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "model/source.h"

namespace ascribe {

/// One piece of evidence: bytes with a SHA-256, where they came from and how far to trust them.
struct Evidence {
  std::string sha256;  ///< the id
  std::string name;    ///< path inside the case, '/' separated
  std::uint64_t size = 0;
  std::string media;   ///< what the bytes are: "stix-2.1", "misp-event", "facts-ndjson", "pe"…
  std::string parent;  ///< sha256 of the evidence it was found in; empty: it is a file of the case
  std::string source;  ///< Source id
  Tlp tlp = Tlp::kAmber;
  std::optional<Time> acquired_at;
  std::optional<Time> known_on;
  std::string reader;  ///< name@version of the reader that took it in; empty: none recognised it
  bool operator==(const Evidence&) const = default;
};

}  // namespace ascribe
