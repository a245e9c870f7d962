#include "binary/pe_ordinals.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace ascribe {
namespace {

// The first and last of every run, and some that Microsoft documents: a name left out would shift those behind it.
TEST(PeOrdinals, KnownValues) {
  struct Known {
    const char* library;
    std::uint16_t ordinal;
    const char* name;
  };
  for (const Known& k : {Known{"ws2_32.dll", 1, "accept"},
                         {"ws2_32.dll", 23, "socket"},
                         {"ws2_32.dll", 50, ""},
                         {"ws2_32.dll", 57, "gethostname"},
                         {"ws2_32.dll", 99, ""},
                         {"ws2_32.dll", 100, ""},
                         {"ws2_32.dll", 101, "WSAAsyncSelect"},
                         {"ws2_32.dll", 115, "WSAStartup"},
                         {"ws2_32.dll", 116, "WSACleanup"},
                         {"ws2_32.dll", 117, ""},
                         {"ws2_32.dll", 151, "__WSAFDIsSet"},
                         {"wsock32.dll", 10, "ioctlsocket"},
                         {"wsock32.dll", 1107, ""},
                         {"ws2_32.dll", 0, ""},
                         {"oleaut32.dll", 1, ""},
                         {"oleaut32.dll", 2, "SysAllocString"},
                         {"oleaut32.dll", 6, "SysFreeString"},
                         {"oleaut32.dll", 149, "SysStringByteLen"},
                         {"oleaut32.dll", 200, "GetErrorInfo"},
                         {"oleaut32.dll", 302, ""},
                         {"oleaut32.dll", 319, "VarDateFromUdateEx"},
                         {"oleaut32.dll", 327, "SetOaNoCache"},
                         {"oleaut32.dll", 349, "VarI4FromUI8"},
                         {"oleaut32.dll", 379, "VarUI2FromUI8"},
                         {"oleaut32.dll", 418, "OleLoadPicture"},
                         {"oleaut32.dll", 443, "UnRegisterTypeLibForUser"},
                         {"oleaut32.dll", 65535, ""},
                         {"kernel32.dll", 1, ""},
                         {"ws2_32", 1, ""}})
    EXPECT_EQ(ImphashOrdinalName(k.library, k.ordinal), k.name) << k.library << " " << k.ordinal;
}

TEST(PeOrdinals, EveryNameOnce) {
  for (const auto& [library, count] : {std::pair<const char*, std::size_t>{"ws2_32.dll", 48}, {"oleaut32.dll", 393}}) {
    std::set<std::string> names;
    std::size_t named = 0;
    for (std::uint32_t ordinal = 0; ordinal <= 0xFFFF; ++ordinal) {
      const auto name = ImphashOrdinalName(library, static_cast<std::uint16_t>(ordinal));
      if (name.empty()) continue;
      ++named;
      names.insert(std::string(name));
    }
    EXPECT_EQ(named, count);
    EXPECT_EQ(names.size(), count);
  }
}

}  // namespace
}  // namespace ascribe
