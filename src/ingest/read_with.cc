#include <fmt/format.h>

#include "ingest/reader.h"
#include "ingest/utf16.h"

namespace ascribe {
namespace {

// Turns places in the decoded text into places in the file. Readers give lines in ascending order, so the walk along the
// lines begins anew at most once for the facts and once for the diagnostics.
class Relocation {
 public:
  explicit Relocation(const Utf16Text& text) : text_(text) {}

  void Apply(Locator& at) {
    if (at.kind == Locator::Kind::kByteRange) {
      const std::size_t begin = text_.Begin(at.offset);
      at.length = at.length == 0 ? 0 : text_.End(at.offset + at.length) - begin;
      at.offset = begin;
    } else if (at.kind == Locator::Kind::kLine && at.length > 0) {  // the number stays, the bytes of the line do not
      const std::size_t start = StartOf(at.offset);
      at.length = text_.End(start + at.length) - text_.Begin(start);
    }
  }

 private:
  std::size_t StartOf(std::uint64_t line) {
    if (line < line_) line_ = 1, start_ = 0;
    for (; line_ < line; ++line_) {
      const std::size_t end = text_.text().find('\n', start_);
      if (end == std::string::npos) break;
      start_ = end + 1;
    }
    return start_;
  }

  const Utf16Text& text_;
  std::uint64_t line_ = 1;
  std::size_t start_ = 0;
};

}  // namespace

Reading ReadWith(const Reader& reader, ByteView bytes, std::string_view file_name) {
  if (!reader.text || !LooksUtf16(bytes)) return reader.read(bytes, file_name);
  const Utf16Text decoded(bytes);
  Reading reading = reader.read(decoded.text(), file_name);
  Relocation relocation(decoded);
  for (Fact& fact : reading.facts) relocation.Apply(fact.locator);
  for (Diagnostic& diagnostic : reading.diagnostics) relocation.Apply(diagnostic.locator);
  const auto odd = [&](Locator at, std::string code, std::string text) {
    reading.diagnostics.push_back({Diagnostic::Severity::kWarning, {}, std::move(at), std::move(code), std::move(text)});
  };
  if (decoded.bad() > 0)
    odd({Locator::Kind::kByteRange, decoded.first_bad(), 1, {}}, "bad-utf16",
        fmt::format("{} places are no UTF-16, the first at 0x{:x}; read as U+FFFD", decoded.bad(), decoded.first_bad()));
  if (bytes.size() > kMaxUtf16Bytes)
    odd({}, "limit-utf16", fmt::format("only the first {} MiB of text in UTF-16 are read; save it as UTF-8", kMaxUtf16Bytes >> 20));
  return reading;
}

}  // namespace ascribe
