#include "serve/intake.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "base/io.h"
#include "base/json.h"
#include "base/sha256.h"
#include "base/text.h"
#include "base/time.h"
#include "serve/case_list.h"
#include "serve/file_cache.h"

namespace ascribe::serve {
namespace fs = std::filesystem;
namespace {

// TOML 1.0 basic string.
std::string TomlString(std::string_view text) {
  std::string out = "\"";
  for (char c : SanitizeUtf8(text)) {
    if (c == '"' || c == '\\') out += '\\';
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
      out += fmt::format("\\u{:04X}", static_cast<unsigned char>(c));
    else
      out += c;
  }
  return out + "\"";
}

struct Held {
  std::uint64_t bytes = 0;
  std::size_t files = 0;
};

Held CountEvidence(const fs::path& folder) {
  Held held;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    std::error_code ignored;
    ++held.files;
    if (fs::is_regular_file(it->symlink_status(ignored))) held.bytes += it->file_size(ignored);
  }
  return held;
}

}  // namespace

std::string EvidenceName(std::string_view name) {
  if (name.empty() || name.size() > 200 || name == "." || name == "..") return {};
  std::string out;
  for (char c : name) {
    if (c == '/' || c == '\\' || c == '\0') return {};
    out += IsPlainName(std::string("x") + c) ? c : '_';
  }
  if (out.front() == '.') out.front() = '_';
  return out;
}

Result<NewCase> ParseNewCase(std::string_view json) {
  TRY_ASSIGN(const JsonDocument document, JsonDocument::Parse(json));
  const simdjson::dom::element root = document.root();
  simdjson::dom::object members;
  if (root.get(members) != simdjson::SUCCESS) return Fail(ErrorCode::kInvalidInput, "write an object with id, title, incident and tlp");
  // A misspelt marking must not become a milder one without a word.
  for (const auto& [key, value] : members) {
    constexpr std::string_view kKeys[] = {"id", "title", "incident", "tlp"};
    if (std::find(std::begin(kKeys), std::end(kKeys), key) == std::end(kKeys) || !value.is_string())
      return Fail(ErrorCode::kInvalidInput, fmt::format("{}: there is id, title, incident and tlp, each a text", TerminalSafe(Ellipsize(key, 40))));
  }
  NewCase out;
  out.id = JsonText(root, "id");
  if (!IsCaseId(out.id))
    return Fail(ErrorCode::kInvalidInput, "id: needs 1 to 64 of A-Z a-z 0-9 - _ . and no leading dot");
  const std::string_view title = JsonText(root, "title"), incident = JsonText(root, "incident");
  std::string tlp(JsonText(root, "tlp"));
  if (title.empty() || title.size() > 500) return Fail(ErrorCode::kInvalidInput, "title: needs 1 to 500 bytes of text");
  if (!ParseTime(incident))
    return Fail(ErrorCode::kInvalidInput,
                "incident: write the day of the incident as YYYY-MM-DD; what was public before it can be copied");
  if (tlp.empty()) tlp = "AMBER";
  constexpr std::string_view kTlp[] = {"CLEAR", "GREEN", "AMBER", "AMBER+STRICT", "RED"};
  if (std::find(std::begin(kTlp), std::end(kTlp), tlp) == std::end(kTlp))
    return Fail(ErrorCode::kInvalidInput, "tlp: write CLEAR, GREEN, AMBER, AMBER+STRICT or RED");
  out.toml = fmt::format("format = \"ascribe-case/1\"\nid = {}\ntitle = {}\ntlp = {}\n\n[dates]\nincident = {}\n",
                         TomlString(out.id), TomlString(title), TomlString(tlp), TomlString(incident));
  return out;
}

Intake::Intake(fs::path root) : root_(std::move(root)) {
  // What a server that was killed left behind.
  std::error_code ignored;
  const int uploads = OpenBelow(root_, {kIntakeFolder, kUploadFolder}, true);
  if (uploads < 0) return;
  ::close(uploads);
  for (const fs::directory_entry& entry : fs::directory_iterator(root_ / kIntakeFolder / kUploadFolder, ignored))
    fs::remove(entry.path(), ignored);
}

fs::path Intake::Folder(std::string_view id) const { return root_ / kIntakeFolder / id; }

bool Intake::Has(std::string_view id) const {
  if (!IsCaseId(id)) return false;
  const int fd = OpenBelow(root_, {kIntakeFolder, id, "case.toml"}, false);
  if (fd < 0) return false;
  ::close(fd);
  return true;
}

Status Intake::Create(const NewCase& wanted) {
  std::error_code error;
  fs::create_directories(root_ / kIntakeFolder / kUploadFolder, error);
  if (error) return Fail(ErrorCode::kIo, "the folder of cases cannot be written to: " + error.message());
  struct stat info {};
  if (::lstat((root_ / wanted.id).c_str(), &info) == 0)
    return Fail(ErrorCode::kConflict, "there is a case of this id already");
  const int parent = OpenBelow(root_, {kIntakeFolder}, true);
  if (parent < 0) return Fail(ErrorCode::kIo, "the folder of uploaded cases is no folder");
  const int made = ::mkdirat(parent, wanted.id.c_str(), 0777);
  const int reason = errno;
  ::close(parent);
  if (made != 0 && reason == EEXIST) return Fail(ErrorCode::kConflict, "there is a case of this id already");
  if (made != 0)
    return Fail(ErrorCode::kIo, fmt::format("the case folder cannot be made: {}",
                                            std::error_code(reason, std::generic_category()).message()));
  const fs::path folder = Folder(wanted.id);
  fs::create_directory(folder / "evidence", error);
  Status written = error ? Status(Fail(ErrorCode::kIo, "the evidence folder cannot be made"))
                         : WriteFileAtomic(folder / "case.toml", wanted.toml);
  if (!written) fs::remove_all(folder, error);
  if (!written) return Fail(ErrorCode::kIo, "the case cannot be written; is the disk full?");
  return {};
}

