#pragma once

namespace ascribe {

/// Parses the command line and runs the command. Returns an exit code of exit_codes.h. Never throws.
int RunCli(int argc, const char* const* argv);

}  // namespace ascribe
