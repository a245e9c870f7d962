#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "binary/byte_builder.h"
#include "binary/go_table.h"

namespace ascribe {

/// Builds Go's table of functions for tests: functions of kFunctionBytes each, one behind another from `text` on.
struct GoTableBuilder {
  static constexpr std::uint64_t kFunctionBytes = 32;
  GoTable::Layout layout = GoTable::Layout::k20;
  bool wide = true, big = false;
  std::uint64_t text = 0;
  bool text_known = true;  ///< false: the word is left empty, as in position-independent ELF files
  std::vector<std::string> functions;

  [[nodiscard]] Bytes Build() const {
    constexpr std::uint32_t kMagic[] = {0xFFFF'FFFB, 0xFFFF'FFFA, 0xFFFF'FFF0, 0xFFFF'FFF1};
    const bool relative = layout >= GoTable::Layout::k18, old = layout == GoTable::Layout::k2;
    const std::uint64_t word = wide ? 8 : 4, step = relative ? 4 : word, n = functions.size();
    const std::uint64_t header = 8 + word * (old ? 1 : relative ? 8 : 7);
    ByteBuilder names{big, wide};
    std::vector<std::uint64_t> name_at;
    for (const std::string& name : functions) {
      name_at.push_back(names.size());
      names.Text(name);
    }
    // Names behind the header, entries behind them; records stand behind the entries. The oldest layout has the entries first.
    const std::uint64_t names_at = old ? header + (2 * n + 1) * step : header;
    const std::uint64_t entries = old ? header : (names_at + names.size() + 7) / 8 * 8;
    const std::uint64_t records = old ? names_at + names.size() : entries + (2 * n + 1) * step;
    const std::uint64_t base = old ? 0 : entries;
    ByteBuilder out{big, wide};
    out.U32(kMagic[static_cast<std::size_t>(layout)]);
    out.U16(0);
    out.U8(1);
    out.U8(word);
    out.Word(n);
    if (!old) {
      out.Word(0);  // files
      if (relative) out.Word(text_known ? text : 0);
      out.Word(names_at);
      for (int i = 0; i < 3; ++i) out.Word(0);  // compilation units, files, program counters
      out.Word(entries);
    }
    const auto number = [&](std::uint64_t value) { relative ? out.U32(value) : out.Word(value); };
    const auto begin = [&](std::uint64_t i) { return (relative ? 0 : text) + kFunctionBytes * i; };
    const std::uint64_t record = step + 4;
    const auto put_entries = [&] {
      for (std::uint64_t i = 0; i < n; ++i) {
        number(begin(i));
        number(records - base + record * i);
      }
      number(begin(n));
    };
    if (old) put_entries();
    out.Append(names.bytes);
    if (!old) {
      out.Align(8);
      put_entries();
    }
    for (std::uint64_t i = 0; i < n; ++i) {
      number(begin(i));
      out.U32(old ? names_at + name_at[static_cast<std::size_t>(i)] : name_at[static_cast<std::size_t>(i)]);
    }
    return out.bytes;
  }
};

}  // namespace ascribe
