#pragma once

#include <string>
#include <vector>

#include "disasm/program.h"
#include "model/reading.h"

namespace ascribe {

/// What a file says about its making and its maker: anybody can copy it from one file to another (tier T0).
struct MetadataItem {
  std::string what;       ///< "Rich header"
  Entity entity;          ///< as the reader of the format stated it
  Locator locator;
  std::uint64_t key = 0;  ///< in the code index, channel kMetadataChannel
  bool strong = false;    ///< alone enough to point at a file: nobody makes the same by chance
};

/// From the facts of a PE reader, by key: Rich header, imphash, PDB path, compile time, signer, and the company and file names of
/// the version resource. Languages are left out: a few serve everybody. Pure.
[[nodiscard]] std::vector<MetadataItem> MetadataOf(const Reading& reading);

/// Where such an entity stands in the code index, whatever its case. Pure.
[[nodiscard]] std::uint64_t MetadataKey(const Entity& entity);

/// No channel of code: kept in features files and index beside them, never part of a likeness.
inline constexpr unsigned kMetadataChannel = 10;
static_assert(kMetadataChannel >= kCodeChannels);

}  // namespace ascribe
