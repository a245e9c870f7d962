#include "report/code_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/text.h"
#include "code/linked_code.h"

namespace ascribe {
namespace {

using Json = nlohmann::ordered_json;
using Element = simdjson::dom::element;

// Texts that the reader takes back; hashes, ids, labels and reasons are all shorter.
constexpr std::size_t kMaxText = 2000;
// x86 has 15 bytes an instruction, and no text of one is longer than the formatter's buffer.
constexpr std::size_t kMaxInstructionHex = 32, kMaxInstructionText = 256, kMaxOperands = 8;
constexpr std::string_view kMarks = "=~<>";

Json TextOrNull(const std::string& text) { return text.empty() ? Json(nullptr) : Json(SanitizeUtf8(text)); }
std::string Hex(std::uint64_t address) { return fmt::format("{:x}", address); }

Json ToJson(const CodeSide& side) {
  if (side.bytes.empty()) return nullptr;
  Json out = Json::array({Hex(side.address), side.offset, side.bytes, side.text});
  if (!side.differs.empty()) out.push_back(side.differs);
  return out;
}

Json ToJson(const FunctionComparison::Function& f) {
  return {{"address", Hex(f.address)}, {"offset", f.offset}, {"bytes", f.size}, {"blocks", f.blocks}};
}

Json ToJson(const FunctionComparison& f) {
  Json rows = Json::array();
  for (const CodeRow& row : f.rows)
    rows.push_back(Json::array({std::string(1, kMarks[static_cast<std::size_t>(row.likeness)]), row.equal_block ? 2 : row.begins_block ? 1 : 0, ToJson(row.a), ToJson(row.b)}));
  return {{"a", ToJson(f.a)},
          {"b", ToJson(f.b)},
          {"shares", f.shares},
          {"missing", TextOrNull(f.missing)},
          {"equal", f.equal},
          {"other_operands", f.other_operands},
          {"only_a", f.only_a},
          {"only_b", f.only_b},
          {"blocks_equal", f.blocks_equal},
          {"rows_before", f.rows_before},
          {"rows_after", f.rows_after},
          {"cut", f.cut},
          {"rows", std::move(rows)}};
}

// Reading back. The first wrong member ends it.
class In {
 public:
  explicit In(Element element) : element_(element) {}
  std::string Text(std::string_view key, std::size_t limit = kMaxText) {
    const std::string_view text = JsonText(element_, key);
    if (text.size() > limit) good = false;
    return std::string(text.substr(0, limit));
  }
  std::uint64_t Number(std::string_view key) {
    std::uint64_t value = 0;
    if (element_[key].get(value) != simdjson::SUCCESS) good = false;
    return value;
  }
  bool Flag(std::string_view key) {
    bool value = false;
    if (element_[key].get(value) != simdjson::SUCCESS) good = false;
    return value;
  }
  std::uint64_t Address(std::string_view key) { return ParseAddress(Text(key, 16)); }
  std::uint64_t ParseAddress(std::string_view text) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
    if (error != std::errc() || end != text.data() + text.size()) good = false;
    return value;
  }
  simdjson::dom::array List(std::string_view key, std::size_t limit) {
    simdjson::dom::array list;
    if (element_[key].get(list) != simdjson::SUCCESS || list.size() > limit) {
      good = false;
      return {};
    }
    return list;
  }
  bool good = true;

