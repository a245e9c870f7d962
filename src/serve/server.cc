#include "serve/server.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <httplib.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <thread>

namespace ascribe::serve {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;
using std::chrono::seconds;
using Limits = ConnectionLimits;

// How often a waiting thread looks whether the server is to end.
constexpr int kLookMilliseconds = 200;

// One connection. httplib's own stream starts its clock anew with every byte, which a client of one byte a second never
// lets run out; here the clock runs over the whole head, the whole body, the whole write.
class Connection : public httplib::Stream {
 public:
  Connection(int fd, const std::atomic<bool>& stop) : fd_(fd), stop_(stop) {
    const int on = 1;
    (void)::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    (void)::fcntl(fd, F_SETFD, FD_CLOEXEC);  // a child that keeps it would keep the client waiting
  }
  ~Connection() override { Close(); }

  // Waits for the first byte of a request.
  bool Await() {
    deadline_ = Clock::now() + seconds(Limits::kIdleSeconds);
    if (at_ == held_ && !Fill()) return false;
    deadline_ = Clock::now() + seconds(Limits::kHeadSeconds);
    head_left_ = Limits::kMaxHead;
    in_head_ = true;
    out_.clear();
    first_write_ = true;
    step.reset();
    answered = close = false;
    return true;
  }
  void HeadIsOver() {
    in_head_ = false;
    body_start_ = Clock::now();
    body_seen_ = 0;
    deadline_ = body_start_ + seconds(Limits::kBodySeconds);
  }
  bool Flush() {
    if (out_.empty()) return true;
    const std::string pending = std::move(out_);
    out_.clear();
    return Send(pending, {});
  }
  [[nodiscard]] bool late() const { return late_; }
  [[nodiscard]] bool head_too_long() const { return in_head_ && head_left_ == 0; }

  bool is_readable() const override { return true; }
  bool is_writable() const override { return !stop_ && !broken_; }
  ssize_t read(char* to, std::size_t size) override {
    if (size == 0) return 0;
    if (in_head_) {
      if (head_left_ == 0) return 0;  // the end, not an error: httplib then answers instead of hanging up
      size = std::min(size, head_left_);
    }
    if (at_ == held_) {
      if (!out_.empty() && !Flush()) return -1;  // "100 Continue": the client waits for it
      if (!Fill()) return -1;
    }
    size = std::min(size, held_ - at_);
    std::memcpy(to, in_.data() + at_, size);
    at_ += size;
    if (in_head_) head_left_ -= size;
    return static_cast<ssize_t>(size);
  }
  // The first write of an answer is its head: it leaves together with what follows.
  ssize_t write(const char* from, std::size_t size) override {
    if (first_write_) {
      first_write_ = false;
      out_.assign(from, size);
      return static_cast<ssize_t>(size);
    }
    const std::string pending = std::move(out_);
    out_.clear();
    return Send(pending, {from, size}) ? static_cast<ssize_t>(size) : -1;
  }
  void get_remote_ip_and_port(std::string&, int&) const override {}
  void get_local_ip_and_port(std::string&, int&) const override {}
  socket_t socket() const override { return fd_; }

  // The request under way.
  std::optional<Step> step;
  bool answered = false;  ///< the answer is ours, not one that httplib made
  bool close = false;

