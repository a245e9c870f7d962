#include "model/similarity.h"

#include <gtest/gtest.h>

#include <string>

namespace ascribe {
namespace {

TEST(RatcliffObershelp, Textbook) {
  // "bcd" matches: 2 * 3 of 4 + 4 characters.
  EXPECT_DOUBLE_EQ(RatcliffObershelp("abcd", "bcde"), 2.0 * 3 / 8);
  EXPECT_DOUBLE_EQ(RatcliffObershelp("same", "same"), 1);
  EXPECT_DOUBLE_EQ(RatcliffObershelp("abc", "xyz"), 0);
  EXPECT_DOUBLE_EQ(RatcliffObershelp("", "xyz"), 0);
  EXPECT_DOUBLE_EQ(RatcliffObershelp("", ""), 1);
}

TEST(RatcliffObershelp, OneDigitOfAMutexChanged) {
  // 38 characters each. "Global\FwtSqmSession1068" (24) and "9323_S-1-5-" (11) match: 2 * 35 / 76.
  const double ratio =
      RatcliffObershelp("Global\\FwtSqmSession106829323_S-1-5-19", "Global\\FwtSqmSession106839323_S-1-5-20");
  EXPECT_DOUBLE_EQ(ratio, 70.0 / 76.0);
  EXPECT_NEAR(ratio, 0.92, 0.005);
}

TEST(RatcliffObershelp, IsSymmetricAndBounded) {
  EXPECT_DOUBLE_EQ(RatcliffObershelp("tide", "diet"), RatcliffObershelp("diet", "tide"));
  const std::string longer(513, 'a'), other(512, 'a');
  EXPECT_DOUBLE_EQ(RatcliffObershelp(longer, other), 0) << "beyond the limit only equality counts";
  EXPECT_DOUBLE_EQ(RatcliffObershelp(longer, longer), 1);
}

TEST(PathPartSimilarity, NeedsTwoRareParts) {
  // Parts of four or more characters, without the common ones: {chang, vmshare, work, bsdll-up, bsdll.pdb} and
  // {chang, vmshare, other, x.pdb}: 2 of 4.
  EXPECT_DOUBLE_EQ(PathPartSimilarity("D:\\Chang\\vmshare\\Work\\BsDll-up\\Release\\BsDll.pdb",
                                      "E:\\chang\\VMSHARE\\other\\Release\\x.pdb"),
                   0.5);
  EXPECT_DOUBLE_EQ(PathPartSimilarity("D:\\Chang\\one.pdb", "D:\\Chang\\two.pdb"), 0) << "one part says nothing";
  EXPECT_DOUBLE_EQ(PathPartSimilarity("C:\\Users\\x\\Release\\Debug\\a.pdb", "C:\\Users\\x\\Release\\Debug\\b.pdb"), 0)
      << "every tree has these";
  EXPECT_DOUBLE_EQ(PathPartSimilarity("", ""), 0);
}

TEST(PathPartSimilarity, SlashesAreAlike) {
  EXPECT_DOUBLE_EQ(PathPartSimilarity("/home/nest/feather/a.pdb", "\\home\\nest\\feather\\b.pdb"), 3.0 / 4);
}

}  // namespace
}  // namespace ascribe
