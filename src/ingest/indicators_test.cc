#include "ingest/indicators.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "ingest/host_names.h"
#include "ingest/refang.h"

namespace ascribe {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> Found(std::string_view text) {
  std::vector<std::string> found;
  for (const IndicatorHit& hit : FindIndicators(text).hits) found.push_back(hit.entity.ToString());
  return found;
}

TEST(Refang, KeepsOriginalPositions) {
  const Refanged line("x hxxp[:]//a[.]example(dot)com/p y");
  EXPECT_EQ(line.text(), "x http://a.example.com/p y");
  EXPECT_EQ(line.Begin(2), 2u);
  EXPECT_EQ(line.End(24), 32u);
  EXPECT_TRUE(line.Defanged(2, 10));
  EXPECT_FALSE(line.Defanged(0, 2));
  EXPECT_FALSE(Refanged("plain text (see above).").Defanged(0, 22));
}

TEST(Indicators, EverySpellingOfDefanging) {
  for (std::string_view text :
       {"evil[.]com", "evil(.)com", "evil{.}com", "evil[dot]com", "evil(dot)com", "evil[DOT]com", "evil dot com",
        "evil [.] com", "evil [dot] com", "evil[.com", "evil.]com"}) {
    const IndicatorScan scan = FindIndicators(text);
    ASSERT_EQ(scan.hits.size(), 1u) << text;
    EXPECT_EQ(scan.hits[0].entity.ToString(), "domain:evil.com") << text;
    EXPECT_TRUE(scan.hits[0].defanged) << text;
    EXPECT_EQ(scan.hits[0].offset, 0u) << text;
    EXPECT_EQ(scan.hits[0].length, text.size()) << text;
  }
  for (std::string_view text : {"hxxp://evil.com/a", "hXXp://evil[.]com/a", "http[:]//evil.com/a",
                                "hxxp[://]evil[.]com/a", "h**p://evil.com/a", "htxp://evil.com/a"})
    EXPECT_THAT(Found(text), ElementsAre("url:http://evil.com/a")) << text;
  EXPECT_THAT(Found("mail joe[@]evil[.]com or jim[at]evil.com."),
              ElementsAre("email:joe@evil.com", "email:jim@evil.com"));
  EXPECT_THAT(Found("203.0.113[.]7 and 2001[:]db8::1"), ElementsAre("ipv4:203.0.113.7", "ipv6:2001:db8::1"));
  EXPECT_THAT(Found("put a dot in the middle, a dot at the end"), IsEmpty());
}

TEST(Indicators, OffsetsAreThoseOfTheOriginal) {
  const std::string text = "first\nC2: hxxp://a[.]evil[.]com:8080/x.php, then 198.51.100[.]20.\n";
  const IndicatorScan scan = FindIndicators(text);
  ASSERT_EQ(scan.hits.size(), 2u);
  EXPECT_EQ(text.substr(scan.hits[0].offset, scan.hits[0].length), "hxxp://a[.]evil[.]com:8080/x.php");
  EXPECT_EQ(scan.hits[0].entity.value, "http://a.evil.com:8080/x.php");
  EXPECT_EQ(text.substr(scan.hits[1].offset, scan.hits[1].length), "198.51.100[.]20");
}

TEST(Indicators, Hashes) {
  EXPECT_THAT(
      Found("md5 0123456789ABCDEF0123456789abcdef, sha1=da39a3ee5e6b4b0d3255bfef95601890afd80700"),
      ElementsAre("file-md5:0123456789abcdef0123456789abcdef", "file-sha1:da39a3ee5e6b4b0d3255bfef95601890afd80700"));
  EXPECT_THAT(Found("|" + std::string(32, 'a') + std::string(32, 'b') + "|"),
              ElementsAre("file-sha256:" + std::string(32, 'a') + std::string(32, 'b')));
  EXPECT_THAT(Found("0123456789abcdef0123456789abcde"), IsEmpty()) << "31 digits";
  EXPECT_THAT(Found("0123456789abcdef0123456789abcdef0"), IsEmpty()) << "33 digits";
  EXPECT_THAT(Found("12345678901234567890123456789012"), IsEmpty()) << "a decimal number";
  EXPECT_THAT(Found(std::string(32, '0')), IsEmpty());
  EXPECT_THAT(Found("d41d8cd98f00b204e9800998ecf8427e"), IsEmpty()) << "MD5 of nothing";
}

TEST(Indicators, AddressesAndNotVersions) {
  EXPECT_THAT(Found("203.0.113.5:443 and (198.51.100.9)."), ElementsAre("ipv4:203.0.113.5", "ipv4:198.51.100.9"));
  EXPECT_THAT(Found("version 1.2.3.4, v1.2.3.4, ver. 1.2.3.4, v 1.2.3.4, build: 6.1.76.1"), IsEmpty());
  EXPECT_THAT(Found("Chrome/49.0.26.112 Firefox/3.6.0.12"), IsEmpty());
  EXPECT_THAT(Found("1.2.3.4.5 and 1.3.6.1.4.1.311.2.1.4 and 999.1.1.1 and 1.2.3"), IsEmpty());
  EXPECT_THAT(Found("203.0.113.0/24, 203.0.113.7/8080"), ElementsAre("cidr:203.0.113.0/24", "ipv4:203.0.113.7"));
  EXPECT_THAT(Found("2001:db8::1 2001:db8::/32 fe80::1 at 12:30:45, std::vector, 00:11:22:33:44:55, ab::cd"),
              ElementsAre("ipv6:2001:db8::1", "cidr:2001:db8::/32", "ipv6:fe80::1"));
  for (std::string_view text :
       {"10.1.2.3", "192.168.0.1", "127.0.0.1", "172.31.0.9", "224.0.0.1", "169.254.1.1", "100.64.0.1"}) {
    const IndicatorScan scan = FindIndicators(text);
    ASSERT_EQ(scan.hits.size(), 1u) << text;
    EXPECT_TRUE(scan.hits[0].reserved) << text;
  }
  EXPECT_FALSE(FindIndicators("203.0.113.5").hits.at(0).reserved);
  EXPECT_FALSE(FindIndicators("172.32.0.1").hits.at(0).reserved);
}

TEST(Indicators, HostsAndWhatOnlyLooksLikeOne) {
  EXPECT_THAT(Found("c2 is mail.evil.co.kr; also EVIL.COM and xn--e1afmkfd.xn--p1ai"),
              ElementsAre("domain:mail.evil.co.kr", "domain:evil.com", "domain:xn--e1afmkfd.xn--p1ai"));
  EXPECT_THAT(
      Found("net_ver.dat README.md e.g. i.e. setup.py main.cc ASP.NET System.IO U.S. the end.It was process.name"),
      IsEmpty());
  EXPECT_THAT(Found("report.pdf, foo.exe.bak, socket.in(1), user@host, a.b.c"), IsEmpty());
  EXPECT_THAT(Found("main[.]cc and odd[.]example"), ElementsAre("domain:main.cc", "domain:odd.example"));
  EXPECT_THAT(Found("\xD0\xB0pple.com"), ElementsAre("domain:\xD0\xB0pple.com"))
      << "a Cyrillic a stays part of the name";
  EXPECT_THAT(Found("\xE8\xAB\x8B\xE8\xA8\xAA"
                    "evil.com\xE3\x80\x82"),
              ElementsAre("domain:evil.com"));
  EXPECT_THAT(Found("evil[.]com/gate.php?id=1 next.com"), ElementsAre("domain:evil.com", "domain:next.com"));
}

TEST(Indicators, UrlsSwallowTheirHostAndFile) {
  EXPECT_THAT(Found("(see https://evil.com/a_(b)/c.exe), [x](http://evil.org)"),
              ElementsAre("url:https://evil.com/a_(b)/c.exe", "url:http://evil.org/"));
  EXPECT_THAT(Found("http://localhost/x.exe http://%s/%d.php"), IsEmpty());
  EXPECT_THAT(Found("http://[2001:db8::1]/x tcp://203.0.113.9:443"),
              ElementsAre("url:http://[2001:db8::1]/x", "url:tcp://203.0.113.9:443/"));
  EXPECT_THAT(Found("https://attack.mitre.org/techniques/T1059/001/ https://attack.mitre.org/groups/"),
              ElementsAre("technique:T1059.001"));
}

TEST(Indicators, FilesPathsKeysAndMutexes) {
  EXPECT_THAT(Found("drops igfxtrayex.exe, Net_Ver.DLL and invoice.pdf.exe; an .exe file"),
              ElementsAre("file-name:igfxtrayex.exe", "file-name:net_ver.dll", "file-name:invoice.pdf.exe"));
  EXPECT_THAT(Found(R"(at C:\Windows\System32\x.exe, "C:\Program Files\Common Files\y.dll" and %TEMP%\z\q.tmp.)"),
              ElementsAre(R"(file-path:C:\Windows\System32\x.exe)", R"(file-path:C:\Program Files\Common Files\y.dll)",
                          R"(file-path:%TEMP%\z\q.tmp)"));
  EXPECT_THAT(Found(R"(PDB: E:\my work\wiper two\Release\wiper two.pdb)"),
              ElementsAre(R"(pdb-path:E:\my work\wiper two\Release\wiper two.pdb)"));
  EXPECT_THAT(Found(R"("D:\\a\\b.pdb")"), ElementsAre(R"(pdb-path:D:\a\b.pdb)"));
  EXPECT_THAT(Found(R"(HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Run and HKEY_CURRENT_USER\Software\X.)"),
              ElementsAre(R"(registry-key:HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Run)",
                          R"(registry-key:HKEY_CURRENT_USER\Software\X)"));
  EXPECT_THAT(Found(R"(mutex Global\FwtSqmSession106839323_S-1-5-20, or "Local\abc".)"),
              ElementsAre(R"(mutex:Global\FwtSqmSession106839323_S-1-5-20)", R"(mutex:Local\abc)"));
  EXPECT_THAT(Found(R"(AppData\Local\Temp\ and Local\Microsoft\x)"), IsEmpty());
}

TEST(Indicators, TechniquesAndCves) {
  const IndicatorScan scan = FindIndicators("uses T1059.001, T1486 and t1234; T1000-X; CVE-2017-0144 (cve-2014-4114)");
  ASSERT_EQ(scan.hits.size(), 2u);
  EXPECT_EQ(scan.hits[0].entity.value, "T1059.001");
  ASSERT_EQ(scan.cves.size(), 2u);
  EXPECT_EQ(scan.cves[1].id, "CVE-2014-4114");
}

TEST(Indicators, AnyBytes) {
  std::string bytes;
  for (int i = 0; i < 70000; ++i) bytes += static_cast<char>((i * 31 + i / 7) & 0xFF);
  for (const IndicatorHit& hit : FindIndicators(bytes).hits) EXPECT_LE(hit.offset + hit.length, bytes.size());
  EXPECT_THAT(Found(""), IsEmpty());
  EXPECT_THAT(Found(std::string("\0evil[.]com\0", 12)), ElementsAre("domain:evil.com"));
}

// Each of these would be quadratic in a backtracking matcher; here a mebibyte takes well below the ten seconds allowed.
TEST(Indicators, HostileLinesStayLinear) {
  const auto begin = std::chrono::steady_clock::now();
  for (std::string_view unit : {"a.", "1.", "a:", "C:\\a ", "C:\\a\\", "http://", ")", "x@y.", "[.]", "HKLM\\a b ",
                                "Global\\", "a dot ", "0", "hxxp", ".exe", "[", "http://a.com/)"}) {
    std::string text;
    while (text.size() < (std::size_t{1} << 18)) text += unit;
    (void)FindIndicators(text);
  }
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(40));
}

TEST(HostNames, RegistrablePartAndUrlHost) {
  EXPECT_EQ(RegistrableDomain("www.Blog.Example.com"), "example.com");
  EXPECT_EQ(RegistrableDomain("a.b.co.uk"), "b.co.uk");
  EXPECT_EQ(UrlHost("https://u:p@Host.example:8080/x?y@z"), "host.example");
  EXPECT_EQ(UrlHost("nothing"), "");
}

}  // namespace
}  // namespace ascribe
