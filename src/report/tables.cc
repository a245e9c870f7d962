#include "report/tables.h"

#include <fmt/format.h>

#include "base/text.h"
#include "store/known_after.h"

namespace ascribe {

void FactsToCsv(const CaseData& data, const std::optional<Date>& as_of, const TextSink& sink) {
  constexpr std::size_t kPiece = std::size_t{1} << 16;
  std::string out = "id,subject,relation,object,known_on,source,grade,verified,evidence,file,locator,extractor,after_as_of\r\n";
  for (const Fact& f : data.facts) {
    const Source* source = data.FindSource(f.source);
    const Evidence* evidence = data.FindEvidence(f.evidence);
    const std::string cells[] = {f.Id(), f.subject.ToString(), std::string(RelationName(f.relation)), f.object.ToString(),
                                 f.known_on ? f.known_on->ToString() : "", f.source, source != nullptr ? source->grade.ToString() : "",
                                 std::string(VerificationName(f.verification)), f.evidence, evidence != nullptr ? evidence->name : "",
                                 f.locator.ToString(), f.extractor, KnownAfter(f, as_of) ? "true" : "false"};
    bool first = true;
    for (const std::string& cell : cells) {
      if (!first) out += ',';
      first = false;
      out += CsvCell(cell);
    }
    out += "\r\n";
    if (out.size() < kPiece) continue;
    sink(out);
    out.clear();
  }
  sink(out);
}

std::string FactsToCsv(const CaseData& data, const std::optional<Date>& as_of) {
  std::string text;
  FactsToCsv(data, as_of, [&](std::string_view piece) { text += piece; });
  return text;
}

}  // namespace ascribe
