#pragma once

#include <sys/types.h>

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "program.h"

namespace ascribe::cli {

/// An answer as it came over the socket.
struct HttpAnswer {
  int status = 0;                              ///< 0: none came
  std::map<std::string, std::string> headers;  ///< names in lower case
  std::string body;                            ///< chunks put together
  [[nodiscard]] Json json() const { return Json::parse(body); }
};

/// `ascribe serve --port 0 ARGS...` as a child process, stopped at the end.
class HttpServer {
 public:
  HttpServer(const Machine& machine, const std::vector<std::string>& args);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;
  [[nodiscard]] int port() const { return port_; }
  /// Sends a signal and gives the exit code; -1 when a signal ended it.
  int Stop(int signal);

  /// Sends these bytes and reads until the server closes the connection.
  [[nodiscard]] std::string Raw(std::string_view bytes) const;
  /// One request with Host, Connection: close, the header for changes when it is no GET, and `headers` ("Name: value").
  /// A header of the same name replaces ours; "Name:" alone leaves it out.
  [[nodiscard]] HttpAnswer Ask(const std::string& method, const std::string& target,
                               const std::vector<std::string>& headers = {}, const std::string& body = {}) const;

 private:
  pid_t child_ = -1;
  int port_ = 0;
};

/// A connection to 127.0.0.1:port; -1 when there is none.
[[nodiscard]] int ConnectTo(int port);

}  // namespace ascribe::cli
