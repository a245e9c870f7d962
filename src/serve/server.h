#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "serve/service.h"

namespace ascribe::serve {

/// Limits of connections. A slow or silent client costs one thread for a bounded time, and there are more threads than
/// any one careless client opens connections.
struct ConnectionLimits {
  static constexpr std::size_t kMaxThreads = 320;  ///< one a connection, made when needed
  static constexpr std::size_t kMaxQueued = 64;    ///< accepted, without a thread; then the kernel's backlog holds them
  static constexpr int kBacklog = 512;
  static constexpr int kCrowded = 240;         ///< from that many connections on none is kept for a further request
  static constexpr int kHeadSeconds = 10;      ///< from the first byte to the end of the headers, however they trickle
  static constexpr int kIdleSeconds = 5;       ///< between two requests, and before the first
  static constexpr int kMaxRequests = 10'000;  ///< on one connection
  static constexpr std::size_t kMaxHead = 32 << 10;
  static constexpr int kBodySeconds = 10;                ///< a body may lag that far behind the least rate
  static constexpr int kWriteSeconds = 10;               ///< an answer too
  static constexpr std::uint64_t kLeastRate = 64 << 10;  ///< bytes a second
};

/// The sockets before a Service: HTTP/1.1 over cpp-httplib, plain.
class Server {
 public:
  /// Binds and listens. `port` 0 takes a free one. Errors: kIo (the address is in use or not ours).
  static Result<std::unique_ptr<Server>> Bind(const std::string& host, int port);
  ~Server();
  [[nodiscard]] int port() const;

  /// Answers until Stop. Returns an error when the listening socket fails for good.
  [[nodiscard]] Status Serve(Service& service);
  /// Ends Serve soon, from any thread; open connections are closed after the answer under way.
  void Stop();

 private:
  class Impl;
  explicit Server(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace ascribe::serve
