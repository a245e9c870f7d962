#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ascribe::serve {

/// The head of a request, as it came: nothing is decoded or trusted. The body follows separately (BodySink).
struct Request {
  std::string method, target;
  std::vector<std::pair<std::string, std::string>> headers;

  [[nodiscard]] std::size_t Count(std::string_view name) const;
  /// The value of the first header of that name (any case), or "".
  [[nodiscard]] std::string_view Header(std::string_view name) const;
};

/// Server-sent events: called again and again until `last`. Blocks for at most half a second.
class EventStream {
 public:
  struct Piece {
    std::string text;  ///< may be empty
    bool last = false;
  };
  virtual ~EventStream() = default;
  [[nodiscard]] virtual Piece Next() = 0;
};

struct Response {
  int status = 200;
  std::vector<std::pair<std::string, std::string>> headers;
  std::shared_ptr<const std::string> body;  ///< null: none
  std::shared_ptr<EventStream> events;      ///< instead of a body
  bool close = false;                       ///< the connection cannot be used further: an unread body follows

  [[nodiscard]] std::string_view Header(std::string_view name) const;
  [[nodiscard]] std::string_view text() const { return body == nullptr ? std::string_view() : std::string_view(*body); }
};

/// Takes the body of one request.
class BodySink {
 public:
  virtual ~BodySink() = default;
  /// False: no more is wanted, Finish says why.
  [[nodiscard]] virtual bool Take(std::string_view piece) = 0;
  /// `complete`: all that Content-Length promised was taken.
  [[nodiscard]] virtual Response Finish(bool complete) = 0;
};

/// What a request head leads to: an answer, or a sink for the body first.
struct Step {
  Response response;
  std::unique_ptr<BodySink> body;
};

[[nodiscard]] Response Answer(int status, std::string_view type, std::string body);

/// RFC 9457 problem details. `kind` ends the type URI (urn:ascribe:problem:<kind>); `detail` is one line that says what
/// and what to do.
[[nodiscard]] Response Problem(int status, std::string_view kind, std::string_view detail);
[[nodiscard]] std::string_view StatusPhrase(int status);

/// Decodes %XX (not '+'). std::nullopt: a broken escape or a NUL.
[[nodiscard]] std::optional<std::string> PercentDecode(std::string_view text);

/// Takes a time that depends on the lengths only.
[[nodiscard]] bool EqualInConstantTime(std::string_view a, std::string_view b);

/// Value of a decimal number without sign or blanks; std::nullopt else.
[[nodiscard]] std::optional<std::uint64_t> ParseDecimal(std::string_view text);

/// RFC 4648 base 64 of raw bytes.
[[nodiscard]] std::string Base64(std::string_view bytes);

}  // namespace ascribe::serve