 private:
  bool Wait(short events, Clock::time_point deadline) {
    for (;;) {
      const auto left = std::chrono::duration_cast<milliseconds>(deadline - Clock::now()).count();
      if (left <= 0) late_ = true;
      if (left <= 0 || stop_) return false;
      pollfd wait{fd_, events, 0};
      const int ready = ::poll(&wait, 1, static_cast<int>(std::min<std::int64_t>(left + 1, kLookMilliseconds)));
      if (ready > 0) return true;
      if (ready < 0 && errno != EINTR) return false;
    }
  }
  bool Fill() {
    for (;;) {
      // The time is looked at even when bytes are there: they may come one by one.
      if (Clock::now() >= deadline_) {
        late_ = true;
        return false;
      }
      const ssize_t n = ::recv(fd_, in_.data(), in_.size(), MSG_DONTWAIT);
      if (n > 0) {
        at_ = 0;
        held_ = static_cast<std::size_t>(n);
        if (!in_head_) {
          body_seen_ += held_;
          deadline_ = body_start_ + seconds(Limits::kBodySeconds) + seconds(body_seen_ / Limits::kLeastRate);
        }
        return true;
      }
      if (n == 0) return false;
      if (errno == EINTR) continue;
      if ((errno != EAGAIN && errno != EWOULDBLOCK) || !Wait(POLLIN, deadline_)) return false;
    }
  }
  bool Send(std::string_view a, std::string_view b) {
    const auto start = Clock::now();
    std::uint64_t done = 0;
    while (!a.empty() || !b.empty()) {
      iovec parts[2] = {{const_cast<char*>(a.data()), a.size()}, {const_cast<char*>(b.data()), b.size()}};
      msghdr message{};
      message.msg_iov = parts;
      message.msg_iovlen = 2;
      const ssize_t n = ::sendmsg(fd_, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) {
        if ((errno == EAGAIN || errno == EWOULDBLOCK) &&
            Wait(POLLOUT, start + seconds(Limits::kWriteSeconds) + seconds(done / Limits::kLeastRate)))
          continue;
        broken_ = true;
        return false;
      }
      const std::size_t sent = static_cast<std::size_t>(n), of_a = std::min(sent, a.size());
      a.remove_prefix(of_a);
      b.remove_prefix(sent - of_a);
      done += sent;
    }
    return true;
  }
  // A close with unread bytes becomes a reset that can overtake the answer: what the client still sends is taken for a
  // moment.
  void Close() {
    ::shutdown(fd_, SHUT_WR);
    constexpr std::size_t kMaxDrained = 8 << 20;
    const auto deadline = Clock::now() + seconds(1);
    for (std::size_t drained = 0; close && !broken_ && drained < kMaxDrained;) {
      const ssize_t n = ::recv(fd_, in_.data(), in_.size(), MSG_DONTWAIT);
      if (n > 0)
        drained += static_cast<std::size_t>(n);
      else if (n == 0 || !Wait(POLLIN, deadline))
        break;
    }
    ::close(fd_);
  }

  int fd_;
  const std::atomic<bool>& stop_;
  std::array<char, 16 << 10> in_;
  std::size_t at_ = 0, held_ = 0, head_left_ = 0;
  std::string out_;
  Clock::time_point deadline_, body_start_;
  std::uint64_t body_seen_ = 0;
  bool in_head_ = false, first_write_ = true, late_ = false, broken_ = false;
};

// Threads as they are needed, up to a bound; then a queue, up to a bound; then accept waits.
class ConnectionThreads : public httplib::TaskQueue {
 public:
  explicit ConnectionThreads(const std::atomic<bool>& stop) : stop_(stop) {}
  void enqueue(std::function<void()> work) override {
    std::unique_lock lock(mutex_);
    while (queue_.size() >= Limits::kMaxQueued && !stop_) room_.wait_for(lock, milliseconds(kLookMilliseconds));
    queue_.push_back(std::move(work));
    if (idle_ < queue_.size() && threads_.size() < Limits::kMaxThreads) {
      try {
        threads_.emplace_back([this] { Work(); });
      } catch (const std::system_error&) {
        // No further thread to be had: one of the others takes it. Without any there is no server.
        if (threads_.empty()) throw;
      }
    }
    work_.notify_one();
  }
  void shutdown() override {
    {
      const std::lock_guard lock(mutex_);
      ending_ = true;
    }
    work_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }

 private:
  void Work() {
    std::unique_lock lock(mutex_);
    for (;;) {
      ++idle_;
      work_.wait(lock, [&] { return ending_ || !queue_.empty(); });
      --idle_;
      if (queue_.empty()) return;
      const std::function<void()> work = std::move(queue_.front());
      queue_.pop_front();
      room_.notify_one();
      lock.unlock();
      work();
      lock.lock();
    }
  }

