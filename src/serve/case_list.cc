#include "serve/case_list.h"

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "base/json.h"
#include "base/text.h"
#include "base/toml.h"

namespace ascribe::serve {
namespace fs = std::filesystem;
namespace {

std::string_view StateName(CaseSummary::State state) {
  switch (state) {
    case CaseSummary::State::kNew:
      return "new";
    case CaseSummary::State::kAssessed:
      return "assessed";
    case CaseSummary::State::kUnreadable:
      break;
  }
  return "unreadable";
}

double Number(simdjson::dom::element object, std::string_view key) {
  double value = 0;
  return object[key].get(value) == simdjson::SUCCESS ? std::clamp(value, 0.0, 1.0) : 0.0;
}

// What the list shows of an assessment; nothing in it is trusted to be there.
CaseSummary Summarise(const std::string& text) {
  CaseSummary out;
  out.state = CaseSummary::State::kUnreadable;
  const auto document = JsonDocument::Parse(text);
  if (!document) return out;
  const simdjson::dom::element root = document->root();
  if (!JsonText(root, "schema").starts_with("ascribe-assessment/")) return out;
  out.state = CaseSummary::State::kAssessed;
  simdjson::dom::element part;
  if (root["case"].get(part) == simdjson::SUCCESS) {
    out.title = JsonText(part, "title");
    out.tlp = JsonText(part, "tlp");
  }
  out.as_of = JsonText(root, "as_of");
  out.level = "operator";
  if (root["verdict"].get(part) == simdjson::SUCCESS && !JsonText(part, "level").empty())
    out.level = JsonText(part, "level");
  if (root["statement"].get(part) == simdjson::SUCCESS) out.verdict = JsonText(part, "likelihood");
  simdjson::dom::array ranked;
  if (root["levels"][out.level]["ranked"].get(ranked) == simdjson::SUCCESS)
    for (const simdjson::dom::element hypothesis : ranked) {
      if (JsonText(hypothesis, "kind") == "unknown") {
        out.unknown = Number(hypothesis, "posterior");
      } else if (out.leader.empty() && out.unknown == 0) {  // nobody is named when somebody unknown leads
        out.leader = JsonText(hypothesis, "name");
        out.leader_posterior = Number(hypothesis, "posterior");
      }
    }
  simdjson::dom::array packs;
  if (root["knowledge"]["packs"].get(packs) == simdjson::SUCCESS)
    for (const simdjson::dom::element pack : packs)
      out.packs.emplace_back(JsonText(pack, "id"), JsonText(pack, "digest"));
  return out;
}

// A case.toml has some kilobytes; a list of ten thousand cases must not wait for the parsing of one that has more.
constexpr std::size_t kMaxCaseToml = 1 << 20;

// What the list shows of a case before its first assessment. Whether the rest of case.toml holds is for `investigate` to say.
CaseSummary SummariseNew(const std::string& text) {
  CaseSummary out;
  if (text.size() > kMaxCaseToml) return out;
  const auto root = ParseToml(text);
  if (!root || TomlText(*root, "format") != "ascribe-case/1") return out;
  out.title = SanitizeUtf8(TomlText(*root, "title"));
  out.tlp = AsciiUpper(TomlText(*root, "tlp"));
  if (out.tlp.empty()) out.tlp = "AMBER";  // what a case without a marking has (docs/formats/cases.md)
  return out;
}

bool Exists(const fs::path& root, const std::vector<std::string_view>& steps, bool folder) {
  const int fd = OpenBelow(root, steps, folder);
  if (fd < 0) return false;
  struct stat info {};
  const bool good = ::fstat(fd, &info) == 0 && (folder || S_ISREG(info.st_mode));
  ::close(fd);
  return good;
}

void AddFolders(const fs::path& folder, std::set<std::string>& ids) {
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end && ids.size() < CaseList::kMaxCases;
       it.increment(error)) {
    const std::string name = it->path().filename().string();
    std::error_code ignored;
    if (IsCaseId(name) && fs::is_directory(it->symlink_status(ignored))) ids.insert(name);
  }
}

}  // namespace

bool IsCaseId(std::string_view id) { return IsPlainName(id) && id.size() <= 64; }

CaseList::CaseList(fs::path root, const Engine& engine, FileCache& files)
    : root_(std::move(root)), engine_(engine), files_(files) {}

CaseSummary CaseList::Parsed(const FileBytes& file, CaseSummary (*parse)(const std::string&)) {
  const std::lock_guard lock(mutex_);
  auto found = parsed_.find(file.sha256);
  if (found == parsed_.end()) {
    if (parsed_.size() > 2 * kMaxCases) parsed_.clear();
    found = parsed_.emplace(file.sha256, parse(*file.bytes)).first;
  }
  return found->second;
}

std::optional<CaseSummary> CaseList::Read(std::string_view id) {
  CaseSummary out;
  const bool intake = Exists(root_, {kIntakeFolder, id}, true);
  const auto file = files_.Get(root_, {id, "assessment.json"});
  if (file) {
    out = Parsed(*file, Summarise);
    out.sha256 = file->sha256;
  } else if (file.error().code != ErrorCode::kNotFound) {
    out.state = CaseSummary::State::kUnreadable;
  } else if (!intake) {
    return std::nullopt;
  } else if (const auto toml = files_.Get(root_, {kIntakeFolder, id, "case.toml"})) {
    out = Parsed(*toml, SummariseNew);
  }
  out.id = id;
  out.intake = intake;
  out.report = Exists(root_, {id, "report.html"}, false);
  return out;
}

std::vector<CaseSummary> CaseList::List() {
  std::set<std::string> ids;
  AddFolders(root_, ids);
  AddFolders(root_ / kIntakeFolder, ids);
  const auto today = engine_.knowledge();
  std::vector<CaseSummary> list;
  for (const std::string& id : ids) {
    std::optional<CaseSummary> summary = Read(id);
    if (!summary) continue;
    if (today && summary->state == CaseSummary::State::kAssessed) {
      const std::map<std::string, std::string> then(summary->packs.begin(), summary->packs.end());
      summary->stale = then != *today;
    }
    list.push_back(std::move(*summary));
  }
  return list;
}

std::optional<CaseSummary> CaseList::Find(std::string_view id) { return IsCaseId(id) ? Read(id) : std::nullopt; }

std::string CaseList::ToJson(const std::vector<CaseSummary>& cases) const {
  using Json = nlohmann::ordered_json;
  const auto text_or_null = [](const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); };
  Json list = Json::array();
  for (const CaseSummary& c : cases) {
    const bool assessed = c.state == CaseSummary::State::kAssessed;
    list.push_back(
        {{"id", c.id},
         {"state", StateName(c.state)},
         {"title", c.title},
         {"tlp", c.tlp},
         {"as_of", text_or_null(c.as_of)},
         {"verdict", text_or_null(c.verdict)},
         {"level", text_or_null(c.level)},
         {"leader", c.leader.empty() ? Json(nullptr) : Json{{"name", c.leader}, {"posterior", c.leader_posterior}}},
         {"unknown", assessed ? Json(c.unknown) : Json(nullptr)},
         {"stale", c.stale ? Json(*c.stale) : Json(nullptr)},
         {"report", c.report},
         {"intake", c.intake},
         {"sha256", text_or_null(c.sha256)}});
  }
  return Json{{"cases", list}}.dump(1, ' ', true, Json::error_handler_t::replace) + "\n";
}

}  // namespace ascribe::serve
