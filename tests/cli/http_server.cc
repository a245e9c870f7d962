#include "http_server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "base/text.h"

namespace ascribe::cli {
namespace {

std::string Dechunk(std::string_view body) {
  std::string out;
  while (!body.empty()) {
    const std::size_t end = body.find("\r\n");
    if (end == body.npos) break;
    const std::size_t size = std::stoul("0" + std::string(body.substr(0, end)), nullptr, 16);
    if (size == 0 || body.size() < end + 2 + size) break;
    out += body.substr(end + 2, size);
    body.remove_prefix(std::min(body.size(), end + 2 + size + 2));
  }
  return out;
}

HttpAnswer Parse(std::string_view bytes) {
  HttpAnswer answer;
  const std::size_t end = bytes.find("\r\n\r\n");
  if (!bytes.starts_with("HTTP/1.1 ") || end == bytes.npos) return answer;
  answer.status = std::stoi(std::string(bytes.substr(9, 3)));
  for (std::string_view line : Split(bytes.substr(0, end), '\n')) {
    const std::size_t colon = line.find(':');
    if (colon != line.npos)
      answer.headers[AsciiLower(line.substr(0, colon))] = std::string(Trim(line.substr(colon + 1)));
  }
  answer.body = bytes.substr(end + 4);
  if (answer.headers["transfer-encoding"] == "chunked") answer.body = Dechunk(answer.body);
  return answer;
}

}  // namespace

HttpServer::HttpServer(const Machine& machine, const std::vector<std::string>& args) {
  std::vector<std::string> words = {ASCRIBE_PROGRAM, "serve", "--port", "0"};
  words.insert(words.end(), args.begin(), args.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  const std::string folder = machine.path().string();
  std::vector<std::string> variables = {"HOME=" + folder + "/home", "XDG_DATA_HOME=" + folder + "/data",
                                        "PATH=/usr/bin:/bin"};
  for (const char* name : {"ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS", "LSAN_OPTIONS"})
    if (const char* value = ::getenv(name); value != nullptr) variables.push_back(std::string(name) + "=" + value);
  std::vector<char*> environment;
  for (std::string& variable : variables) environment.push_back(variable.data());
  environment.push_back(nullptr);
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return;
  child_ = ::fork();
  if (child_ == 0) {
    const int log = ::open((folder + "/serve.log").c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
    if (::chdir(folder.c_str()) != 0 || ::dup2(ends[1], 1) != 1 || ::dup2(log, 2) != 2) ::_exit(126);
    ::execve(ASCRIBE_PROGRAM, argv.data(), environment.data());
    ::_exit(127);
  }
  ::close(ends[1]);
  std::string line;
  for (char c = 0; ::read(ends[0], &c, 1) == 1 && c != '\n';) line += c;
  ::close(ends[0]);
  // "http://127.0.0.1:PORT/"
  const std::size_t colon = line.rfind(':');
  if (line.starts_with("http://") && colon != line.npos) port_ = std::stoi(line.substr(colon + 1));
  EXPECT_GT(port_, 0) << line << ReadBytes(folder + "/serve.log");
}

HttpServer::~HttpServer() {
  if (child_ > 0) Stop(SIGKILL);
}

int HttpServer::Stop(int signal) {
  int status = 0;
  ::kill(child_, signal);
  EXPECT_EQ(::waitpid(child_, &status, 0), child_);
  child_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

int ConnectTo(int port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (fd >= 0 && ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return fd;
  if (fd >= 0) ::close(fd);
  return -1;
}

std::string HttpServer::Raw(std::string_view bytes) const {
  const int fd = ConnectTo(port_);
  if (fd < 0) return {};
  while (!bytes.empty()) {
    const ssize_t n = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n <= 0) break;  // it refused the rest; what it said is read below
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  std::string out, buffer(1 << 16, '\0');
  for (ssize_t n; (n = ::recv(fd, buffer.data(), buffer.size(), 0)) > 0;)
    out.append(buffer, 0, static_cast<std::size_t>(n));
  ::close(fd);
  return out;
}

HttpAnswer HttpServer::Ask(const std::string& method, const std::string& target,
                           const std::vector<std::string>& headers, const std::string& body) const {
  std::map<std::string, std::string> all = {{"host", "127.0.0.1:" + std::to_string(port_)}, {"connection", "close"}};
  if (method != "GET" && method != "HEAD") {
    all["x-ascribe-csrf"] = "1";
    all["content-length"] = std::to_string(body.size());
  }
  for (const std::string& header : headers) {
    const std::size_t colon = header.find(':');
    const std::string name = AsciiLower(header.substr(0, colon)),
                      value(Trim(std::string_view(header).substr(colon + 1)));
    if (value.empty())
      all.erase(name);
    else
      all[name] = value;
  }
  std::string bytes = method + " " + target + " HTTP/1.1\r\n";
  for (const auto& [name, value] : all) bytes += name + ": " + value + "\r\n";
  return Parse(Raw(bytes + "\r\n" + body));
}

}  // namespace ascribe::cli