  const std::atomic<bool>& stop_;
  std::mutex mutex_;
  std::condition_variable work_, room_;
  std::deque<std::function<void()>> queue_;
  std::vector<std::thread> threads_;
  std::size_t idle_ = 0;
  bool ending_ = false;
};

Request ToRequest(const httplib::Request& from) {
  Request request;
  request.method = from.method;
  request.target = from.target;
  for (const auto& [name, value] : from.headers) request.headers.emplace_back(name, value);
  return request;
}

void Fill(httplib::Response& to, Response from) {
  to.status = from.status;
  std::string type;
  for (const auto& [name, value] : from.headers) {
    if (name == "Content-Type")
      type = value;
    else
      to.set_header(name, value);
  }
  if (from.events != nullptr) {
    to.set_chunked_content_provider(type, [events = from.events](std::size_t, httplib::DataSink& sink) {
      const EventStream::Piece piece = events->Next();
      if (!piece.text.empty() && !sink.write(piece.text.data(), piece.text.size())) return false;
      if (piece.last) sink.done();
      return true;
    });
  } else if (from.body != nullptr && !from.body->empty()) {
    to.set_content_provider(from.body->size(), type,
                            [body = from.body](std::size_t offset, std::size_t length, httplib::DataSink& sink) {
                              return sink.write(body->data() + offset, length);
                            });
  }
}

// For answers that httplib writes by its own ways, which know no provider.
void FillPlain(httplib::Response& to, const Response& from) {
  to.status = from.status;
  for (const auto& [name, value] : from.headers) to.set_header(name, value);
  to.body = from.text();
}

}  // namespace

class Server::Impl : public httplib::Server {
 public:
  Impl() {
    new_task_queue = [this] { return new ConnectionThreads(ending_); };
    // SO_REUSEADDR alone: httplib's default, SO_REUSEPORT, would let another program of the same user listen beside us.
    set_socket_options([](socket_t fd) {
      const int on = 1;
      (void)::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    });
    set_payload_max_length(static_cast<std::size_t>(kMaxUpload));
    set_keep_alive_timeout(Limits::kIdleSeconds);
    set_keep_alive_max_count(Limits::kMaxRequests);
    set_pre_routing_handler(
        [this](const httplib::Request& request, httplib::Response& response) { return BeforeBody(request, response); });
    set_expect_100_continue_handler([this](const httplib::Request& request, httplib::Response& response) {
      return BeforeContinue(request, response);
    });
    const auto body = [](const httplib::Request&, httplib::Response& response, const httplib::ContentReader& reader) {
      TakeBody(response, reader);
    };
    Post(".*", body);
    Put(".*", body);
    set_error_handler(
        [](const httplib::Request& request, httplib::Response& response) { Complain(request, response); });
    set_exception_handler(
        [](const httplib::Request&, httplib::Response& response, const std::exception_ptr&) { response.status = 500; });
    set_post_routing_handler([](const httplib::Request&, httplib::Response& response) { Finish(response); });
  }

  bool Listen(const std::string& on, int wanted) {
    port = wanted;
    if (wanted == 0)
      port = bind_to_any_port(on);
    else if (!bind_to_port(on, wanted))
      return false;
    // The library was built for a backlog of five: a burst of clients would wait for a second and more.
    return port > 0 && ::listen(svr_sock_, Limits::kBacklog) == 0;
  }

  std::string host;
  int port = 0;
  Service* service = nullptr;
  std::atomic<bool> ending_{false}, over_{false};

 private:
  static thread_local Connection* current_;

  bool process_and_close_socket(socket_t fd) override {
    ++connections_;
    {
      Connection connection(fd, ending_);
      current_ = &connection;
      for (int left = Limits::kMaxRequests; left > 0 && connection.Await(); --left) {
        const bool last = left == 1 || connections_ > Limits::kCrowded || ending_;
        bool closed = false;
        const bool good = process_request(connection, last, closed, [&](httplib::Request& request) {
          // Parts of a file and compression are not offered: both cost more than they give here, and an ETag names
          // bytes.
          request.ranges.clear();
          request.headers.erase("Accept-Encoding");
          connection.HeadIsOver();
        });
        if (!connection.Flush() || !good || last || closed || connection.close) break;
      }
      current_ = nullptr;
    }
    --connections_;
    return true;
  }

