#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>

namespace ascribe {

/// Why an operation failed. The list is closed on purpose: callers switch on it, and app/exit_codes.h maps it.
enum class ErrorCode {
  kInvalidInput,   ///< the user's words or file are wrong (usage, syntax, schema)
  kNotFound,       ///< a named thing does not exist
  kUnsupported,    ///< no reader recognises it, or the version is unknown
  kLimitExceeded,  ///< a named limit was hit
  kIo,             ///< the operating system refused (message says what)
  kCorrupt,        ///< a digest, chain or on-disk structure does not hold
  kUnavailable,    ///< locked or busy; trying again may help
  kConflict,       ///< the store holds something that contradicts the request
  kInternal,       ///< a mistake of ours that was caught
};

/// A failed operation: a code and one line that says what, where and what to do.
struct Error {
  ErrorCode code = ErrorCode::kInternal;
  std::string message;
};

/// Result of an operation that can fail. Odd evidence is not a failure: that is a Diagnostic (model/diagnostic.h).
template <typename T>
using Result = tl::expected<T, Error>;
using Status = Result<void>;

[[nodiscard]] inline tl::unexpected<Error> Fail(ErrorCode code, std::string message) {
  return tl::unexpected<Error>(Error{code, std::move(message)});
}

/// Puts "where: " in front of an error that is passed up.
[[nodiscard]] inline tl::unexpected<Error> FailAt(std::string_view where, Error error) {
  error.message = std::string(where) + ": " + error.message;
  return tl::unexpected<Error>(std::move(error));
}

}  // namespace ascribe

#define ASCRIBE_CONCAT_INNER(a, b) a##b
#define ASCRIBE_CONCAT(a, b) ASCRIBE_CONCAT_INNER(a, b)

/// TRY(expr): returns the error of a Status from the calling function.
#define TRY(expr)                                                        \
  do {                                                                   \
    auto try_status = (expr);                                            \
    if (!try_status) return tl::unexpected(std::move(try_status).error()); \
  } while (false)

/// TRY_ASSIGN(auto x, expr): x = value of a Result, or returns its error from the calling function.
#define TRY_ASSIGN(lhs, expr) TRY_ASSIGN_IMPL(ASCRIBE_CONCAT(try_result_, __LINE__), lhs, expr)
#define TRY_ASSIGN_IMPL(tmp, lhs, expr)                      \
  auto tmp = (expr);                                         \
  if (!tmp) return tl::unexpected(std::move(tmp).error());   \
  lhs = std::move(*tmp)
