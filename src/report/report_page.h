#pragma once

#include <string>
#include <string_view>

#include "report/page_json.h"

namespace ascribe {

/// report.html: one self-contained file that asks nobody for anything. The page built from web/ with the case's JSON put in,
/// and for readers without scripts the verdict, the rivals, the route and the evidence as plain HTML. Evidence strings are
/// inert: JSON holds no '<', HTML is escaped, the content security policy of the page names its own script by hash.
[[nodiscard]] std::string ReportPage(const PageInput& input);

/// The excerpts that stand in a report page, to render it again without the evidence; empty for anything else.
[[nodiscard]] Excerpts ExcerptsInPage(std::string_view page);

/// The JSON that stands in a report page; empty for anything else.
[[nodiscard]] std::string_view JsonInPage(std::string_view page);

}  // namespace ascribe