 private:
  Element element_;
};

bool ReadSide(Element element, CodeSide& side) {
  if (element.is_null()) return true;
  simdjson::dom::array row;
  std::string_view address, bytes, text;
  if (element.get(row) != simdjson::SUCCESS || row.at(0).get(address) != simdjson::SUCCESS || row.at(1).get(side.offset) != simdjson::SUCCESS ||
      row.at(2).get(bytes) != simdjson::SUCCESS || row.at(3).get(text) != simdjson::SUCCESS)
    return false;
  In in(element);
  side.address = in.ParseAddress(address);
  if (!in.good || bytes.empty() || bytes.size() > kMaxInstructionHex || text.size() > kMaxInstructionText) return false;
  if (bytes.find_first_not_of("0123456789abcdef") != std::string_view::npos) return false;
  side.bytes = std::string(bytes);
  side.text = std::string(text);
  simdjson::dom::array differs;
  if (row.at(4).get(differs) != simdjson::SUCCESS) return row.size() == 4;
  if (differs.size() > kMaxOperands) return false;
  for (const Element span : differs) {
    std::uint64_t begin = 0, length = 0;
    if (span.at(0).get(begin) != simdjson::SUCCESS || span.at(1).get(length) != simdjson::SUCCESS) return false;
    if (begin > text.size() || length > text.size() - begin) return false;
    side.differs.emplace_back(static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(length));
  }
  return true;
}

bool ReadRow(Element element, CodeRow& row) {
  std::string_view mark;
  std::uint64_t block = 0;
  simdjson::dom::array items;
  Element a, b;
  if (element.get(items) != simdjson::SUCCESS || items.size() != 4 || items.at(0).get(mark) != simdjson::SUCCESS || items.at(1).get(block) != simdjson::SUCCESS ||
      items.at(2).get(a) != simdjson::SUCCESS || items.at(3).get(b) != simdjson::SUCCESS)
    return false;
  const std::size_t likeness = mark.size() == 1 ? kMarks.find(mark) : std::string_view::npos;
  if (likeness == std::string_view::npos || block > 2) return false;
  row.likeness = static_cast<CodeRow::Likeness>(likeness);
  row.begins_block = block > 0;
  row.equal_block = block == 2;
  return ReadSide(a, row.a) && ReadSide(b, row.b);
}

bool ReadSideOfFunction(Element parent, std::string_view key, FunctionComparison::Function& f) {
  Element element;
  if (parent[key].get(element) != simdjson::SUCCESS) return false;
  In in(element);
  f.address = in.Address("address");
  f.offset = in.Number("offset");
  f.size = in.Number("bytes");
  f.blocks = static_cast<std::size_t>(in.Number("blocks"));
  return in.good;
}

bool ReadFunction(Element element, FunctionComparison& f) {
  if (!ReadSideOfFunction(element, "a", f.a) || !ReadSideOfFunction(element, "b", f.b)) return false;
  In in(element);
  f.shares = in.Text("shares");
  f.missing = in.Text("missing");
  const auto number = [&](std::string_view key) { return static_cast<std::size_t>(in.Number(key)); };
  f.equal = number("equal");
  f.other_operands = number("other_operands");
  f.only_a = number("only_a");
  f.only_b = number("only_b");
  f.blocks_equal = number("blocks_equal");
  f.rows_before = number("rows_before");
  f.rows_after = number("rows_after");
  f.cut = in.Flag("cut");
  for (const Element item : in.List("rows", kShownRows)) {
    f.rows.emplace_back();
    if (!ReadRow(item, f.rows.back())) return false;
  }
  return in.good;
}

bool ReadComparison(Element element, CodeComparison& c) {
  In in(element);
  c.claim = in.Text("claim");
  c.fact = in.Text("fact");
  c.sample = in.Text("sample");
  c.other = in.Text("other");
  c.family = in.Text("family");
  c.label = in.Text("other_label");
  if (const std::string day = in.Text("other_known"); !day.empty()) {
    const std::optional<Time> known = ParseTime(day);
    if (!known || known->precision != Time::Precision::kDay) return false;
    c.known = known->FirstDay();
  }
  c.in_case = in.Flag("other_in_case");
  c.missing = in.Text("missing");
  c.functions_not_shown = static_cast<std::size_t>(in.Number("functions_not_shown"));
  for (const Element item : in.List("functions", kShownFunctions)) {
    c.functions.emplace_back();
    if (!ReadFunction(item, c.functions.back())) return false;
  }
  return in.good;
}

}  // namespace

std::string CodeToJson(const std::vector<CodeComparison>& code) {
  Json out = Json::array();
  for (const CodeComparison& c : code) {
    Json functions = Json::array();
    for (const FunctionComparison& f : c.functions) functions.push_back(ToJson(f));
    out.push_back({{"claim", c.claim},
                   {"fact", c.fact},
                   {"sample", c.sample},
                   {"family", c.family},
                   {"other", c.other},
                   {"other_label", SanitizeUtf8(c.label)},
                   {"other_known", c.known ? Json(c.known->ToString()) : Json(nullptr)},
                   {"other_in_case", c.in_case},
                   {"missing", TextOrNull(c.missing)},
                   {"functions", std::move(functions)},
                   {"functions_not_shown", c.functions_not_shown}});
  }
  return out.dump();
}

Result<std::vector<CodeComparison>> CodeOfAssessment(ByteView assessment) {
  TRY_ASSIGN(const JsonDocument document, JsonDocument::Parse(assessment));
  std::vector<CodeComparison> code;
  simdjson::dom::array list;
  if (document.root()["code"].get(list) != simdjson::SUCCESS) return code;
  std::size_t rows = 0;
  for (const Element element : list) {
    CodeComparison comparison;
    bool good = ReadComparison(element, comparison);
    for (const FunctionComparison& f : comparison.functions) rows += f.rows.size();
    good = good && rows <= kShownRowsOfCase;
    if (!good) return Fail(ErrorCode::kCorrupt, fmt::format("code[{}] is not what the engine writes", code.size()));
    code.push_back(std::move(comparison));
  }
  return code;
}

}  // namespace ascribe