  HandlerResponse BeforeBody(const httplib::Request& request, httplib::Response& response) {
    Connection& connection = *current_;
    if (!connection.step) connection.step = service->Start(ToRequest(request));
    if (connection.step->body != nullptr) return HandlerResponse::Unhandled;
    Settle(connection, response, std::move(connection.step->response));
    return HandlerResponse::Handled;
  }
  // A body that is refused need not be sent.
  int BeforeContinue(const httplib::Request& request, httplib::Response& response) {
    Connection& connection = *current_;
    connection.step = service->Start(ToRequest(request));
    if (connection.step->body != nullptr) return 100;
    connection.answered = connection.close = true;
    FillPlain(response, connection.step->response);
    return response.status;
  }
  static void TakeBody(httplib::Response& response, const httplib::ContentReader& reader) {
    Connection& connection = *current_;
    if (!connection.step || connection.step->body == nullptr) return;
    const std::unique_ptr<BodySink> sink = std::move(connection.step->body);
    const bool complete = reader([&](const char* data, std::size_t size) { return sink->Take({data, size}); });
    Settle(connection, response, sink->Finish(complete));
  }
  static void Settle(Connection& connection, httplib::Response& to, Response from) {
    connection.answered = true;
    connection.close = from.close;
    Fill(to, std::move(from));
  }
  // Answers of httplib itself: no HTTP, a head that is too long or too slow, a broken Range.
  static void Complain(const httplib::Request& request, httplib::Response& response) {
    Connection& connection = *current_;
    if (connection.answered) return;
    // httplib would cut this answer to the parts asked for. The object is not constant, the signature is.
    const_cast<httplib::Request&>(request).ranges.clear();
    connection.close = true;
    if (connection.late())
      response.status = 408;
    else if (connection.head_too_long() && response.status != 414)
      response.status = 431;
    std::string_view detail = "this is no HTTP request that this server takes";
    if (response.status == 408)
      detail = "the request did not come in time";
    else if (response.status == 416)
      detail = "files are served whole; leave the Range header away";
    else if (response.status >= 500)
      detail = "a mistake of ours";
    Response problem = Problem(response.status, response.status >= 500 ? "failure" : "bad-request", detail);
    AddSafetyHeaders(problem);
    response.headers.clear();
    FillPlain(response, problem);
  }
  static void Finish(httplib::Response& response) {
    if (response.status == 304 || response.status == 204) response.headers.erase("Content-Length");
    response.headers.erase("Accept-Ranges");
    response.headers.erase("Keep-Alive");
    if (!current_->close) return;
    response.headers.erase("Connection");
    response.set_header("Connection", "close");
  }

  std::atomic<int> connections_{0};
};

thread_local Connection* Server::Impl::current_ = nullptr;

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Server::~Server() = default;
int Server::port() const { return impl_->port; }

Result<std::unique_ptr<Server>> Server::Bind(const std::string& host, int port) {
  auto impl = std::make_unique<Impl>();
  impl->host = host;
  if (!impl->Listen(host, port))
    return Fail(ErrorCode::kIo, fmt::format("cannot listen on {} port {}: the port is taken or the address is not of "
                                            "this machine; choose another --port or --host",
                                            host, port));
  return std::unique_ptr<Server>(new Server(std::move(impl)));
}

Status Server::Serve(Service& service) {
  impl_->service = &service;
  // accept can fail for reasons that pass (no memory, a network that went away); httplib then gives the socket up.
  for (int tries = 0; !impl_->ending_; ++tries) {
    (void)impl_->listen_after_bind();
    if (impl_->ending_) break;
    std::this_thread::sleep_for(seconds(1));
    if (!impl_->Listen(impl_->host, impl_->port) && tries > 30)
      return Fail(ErrorCode::kIo, "the listening socket failed and cannot be opened again");
  }
  impl_->over_ = true;
  return {};
}

void Server::Stop() {
  impl_->ending_ = true;
  // httplib forgets a stop that comes before its loop runs.
  for (int i = 0; i < 500 && !impl_->over_; ++i) {
    impl_->stop();
    std::this_thread::sleep_for(milliseconds(10));
  }
}

}  // namespace ascribe::serve
