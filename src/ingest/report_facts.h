#pragma once

#include <cstddef>
#include <functional>
#include <string_view>

#include "ingest/boilerplate.h"
#include "model/locator.h"
#include "model/reading.h"

namespace ascribe {

/// How a position in the text becomes a position in the evidence.
using LocateText = std::function<Locator(std::size_t offset, std::size_t length)>;

/// What every reader of reports makes of text: indicators become facts about incident:self, each value once, at its
/// first mention that is no boilerplate. `observed` for what a network or a disk shows, `contains` for what stands
/// inside files (mutexes, PDB paths, registry keys), `uses` for techniques. Left out, each with one info diagnostic:
/// boilerplate ("boilerplate"), addresses that name no machine on the internet
/// ("reserved-address"), CVE ids ("cve-mentioned"). Beyond kMaxIndicatorHits: warning "limit-indicators".
void AppendReportFacts(const ReportLayout& layout, std::string_view extractor, const LocateText& locate, Reading& out);

}  // namespace ascribe
