#include "app/excerpt.h"

#include "base/json.h"
#include "base/text.h"
#include "ingest/utf16.h"

namespace ascribe {
namespace {

constexpr std::size_t kMaxExcerpt = 300;

std::optional<std::string_view> LineAt(std::string_view text, std::uint64_t number) {
  std::size_t start = 0;
  for (std::uint64_t line = 1; line < number; ++line) {
    start = text.find('\n', start);
    if (start == std::string_view::npos) return std::nullopt;
    ++start;
  }
  return text.substr(start, text.find('\n', start) - start);
}

std::optional<std::string> JsonAt(const Result<JsonDocument>& document, const std::string& pointer) {
  if (!document) return std::nullopt;
  simdjson::dom::element element;
  if (document->root().at_pointer(pointer).get(element) != simdjson::SUCCESS) return std::nullopt;
  return std::string(simdjson::minify(element));
}

}  // namespace

struct Excerpter::Parsed {
  Result<JsonDocument> document;
};
Excerpter::Excerpter(ByteView bytes) : bytes_(bytes) {}
Excerpter::~Excerpter() = default;

std::string ExcerptAt(ByteView bytes, const Locator& locator) { return Excerpter(bytes).At(locator); }

std::string Excerpter::At(const Locator& locator) {
  const ByteView bytes = bytes_;
  std::optional<std::string> text;
  if (LooksUtf16(bytes)) {
    if (locator.kind != Locator::Kind::kByteRange) return ExcerptAt(Utf16Text(bytes).text(), locator);
    if (const auto slice = bytes.Slice(locator.offset, locator.length)) text = Utf16Text::Part(bytes, *slice);
    return text ? TerminalSafe(Ellipsize(*text, kMaxExcerpt)) : std::string("(not found)");
  }
  switch (locator.kind) {
    case Locator::Kind::kWhole: return "(the whole file, by its hash)";
    case Locator::Kind::kPage: return "(extracted text of a page; open the PDF at this page)";
    case Locator::Kind::kByteRange:
      if (const auto slice = bytes.Slice(locator.offset, locator.length)) text = std::string(slice->text());
      break;
    case Locator::Kind::kTomlPath:
      if (locator.offset == 0) return locator.path;
      [[fallthrough]];
    case Locator::Kind::kLine:
      if (const auto line = LineAt(bytes.text(), locator.offset)) text = std::string(*line);
      break;
    case Locator::Kind::kJsonPointer:
      if (!json_) json_ = std::make_unique<Parsed>(Parsed{JsonDocument::Parse(bytes)});
      text = JsonAt(json_->document, locator.path);
      break;
  }
  return text ? TerminalSafe(Ellipsize(*text, kMaxExcerpt)) : std::string("(not found)");
}

}  // namespace ascribe
