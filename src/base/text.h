#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace ascribe {

/// Valid UTF-8 from any bytes: each byte that is not part of a well-formed sequence becomes the four characters \xNN,
/// so nothing is lost and everything downstream may rely on UTF-8.
[[nodiscard]] std::string SanitizeUtf8(std::string_view bytes);

/// For terminals: control characters, ESC, C1, bidirectional and zero-width code points are shown as <U+XXXX>; line
/// breaks and tabs become a space. Input is sanitised first. Attackers write evidence; nothing of it may move a cursor.
[[nodiscard]] std::string TerminalSafe(std::string_view text);

/// For HTML text and quoted attributes: TerminalSafe, then & < > " ' as entities.
[[nodiscard]] std::string HtmlSafe(std::string_view text);

/// Makes indicators unclickable: http -> hxxp, the last dot of a host -> [.], @ -> [@].
[[nodiscard]] std::string Defang(std::string_view text);

/// A CSV cell, RFC 4180 quoted when needed; a cell that a spreadsheet would run (= + - @ TAB CR) gets a leading '.
[[nodiscard]] std::string CsvCell(std::string_view text);

/// ASCII only; bytes above 127 are kept.
[[nodiscard]] std::string AsciiLower(std::string_view text);
[[nodiscard]] std::string AsciiUpper(std::string_view text);
[[nodiscard]] std::string_view Trim(std::string_view text);
[[nodiscard]] std::vector<std::string_view> Split(std::string_view text, char separator);
[[nodiscard]] bool StartsWithNoCase(std::string_view text, std::string_view prefix);

/// Cuts at most `limit` bytes at a UTF-8 boundary and appends "…" when something was cut.
[[nodiscard]] std::string Ellipsize(std::string_view text, std::size_t limit);

/// Lines of at most `width` columns (code points), broken at spaces; continuation lines begin with `indent` spaces.
[[nodiscard]] std::string WrapText(std::string_view text, std::size_t width, std::size_t indent);

}  // namespace ascribe
