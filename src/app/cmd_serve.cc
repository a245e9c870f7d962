#include <fmt/format.h>
#include <pthread.h>
#include <signal.h>

#include <cstdlib>
#include <mutex>
#include <optional>
#include <thread>

#include "app/child_investigation.h"
#include "app/commands.h"
#include "app/data_folder.h"
#include "app/exit_codes.h"
#include "app/investigation.h"
#include "app/knowledge_base.h"
#include "base/io.h"
#include "base/text.h"
#include "serve/server.h"

namespace ascribe {
namespace fs = std::filesystem;
namespace {

constexpr std::uint64_t kMaxTokenFile = 4096;

// From the file or the environment, never from the command line, which every user of the machine can read.
Result<std::string> Token(const fs::path& file) {
  std::string text;
  if (!file.empty()) {
    TRY_ASSIGN(text, ReadTextFile(file, kMaxTokenFile));
  } else if (const char* set = std::getenv("ASCRIBE_TOKEN"); set != nullptr) {
    text = set;
  } else {
    return std::string();
  }
  const std::string_view token = Trim(std::string_view(text).substr(0, text.find('\n')));
  for (char c : token)
    if (c <= ' ' || c > '~') return Fail(ErrorCode::kInvalidInput, "the token must be printable ASCII without blanks");
  if (token.size() < serve::kMinToken)
    return Fail(
        ErrorCode::kInvalidInput,
        fmt::format("the token needs at least {} characters; make one with: openssl rand -hex 32", serve::kMinToken));
  return std::string(token);
}

// Digests of today's knowledge. Loading it takes a good part of a second, so it is done again only when a file of it or
// the ledger has changed.
class KnowledgeToday {
 public:
  explicit KnowledgeToday(fs::path kb) : kb_(std::move(kb)) {}
  Result<std::map<std::string, std::string>> Digests() {
    const std::lock_guard lock(mutex_);
    TRY_ASSIGN(const fs::path data, DataFolder());
    std::string stamp = Stamp(data);
    if (stamp == stamp_) return digests_;
    // A folder without a ledger is one without additions; a page must not make it.
    std::optional<Ledger> ledger;
    auto opened = OpenLedger(kb_, Ledger::Mode::kReadOnly);
    if (opened)
      ledger.emplace(std::move(*opened));
    else if (opened.error().code != ErrorCode::kNotFound)
      return tl::unexpected(opened.error());
    TRY_ASSIGN(const KnowledgeBase known, LoadKnowledgeBase(data, ledger ? &*ledger : nullptr, std::nullopt));
    digests_.clear();
    for (const Batch& batch : known.batches) digests_.emplace(batch.id, batch.key);
    stamp_ = std::move(stamp);
    return digests_;
  }

 private:
  static void Add(const fs::path& file, std::string& stamp) {
    std::error_code error;
    const auto time = fs::last_write_time(file, error).time_since_epoch().count();
    if (!error) stamp += fmt::format("{}\t{}\t{}\n", file.string(), time, fs::file_size(file, error));
  }
  std::string Stamp(const fs::path& data) const {
    constexpr std::size_t kMaxFiles = 100'000;
    std::string stamp;
    if (const auto files = ListFiles(data, kMaxFiles))
      for (const FileEntry& file : files->files) Add(file.path, stamp);
    Add(kb_ / "ledger.db", stamp);
    Add(kb_ / "ledger.db-wal", stamp);
    return stamp;
  }

  fs::path kb_;
  std::mutex mutex_;
  std::string stamp_;
  std::map<std::string, std::string> digests_;
};

}  // namespace

int CmdServe(const CommandLine& line) {
  const ServeLineOptions& options = line.serve;
  auto token = Token(options.token_file);
  if (!token)
    return Report({token.error().code, "--token-file or ASCRIBE_TOKEN: " + token.error().message}), kExitUsage;
  if (token->empty() && !serve::IsLoopback(options.host)) {
    Talk(fmt::format(
        "ascribe: --host {} can be reached from other machines: give a token with --token-file FILE or ASCRIBE_TOKEN\n",
        TerminalSafe(Ellipsize(options.host, 80))));
    return kExitUsage;
  }
  Result<fs::path> kb = line.kb.empty() ? DefaultDataHome() : Result<fs::path>(line.kb);
  if (!kb) return Report(kb.error());
  std::error_code error;
  const fs::path cases = fs::absolute(options.cases, error), ledger = fs::absolute(*kb, error);
  if (fs::exists(cases, error) && !fs::is_directory(cases, error))
    return Report({ErrorCode::kNotFound, "--cases " + options.cases.string() + " is no folder"});

  // Signals are waited for by one thread; all others, made from here on, never see them.
  sigset_t signals;
  ::sigemptyset(&signals);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) ::sigaddset(&signals, signal);
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);

  auto server = serve::Server::Bind(options.host, options.port);
  if (!server) return Report(server.error());
  KnowledgeToday knowledge(ledger);
  serve::Engine engine;
  engine.investigate = [&](const fs::path& case_folder, const fs::path& out, const serve::ProgressCall& progress,
                           const std::atomic<bool>& stop) {
    return InvestigateInChild(case_folder, out, ledger, line.threads, progress, stop);
  };
  engine.knowledge = [&] { return knowledge.Digests(); };
  const int port = (*server)->port();
  const bool guarded = !token->empty();
  serve::Service service(cases, engine, serve::MakePolicy(options.host, port, std::move(*token), options.read_only));

  Status served;
  std::thread listener([&] {
    served = (*server)->Serve(service);
    if (!served) ::kill(::getpid(), SIGTERM);
  });
  const std::string shown = options.host.find(':') == std::string::npos ? options.host : "[" + options.host + "]";
  const bool printed = Print(fmt::format("http://{}:{}/\n", shown, port));
  if (!line.quiet)
    Talk(fmt::format("ascribe: serving {}{}{}; Ctrl-C ends it\n", TerminalSafe(cases.string()),
                     options.read_only ? ", read only" : "", guarded ? ", with a token" : ""));
  int signal = 0;
  if (printed) ::sigwait(&signals, &signal);
  (*server)->Stop();
  service.Stop();
  listener.join();
  if (!served) return Report(served.error());
  return printed ? kExitDone : kExitFailure;
}

}  // namespace ascribe