// Writes to a name outside the case, so that no investigation sees half a file.
class Intake::Sink : public BodySink {
 public:
  Sink(Intake& intake, std::string id, std::string name, fs::path temporary, int fd)
      : intake_(intake), id_(std::move(id)), name_(std::move(name)), temporary_(std::move(temporary)), fd_(fd) {}
  ~Sink() override {
    if (fd_ >= 0) ::close(fd_);
    if (!temporary_.empty()) ::unlink(temporary_.c_str());
    --intake_.uploads_;
  }
  Sink(const Sink&) = delete;
  Sink& operator=(const Sink&) = delete;

  bool Take(std::string_view piece) override {
    while (!piece.empty()) {
      const ssize_t n = ::write(fd_, piece.data(), piece.size());
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) {
        full_ = true;
        return false;
      }
      piece.remove_prefix(static_cast<std::size_t>(n));
      size_ += static_cast<std::uint64_t>(n);
    }
    return true;
  }

  Response Finish(bool complete) override {
    if (full_) return Problem(507, "disk-full", "the file cannot be written; nothing was kept");
    if (!complete) return Problem(400, "cut-body", "the body ended before its Content-Length; nothing was kept");
    if (::fsync(fd_) != 0 && errno != EINVAL)
      return Problem(507, "disk-full", "the file cannot be flushed to disk; nothing was kept");
    const auto sha256 = Sha256File(temporary_);
    if (!sha256) return Problem(500, "io", "the file cannot be read back; nothing was kept");
    return Publish(*sha256);
  }

 private:
  Response Publish(const std::string& sha256) {
    const std::lock_guard lock(intake_.publish_);
    const int folder = OpenBelow(intake_.root_, {kIntakeFolder, id_, "evidence"}, true);
    if (folder < 0) return Problem(404, "no-such-case", "the case has no evidence folder");
    struct Closer {
      int fd;
      ~Closer() { ::close(fd); }
    } const closer{folder};
    const nlohmann::ordered_json json = {{"name", name_}, {"sha256", sha256}, {"size", size_}};
    const fs::path target = intake_.Folder(id_) / "evidence" / name_;
    struct stat info {};
    if (::fstatat(folder, name_.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0) {
      const auto there = S_ISREG(info.st_mode) ? Sha256File(target) : Result<std::string>(std::string());
      if (there && *there == sha256) return Answer(200, "application/json", json.dump() + "\n");
      return Problem(
          409, "evidence-exists",
          fmt::format("{} is there with other bytes; evidence is never overwritten, choose another name", name_));
    }
    const Held held = CountEvidence(intake_.Folder(id_) / "evidence");
    if (held.files >= kMaxCaseFiles || held.bytes + size_ > kMaxCaseUpload)
      return Problem(413, "case-full",
                     fmt::format("a case takes {} files and {} bytes by upload", kMaxCaseFiles, kMaxCaseUpload));
    // Fails when the name came to be meanwhile: a rename would overwrite it.
    const bool renamed = ::renameat2(AT_FDCWD, temporary_.c_str(), folder, name_.c_str(), RENAME_NOREPLACE) == 0;
    // File systems without that flag (NFS): a link fails on an existing name too; the temporary name goes with this
    // object.
    const bool there_now =
        renamed || (errno == EINVAL && ::linkat(AT_FDCWD, temporary_.c_str(), folder, name_.c_str(), 0) == 0);
    if (!there_now) {
      if (errno == EEXIST)
        return Problem(409, "evidence-exists", "a file of that name came at the same time; try again");
      return Problem(500, "io", "the file cannot be put into the case");
    }
    if (renamed) temporary_.clear();
    (void)::fsync(folder);  // the name survives a power cut too; without it the file is merely uploaded again
    return Answer(201, "application/json", json.dump() + "\n");
  }

  Intake& intake_;
  std::string id_, name_;
  fs::path temporary_;
  int fd_;
  std::uint64_t size_ = 0;
  bool full_ = false;
};

Step Intake::Upload(std::string_view id, std::string_view name, std::uint64_t length) {
  if (!Has(id)) return {Problem(404, "no-such-case", "make the case first: POST /api/v1/cases"), nullptr};
  std::string plain = EvidenceName(name);
  if (plain.empty())
    return {Problem(400, "bad-name", "the name of the evidence must be a file name of 1 to 200 bytes, not a path"),
            nullptr};
  const Held held = CountEvidence(Folder(id) / "evidence");
  if (held.files >= kMaxCaseFiles || held.bytes + length > kMaxCaseUpload)
    return {Problem(413, "case-full",
                    fmt::format("a case takes {} files and {} bytes by upload", kMaxCaseFiles, kMaxCaseUpload)),
            nullptr};
  if (++uploads_ > kMaxUploads) {
    --uploads_;
    Response busy =
        Problem(503, "too-many-uploads", fmt::format("{} uploads are under way; try again later", kMaxUploads));
    busy.headers.emplace_back("Retry-After", "2");
    return {std::move(busy), nullptr};
  }
  const fs::path temporary = root_ / kIntakeFolder / kUploadFolder / fmt::format("{}-{}", ::getpid(), next_++);
  const int fd = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);
  if (fd < 0) {
    --uploads_;
    return {Problem(500, "io", "the upload cannot be stored; may the server write to the folder of cases?"), nullptr};
  }
  return {{}, std::make_unique<Sink>(*this, std::string(id), std::move(plain), temporary, fd)};
}

}  // namespace ascribe::serve
