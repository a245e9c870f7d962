#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "interchange/export_view.h"
#include "model/code_comparison.h"

namespace ascribe {

/// The assessment as Markdown (CommonMark with GitHub's tables and footnotes): verdict, rivals, what speaks against it,
/// the evidence with the SHA-256 of its files as footnotes. Nothing that evidence says becomes markup, a link or an
/// image. `code`: what code links are shown with, told in a line a function; known samples have no marking of their own, so it is
/// left out where the whole case may not go.
[[nodiscard]] std::string ExportMarkdown(const ExportView& view, const std::vector<CodeComparison>& code = {});

/// Text as Markdown shows it: no control characters, and every character escaped that could begin markup or a link.
[[nodiscard]] std::string MarkdownSafe(std::string_view text);

}  // namespace ascribe
