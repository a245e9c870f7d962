#pragma once

#include <string_view>

namespace ascribe {

/// Ratcliff-Obershelp similarity, 0..1: twice the matching characters (longest common block, then recursively left and
/// right of it) over all characters. J. W. Ratcliff, D. E. Metzener, Dr. Dobb's Journal, July 1988. Texts above 512
/// bytes are compared for equality only, which bounds the work at some 10^8 steps a pair.
[[nodiscard]] double RatcliffObershelp(std::string_view a, std::string_view b);

/// Share of path parts in common: parts in both over parts in the shorter path, counting only parts of four or more
/// characters that are not in every developer's tree (Release, Debug, x64, Win32, source, Users…); 0 when fewer than two
/// such parts are shared. A coincidence of one part says nothing.
[[nodiscard]] double PathPartSimilarity(std::string_view a, std::string_view b);

}  // namespace ascribe
