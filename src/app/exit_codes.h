#pragma once

#include "base/result.h"

namespace ascribe {

/// Exit codes, the same for every command (docs/exit-codes.md). A verdict is never an exit code.
enum ExitCode : int {
  kExitDone = 0,         ///< finished, even with diagnostics
  kExitFailure = 1,      ///< the system refused: full disk, permission, a mistake of ours
  kExitUsage = 2,        ///< the command line is wrong
  kExitInput = 3,        ///< a named input could not be opened, or no reader recognised it
  kExitIntegrity = 4,    ///< a digest, chain or recomputation does not agree
  kExitUnavailable = 5,  ///< the ledger is locked by another process
};

[[nodiscard]] constexpr int ExitCodeFor(ErrorCode code) {
  switch (code) {
    case ErrorCode::kNotFound:
    case ErrorCode::kUnsupported:
    case ErrorCode::kInvalidInput:
    case ErrorCode::kLimitExceeded: return kExitInput;
    case ErrorCode::kCorrupt: return kExitIntegrity;
    case ErrorCode::kUnavailable: return kExitUnavailable;
    case ErrorCode::kIo:
    case ErrorCode::kConflict:
    case ErrorCode::kInternal: break;
  }
  return kExitFailure;
}

}  // namespace ascribe
