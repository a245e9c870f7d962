#pragma once

#include <memory>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "binary/executable.h"
#include "disasm/program.h"

namespace ascribe {

/// A sample and its code. Not copied: the executable holds views of the bytes.
struct SampleCode {
  SampleCode() = default;
  SampleCode(const SampleCode&) = delete;
  SampleCode& operator=(const SampleCode&) = delete;

  std::string sha256;
  Bytes bytes;
  Executable executable;
  Program program;     ///< empty when `unavailable` says why
  std::string unavailable;  ///< why its code is no evidence: packed, no code for a known machine; empty: it is
};

/// What is to be said of a sample whose tables were too many (Program::skipped), one line; empty when all were read.
[[nodiscard]] std::string SkippedTables(const SampleCode& sample);

/// Reads headers and code. Errors: kInvalidInput when it is no PE, ELF or Mach-O. What is packed or for another machine is
/// no error. Thread-safe.
[[nodiscard]] Result<std::unique_ptr<SampleCode>> ReadSampleCode(Bytes bytes);

}  // namespace ascribe
