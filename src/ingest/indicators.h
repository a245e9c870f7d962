#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "model/entity.h"

namespace ascribe {

/// One indicator in a text, with the bytes it stands on (as written, defanging included).
struct IndicatorHit {
  std::size_t offset = 0, length = 0;
  Entity entity;
  bool defanged = false;  ///< written so that nobody can click it: its author meant an indicator
  bool reserved = false;  ///< an address of private, loopback, link-local, multicast or unassigned space (RFC 6890).
                          ///< Documentation ranges (RFC 5737, RFC 3849) are not flagged: fictional cases use them.
};

/// A CVE id in a text: named in diagnostics, no fact (it says what was attacked, not by whom).
struct CveMention {
  std::size_t offset = 0, length = 0;
  std::string id;
};

struct IndicatorScan {
  std::vector<IndicatorHit> hits;  ///< ascending by offset, never overlapping
  std::vector<CveMention> cves;    ///< ascending by offset
  bool cut = false;                ///< kMaxIndicatorHits was reached and the rest left out
};

/// Finds indicators in any bytes (text need not be UTF-8), in linear time, the same ones on every run. A hit inside a
/// larger one is not reported: the host of a URL, the file name at the end of a path. Hashes of empty input, version
/// numbers, namespaces and file names are told from addresses and hosts; see host_names.h for what counts as a host.
[[nodiscard]] IndicatorScan FindIndicators(std::string_view text);

/// One text with more is a dump, not a report: feeds belong into CSV or STIX. 1,000,000 hits take some 150 MiB.
inline constexpr std::size_t kMaxIndicatorHits = 1'000'000;
/// Longer lines are scanned in pieces of this size, cut at blanks: it bounds memory and the work of one expression.
inline constexpr std::size_t kMaxIndicatorLine = 64 * 1024;

}  // namespace ascribe
