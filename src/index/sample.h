#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/feature_key.h"

namespace ascribe::index {

/// What the index remembers of a sample besides its features. Any label may be empty.
struct SampleMeta {
  std::string sha256;  ///< 64 lower-case hex digits; unique in an index
  std::string actor;
  std::string family;
  std::string version;
  std::string package;  ///< of goodware: then the sample counts as this package, never as a family
  friend bool operator==(const SampleMeta&, const SampleMeta&) = default;
};

/// One function: where it starts and what is in it. The set of its features is its signature; functions with the same
/// set share one, whatever sample they are in.
struct FunctionSignature {
  std::uint64_t address = 0;
  std::vector<std::uint64_t> features;  ///< made by FeatureKey(); any order, repeats count once
};

struct SampleFunctions {
  SampleMeta meta;
  std::vector<FunctionSignature> functions;  ///< one without features is not kept
};

/// In how many families, and in how many goodware packages, a feature occurs. A sample without family and package is a
/// family of its own: nobody has said that it is related to another.
struct DocumentFrequency {
  std::uint32_t families = 0;
  std::uint32_t packages = 0;
  friend bool operator==(const DocumentFrequency&, const DocumentFrequency&) = default;
};

/// Where a signature occurs.
struct FunctionPlace {
  std::uint32_t sample = 0;
  std::uint64_t address = 0;
  friend bool operator==(const FunctionPlace&, const FunctionPlace&) = default;
};

}  // namespace ascribe::index
