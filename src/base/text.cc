#include "base/text.h"

#include <fmt/format.h>

#include <cstdint>

namespace ascribe {
namespace {

// Length of the well-formed UTF-8 sequence at text[i], and its code point; 0 when it is not well-formed
// (Unicode 15, table 3-7: no overlong forms, no surrogates, nothing above U+10FFFF).
std::size_t DecodeOne(std::string_view text, std::size_t i, std::uint32_t& code) {
  const auto byte = [&](std::size_t k) { return static_cast<std::uint8_t>(text[k]); };
  const std::uint8_t b0 = byte(i);
  if (b0 < 0x80) {
    code = b0;
    return 1;
  }
  std::size_t length = 0;
  std::uint32_t lowest = 0;
  if (b0 >= 0xC2 && b0 <= 0xDF) {
    length = 2, code = b0 & 0x1F, lowest = 0x80;
  } else if (b0 >= 0xE0 && b0 <= 0xEF) {
    length = 3, code = b0 & 0x0F, lowest = 0x800;
  } else if (b0 >= 0xF0 && b0 <= 0xF4) {
    length = 4, code = b0 & 0x07, lowest = 0x10000;
  } else {
    return 0;
  }
  if (i + length > text.size()) return 0;
  for (std::size_t k = 1; k < length; ++k) {
    if ((byte(i + k) & 0xC0) != 0x80) return 0;
    code = (code << 6) | (byte(i + k) & 0x3F);
  }
  if (code < lowest || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) return 0;
  return length;
}

bool IsInvisibleOrMoves(std::uint32_t c) {
  return c < 0x20 || (c >= 0x7F && c <= 0x9F) ||        // C0, DEL, C1
         c == 0xAD || c == 0x061C || c == 0x180E ||      // soft hyphen, Arabic letter mark, Mongolian separator
         (c >= 0x200B && c <= 0x200F) ||                 // zero width, LRM, RLM
         (c >= 0x2028 && c <= 0x202E) ||                 // separators, embeddings, overrides
         (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF ||  // joiners, isolates, BOM
         (c >= 0xFFF9 && c <= 0xFFFB) ||                 // interlinear annotation
         (c >= 0xE0000 && c <= 0xE007F);                 // tags
}

}  // namespace

std::string SanitizeUtf8(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size());
  for (std::size_t i = 0; i < bytes.size();) {
    std::uint32_t code = 0;
    const std::size_t length = DecodeOne(bytes, i, code);
    if (length == 0) {
      out += fmt::format("\\x{:02X}", static_cast<std::uint8_t>(bytes[i]));
      ++i;
    } else {
      out.append(bytes.substr(i, length));
      i += length;
    }
  }
  return out;
}

std::string TerminalSafe(std::string_view text) {
  const std::string clean = SanitizeUtf8(text);
  std::string out;
  out.reserve(clean.size());
  for (std::size_t i = 0; i < clean.size();) {
    std::uint32_t code = 0;
    const std::size_t length = DecodeOne(clean, i, code);
    if (code == '\n' || code == '\t' || code == '\r') {
      out += ' ';
    } else if (IsInvisibleOrMoves(code)) {
      out += fmt::format("<U+{:04X}>", code);
    } else {
      out.append(clean, i, length);
    }
    i += length;
  }
  return out;
}

std::string HtmlSafe(std::string_view text) {
  std::string out;
  for (char c : TerminalSafe(text)) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string Defang(std::string_view text) {
  std::string out(text);
  for (std::string_view scheme : {"https://", "http://"}) {
    for (std::size_t at = out.find(scheme); at != std::string::npos; at = out.find(scheme, at + 2))
      out.replace(at, 4, "hxxp");
  }
  std::size_t host_end = out.find("hxxp") == std::string::npos ? std::string::npos : out.find('/', out.find("://") + 3);
  const std::size_t dot = out.rfind('.', host_end == std::string::npos ? std::string::npos : host_end - 1);
  if (dot != std::string::npos) out.replace(dot, 1, "[.]");
  const std::size_t at = out.find('@');
  if (at != std::string::npos) out.replace(at, 1, "[@]");
  return out;
}

std::string CsvCell(std::string_view text) {
  std::string cell = SanitizeUtf8(text);
  if (!cell.empty() && std::string_view("=+-@\t\r").find(cell.front()) != std::string_view::npos) cell.insert(0, 1, '\'');
  if (cell.find_first_of(",\"\r\n") == std::string::npos) return cell;
  std::string quoted = "\"";
  for (char c : cell) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + "\"";
}

std::string AsciiLower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

std::string AsciiUpper(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return out;
}

std::string_view Trim(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n\f\v";
  const std::size_t first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

std::vector<std::string_view> Split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (std::size_t start = 0;;) {
    const std::size_t end = text.find(separator, start);
    parts.push_back(text.substr(start, end == std::string_view::npos ? end : end - start));
    if (end == std::string_view::npos) return parts;
    start = end + 1;
  }
}

bool StartsWithNoCase(std::string_view text, std::string_view prefix) {
  return text.size() >= prefix.size() && AsciiLower(text.substr(0, prefix.size())) == AsciiLower(prefix);
}

std::string Ellipsize(std::string_view text, std::size_t limit) {
  if (text.size() <= limit) return std::string(text);
  std::size_t cut = limit;
  while (cut > 0 && (static_cast<std::uint8_t>(text[cut]) & 0xC0) == 0x80) --cut;
  return std::string(text.substr(0, cut)) + "…";
}

std::string WrapText(std::string_view text, std::size_t width, std::size_t indent) {
  const auto columns = [](std::string_view word) {
    std::size_t n = 0;
    for (char c : word) n += (static_cast<std::uint8_t>(c) & 0xC0) != 0x80;
    return n;
  };
  std::string out;
  std::size_t column = 0;
  for (std::string_view word : Split(text, ' ')) {
    if (word.empty()) continue;
    std::size_t size = columns(word);
    // A word wider than a line is cut: text from evidence must not push a page out of shape.
    const std::size_t room = width > indent ? width - indent : 1;
    while (size > room) {
      std::size_t end = 0, taken = 0;
      while (taken < room || (end < word.size() && (static_cast<std::uint8_t>(word[end]) & 0xC0) == 0x80))
        taken += (static_cast<std::uint8_t>(word[end++]) & 0xC0) != 0x80;
      if (column > indent || (column > 0 && indent == 0)) {
        out += '\n';
        out.append(indent, ' ');
      }
      out += word.substr(0, end);
      column = width;
      word.remove_prefix(end);
      size = columns(word);
    }
    if (word.empty()) continue;
    if (column > 0 && column + 1 + size > width) {
      out += '\n';
      out.append(indent, ' ');
      column = indent;
    } else if (column > 0) {
      out += ' ';
      ++column;
    }
    out += word;
    column += size;
  }
  return out;
}

}  // namespace ascribe
