#include "ingest/stix.h"

#include <string>

#include "base/json.h"
#include "base/text.h"
#include "ingest/fact_sink.h"
#include "ingest/stix_graph.h"
#include "ingest/stix_reading.h"

namespace ascribe {

int SniffStix(ByteView head, std::string_view file_name) {
  const std::string_view text = head.text();
  const bool named =
      AsciiLower(file_name).ends_with(".stix") || AsciiLower(file_name).find("stix") != std::string::npos;
  // An empty .json is a truncated bundle more likely than anything else; the reader says that it is empty.
  const bool json_name = named || AsciiLower(file_name).ends_with(".json");
  if (!LooksLikeJson(text)) return json_name && head.empty() ? 5 : 0;
  if (HeadHasMember(text, "type", "bundle")) return 95;
  // A TAXII envelope or a bare list: some object must have an id of the form type--uuid.
  const bool ids = text.find("--") != std::string_view::npos && HeadHasMember(text, "spec_version", "");
  if (ids && (HeadHasMember(text, "objects", "") || HeadHasMember(text, "created", ""))) return 70;
  return named ? 20 : 0;
}

Reading ReadStix(ByteView bytes, std::string_view /*file_name*/) {
  FactSink sink(kStixExtractor);
  const auto document = JsonDocument::Parse(bytes);
  if (!document) {
    const bool limit = document.error().code == ErrorCode::kLimitExceeded;
    sink.Diagnose(Diagnostic::Severity::kError, limit ? "limit-json" : "json-syntax", "",
                  "not read: " + document.error().message);
    return sink.Take();
  }
  simdjson::dom::array objects;
  std::string pointer;
  if (document->root().get(objects) != simdjson::SUCCESS) {
    if (document->root()["objects"].get(objects) != simdjson::SUCCESS) {
      sink.Diagnose(Diagnostic::Severity::kError, "stix-no-objects", "",
                    "no list of objects: an empty bundle, or no STIX");
      return sink.Take();
    }
    pointer = "/objects";
  }
  const StixGraph graph(objects, pointer);
  if (graph.is_knowledge()) {
    sink.Diagnose(Diagnostic::Severity::kError, "knowledge-file", "",
                  "this is an ATT&CK release, not evidence: add it with `ascribe kb add`");
    return sink.Take();
  }
  StixReading reading(graph, sink);
  reading.ReadObjects();
  reading.ReadRelations();
  return sink.Take();
}

}  // namespace ascribe
