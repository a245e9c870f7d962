#include "serve/policy.h"

#include <gtest/gtest.h>

namespace ascribe::serve {
namespace {

TEST(Policy, OnlyLoopbackIsLoopback) {
  for (const char* host : {"localhost", "LocalHost", "127.0.0.1", "127.1.2.3", "::1"})
    EXPECT_TRUE(IsLoopback(host)) << host;
  for (const char* host : {"", "0.0.0.0", "::", "127.0.0.1.evil.example", "127.evil", "10.0.0.1", "192.168.1.1",
                           "localhost.example", "::ffff:10.0.0.1"})
    EXPECT_FALSE(IsLoopback(host)) << host;
}

TEST(Policy, AWildcardTakesAddressesButNoNames) {
  const Policy policy = MakePolicy("0.0.0.0", 9000, "0123456789abcdef", false);
  const auto status = [&](const char* host) {
    const auto refusal = CheckSender(policy, {"GET", "/", {{"Host", host}}});
    return refusal ? refusal->status : 200;
  };
  for (const char* host : {"10.1.2.3:9000", "[fe80::1]:9000", "localhost:9000"}) EXPECT_EQ(status(host), 200) << host;
  for (const char* host :
       {"evil.example:9000", "10.1.2.3:80", "10.1.2.3", "10.1.2.3.evil.example:9000", ":9000", "[]:9000"})
    EXPECT_EQ(status(host), 421) << host;
  const Policy narrow = MakePolicy("10.1.2.3", 9000, "0123456789abcdef", false);
  EXPECT_FALSE(CheckSender(narrow, {"GET", "/", {{"Host", "10.1.2.3:9000"}}}));
  EXPECT_TRUE(CheckSender(narrow, {"GET", "/", {{"Host", "10.1.2.4:9000"}}}));
}

TEST(Policy, PortEightyNeedsNoPort) {
  const Policy policy = MakePolicy("127.0.0.1", 80, "", false);
  for (const char* host : {"localhost", "localhost:80", "127.0.0.1", "[::1]"})
    EXPECT_FALSE(CheckSender(policy, {"GET", "/", {{"Host", host}}})) << host;
  EXPECT_TRUE(CheckSender(policy, {"GET", "/", {{"Host", "[:"}}}));
}

TEST(Http, ComparesWholeTexts) {
  EXPECT_TRUE(EqualInConstantTime("abc", "abc"));
  EXPECT_TRUE(EqualInConstantTime("", ""));
  for (const char* other : {"", "ab", "abd", "abcabc", "bbc"}) {
    EXPECT_FALSE(EqualInConstantTime("abc", other)) << other;
    EXPECT_FALSE(EqualInConstantTime(other, "abc")) << other;
  }
}

TEST(Http, DecodesOnce) {
  EXPECT_EQ(PercentDecode("a%2Fb%252e"), "a/b%2e");
  EXPECT_EQ(PercentDecode("a+b"), "a+b");
  for (const char* bad : {"%", "%2", "%zz", "%00", "a%0"}) EXPECT_FALSE(PercentDecode(bad)) << bad;
}

// RFC 4648, section 10.
TEST(Http, Base64) {
  EXPECT_EQ(Base64(""), "");
  EXPECT_EQ(Base64("f"), "Zg==");
  EXPECT_EQ(Base64("fo"), "Zm8=");
  EXPECT_EQ(Base64("foobar"), "Zm9vYmFy");
}

}  // namespace
}  // namespace ascribe::serve
