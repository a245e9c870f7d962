#include "binary/pe_version.h"

#include <gtest/gtest.h>

#include <string>

namespace ascribe {
namespace {

void Put16(std::string& out, std::size_t value) {
  out += static_cast<char>(value);
  out += static_cast<char>(value >> 8);
}
void Pad(std::string& out) {
  while (out.size() % 4 != 0) out += '\0';
}

// A record of the structure; `value` is UTF-16 units as ASCII.
std::string Record(const std::string& key, const std::string& value, const std::string& children, bool text = true) {
  std::string out;
  for (int i = 0; i < 2; ++i) Put16(out, 0);
  Put16(out, text ? 1 : 0);
  for (char c : key) Put16(out, static_cast<unsigned char>(c));
  Put16(out, 0);
  Pad(out);
  if (text && !value.empty()) {
    for (char c : value) Put16(out, static_cast<unsigned char>(c));
    Put16(out, 0);
    out[2] = static_cast<char>(value.size() + 1);
    Pad(out);
  } else if (!value.empty()) {
    out += value;
    out[2] = static_cast<char>(value.size());
    Pad(out);
  }
  out += children;
  out[0] = static_cast<char>(out.size());
  out[1] = static_cast<char>(out.size() >> 8);
  return out;
}

std::string Version() {
  const std::string texts = Record("CompanyName", "Mill Works", "") + Record("OriginalFilename", "courier.exe", "");
  return Record("VS_VERSION_INFO", std::string(52, 'x'), Record("StringFileInfo", "", Record("040904b0", "", texts)), false);
}

TEST(PeVersion, TextsWithTheirPlaces) {
  const std::string file = "1234" + Version();
  const auto texts = ReadPeVersion(file, 4, file.size() - 4);
  ASSERT_EQ(texts.size(), 2u);
  EXPECT_EQ(texts[0].key, "CompanyName");
  EXPECT_EQ(texts[0].value, "Mill Works");
  EXPECT_EQ(texts[1].value, "courier.exe");
  EXPECT_EQ(file.substr(texts[1].offset, 4), std::string("c\0o\0", 4));
  EXPECT_EQ(texts[1].length, 22u);
}

TEST(PeVersion, AnyCutGivesWhatIsWhole) {
  const std::string whole = Version();
  for (std::size_t size = 0; size <= whole.size(); ++size)
    for (const PeVersionText& text : ReadPeVersion(std::string_view(whole).substr(0, size), 0, size)) EXPECT_LE(text.offset + text.length, size);
  for (std::size_t at = 0; at < whole.size(); ++at) {
    std::string damaged = whole;
    damaged[at] = '\xFF';
    for (const PeVersionText& text : ReadPeVersion(damaged, 0, damaged.size())) EXPECT_LE(text.offset + text.length, damaged.size());
  }
}

}  // namespace
}  // namespace ascribe
