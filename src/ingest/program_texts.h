#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "binary/executable.h"
#include "model/reading.h"

namespace ascribe {

/// Adds what stands inside a program as facts about `sample`, each with its byte range and, where it has one, its virtual
/// address in the note: imports and delay imports (a text a function, with the bytes of its name, or of its ordinal), exports
/// (texts, with the bytes from the first name to the last), what headers say and what shows that it is packed (texts), hosts, addresses, URLs, registry keys, mutexes and pipes by their form, strings, tables of
/// algorithms (texts), alphabets of its maker's own (data tables) and embedded keys. `end` is the first byte that is not looked
/// at (the certificate table). Whether any of it weighs is the parameters' affair; texts never do. Pure.
void AddProgramTexts(const Executable& executable, std::uint64_t end, const Entity& sample, std::string_view extractor, Reading& out);

/// An indicator in a text of a program, as far as it can be one there: hosts that are the whole text or have a port, no
/// addresses that are versions, no hosts of everybody's libraries.
struct ProgramIndicator {
  EntityType type = EntityType::kDomain;
  std::string value;
  std::size_t offset = 0, length = 0;  ///< in the text
};
[[nodiscard]] std::vector<ProgramIndicator> FindProgramIndicators(std::string_view text);

/// How the note of a string begins that looks like configuration.
inline constexpr std::string_view kLikeConfiguration = "looks like configuration";

/// Strings that become facts, those that look like configuration first: a page of them is read, a thousand are not, and
/// shared ones are found by comparing code (channel "data"), which knows how common they are.
inline constexpr std::size_t kMaxProgramStrings = 300;
/// Of hosts, addresses, URLs, keys and the like together: block lists inside a program are data, not its servers.
inline constexpr std::size_t kMaxProgramIndicators = 500;
/// Imports that are facts of their own; most programs have some hundred. Those beyond are listed by library, as exports are.
inline constexpr std::size_t kMaxImportFacts = 1000;
/// Libraries whose imports are listed, and names in one such text: as many as somebody reads at a time.
inline constexpr std::size_t kMaxListedLibraries = 200, kMaxListedNames = 200;
/// Imports and exports in facts, all together; most programs have some hundred, large libraries 100,000.
inline constexpr std::size_t kMaxProgramNames = 5000;
/// Shorter texts are chance or words of every program.
inline constexpr std::size_t kMinProgramString = 8;

/// Hosts of standards, certificate authorities, run-times and common libraries: their addresses stand in programs of everybody.
[[nodiscard]] bool IsFurnitureHost(std::string_view host);
/// Four small numbers with dots ("6.0.0.0", "1.3.6.1") are versions or object ids in a program.
[[nodiscard]] bool LooksLikeVersion(std::string_view ipv4);

}  // namespace ascribe
