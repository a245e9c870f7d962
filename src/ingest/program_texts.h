#pragma once

#include <cstdint>
#include <string_view>

#include "binary/executable.h"
#include "model/reading.h"

namespace ascribe {

/// Adds what stands inside a program as facts about `sample`, each with its byte range and, where it has one, its virtual
/// address in the note: imports and exports (texts), hosts, addresses, URLs, registry keys, mutexes and pipes by their form,
/// strings, tables of algorithms (texts), alphabets of its maker's own (data tables) and embedded keys. `end` is the first
/// byte that is not looked at (the certificate table). Whether any of it weighs is the parameters' affair; texts never do.
/// Pure.
void AddProgramTexts(const Executable& executable, std::uint64_t end, const Entity& sample, std::string_view extractor, Reading& out);

/// Strings that become facts, those that look like configuration first: a page of them is read, a thousand are not, and
/// shared ones are found by comparing code (channel "data"), which knows how common they are.
inline constexpr std::size_t kMaxProgramStrings = 300;
/// Of hosts, addresses, URLs, keys and the like together: block lists inside a program are data, not its servers.
inline constexpr std::size_t kMaxProgramIndicators = 500;
/// Libraries whose imports are listed, and names in one such text.
inline constexpr std::size_t kMaxListedLibraries = 200, kMaxListedNames = 200;
/// Shorter texts are chance or words of every program.
inline constexpr std::size_t kMinProgramString = 8;

/// Hosts of standards, certificate authorities, run-times and common libraries: their addresses stand in programs of everybody.
[[nodiscard]] bool IsFurnitureHost(std::string_view host);
/// Four small numbers with dots ("6.0.0.0", "1.3.6.1") are versions or object ids in a program.
[[nodiscard]] bool LooksLikeVersion(std::string_view ipv4);

}  // namespace ascribe
