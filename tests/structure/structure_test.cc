// What the compiler does not check: the direction of includes, where heavy headers may stand, the size of files, and
// that nothing of the machine it was written on is in the repository.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace {
namespace fs = std::filesystem;

const fs::path kRoot = ASCRIBE_SOURCE_DIR;

// What each folder may include besides itself. CMake links the same order, but static libraries would let an include of
// a header with inline code pass unnoticed.
const std::map<std::string, std::set<std::string>>& MayInclude() {
  static const std::set<std::string> kBase = {"base"};
  static const std::set<std::string> kModel = {"base", "model"};
  static const std::set<std::string> kIngest = {"base", "model", "binary", "container"};
  static const std::set<std::string> kContainer = {"base", "binary"};
  static const std::set<std::string> kDisasm = {"base", "binary"};
  static const std::set<std::string> kLinker = {"base", "model", "store", "ingest"};
  static const std::set<std::string> kCode = {"base",   "model", "store", "ingest",
                                              "binary", "index", "disasm"};
  static const std::set<std::string> kWeigh = {"base", "model", "store",     "ingest",
                                               "code", "infra", "technique", "route"};
  static const std::set<std::string> kRespond = {"base", "model", "store", "ingest", "weigh"};
  static const std::set<std::string> kReport = {"base",   "model",  "store", "ingest", "weigh",
                                                "binary", "disasm", "code",  "respond"};
  static const std::set<std::string> kInterchange = {"base",   "model",  "store", "ingest", "weigh",
                                                     "binary", "disasm", "code",  "respond", "report"};
  static const std::set<std::string> kBacktest = {"base", "model", "store", "ingest", "weigh"};
  static const std::set<std::string> kApp = {"base",  "model",  "store",    "ingest", "binary", "container", "index",
                                             "disasm", "code", "weigh", "respond", "report", "interchange", "backtest", "serve"};
  static const std::map<std::string, std::set<std::string>> kTable = {
      {"base", {}},      {"model", kBase},    {"store", kModel},      {"ingest", kIngest}, {"binary", kBase}, {"container", kContainer}, {"disasm", kDisasm},
      {"index", kBase},  {"code", kCode}, {"infra", kLinker},  {"technique", kLinker}, {"route", kLinker},
      {"weigh", kWeigh}, {"respond", kRespond}, {"report", kReport}, {"interchange", kInterchange}, {"backtest", kBacktest}, {"serve", kBase}, {"app", kApp}};
  return kTable;
}

struct Include {
  std::string header;
  bool quoted = false;
  std::size_t line = 0;
};

struct SourceFile {
  std::string name;    // below src/
  std::string folder;  // "" for src/main.cc
  std::size_t lines = 0;
  std::vector<Include> includes;
  [[nodiscard]] bool is_header() const { return name.ends_with(".h"); }
};

SourceFile ReadSource(const fs::path& path) {
  SourceFile file;
  const fs::path relative = path.lexically_relative(kRoot / "src");
  file.name = relative.generic_string();
  file.folder = relative.has_parent_path() ? relative.begin()->string() : "";
  std::ifstream in(path);
  for (std::string line; std::getline(in, line);) {
    ++file.lines;
    std::string_view text = line;
    text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
    if (!text.starts_with("#include")) continue;
    const std::size_t open = text.find_first_of("<\"");
    const std::size_t close = open == text.npos ? text.npos : text.find_first_of(">\"", open + 1);
    if (close == text.npos) continue;
    file.includes.push_back({std::string(text.substr(open + 1, close - open - 1)), text[open] == '"', file.lines});
  }
  return file;
}

const std::vector<SourceFile>& Sources() {
  static const std::vector<SourceFile> files = [] {
    std::vector<SourceFile> found;
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(kRoot / "src")) {
      const std::string extension = entry.path().extension().string();
      if (entry.is_regular_file() && (extension == ".cc" || extension == ".h"))
        found.push_back(ReadSource(entry.path()));
    }
    return found;
  }();
  return files;
}

TEST(Structure, IncludesPointDownwards) {
  std::size_t checked = 0;
  for (const SourceFile& file : Sources()) {
    if (file.folder.empty()) continue;
    const auto allowed = MayInclude().find(file.folder);
    ASSERT_NE(allowed, MayInclude().end()) << "src/" << file.folder << " has no place in the order; give it one here";
    for (const Include& include : file.includes) {
      if (!include.quoted) continue;
      const std::string target = include.header.substr(0, include.header.find('/'));
      ASSERT_TRUE(MayInclude().count(target) == 1)
          << file.name << ":" << include.line << " includes \"" << include.header << "\", which is no path below src/";
      EXPECT_TRUE(target == file.folder || allowed->second.count(target) == 1)
          << file.name << ":" << include.line << " includes \"" << include.header << "\": " << file.folder
          << " must not know " << target;
      ++checked;
    }
  }
  EXPECT_GT(checked, 300u) << "the sources were not found";
}

// The table above is itself checked: nobody may include, over any number of steps, what includes them.
TEST(Structure, TheOrderHasNoCycle) {
  for (const auto& [folder, allowed] : MayInclude()) {
    for (const std::string& target : allowed) {
      ASSERT_EQ(MayInclude().count(target), 1u);
      EXPECT_EQ(MayInclude().at(target).count(folder), 0u) << folder << " and " << target << " include one another";
    }
  }
}

// These take seconds to compile each; in a header they would be paid by everybody who includes it. The wrappers that
// let them through are included by .cc files only.
TEST(Structure, HeavyHeadersStayOutOfHeaders) {
  const std::vector<std::string> heavy = {"simdjson.h", "toml++/",   "nlohmann/json.hpp", "CLI/",
                                          "re2/",       "sqlite3.h", "openssl/",          "httplib.h"};
  // A reader's private header that hands parsed JSON between its own two files is such a wrapper too.
  const std::map<std::string, std::string> wrappers = {{"base/json.h", "simdjson.h"},
                                                       {"base/toml.h", "toml++/"},
                                                       {"model/fact_record.h", "simdjson.h"},
                                                       {"ingest/stix_observable.h", "simdjson.h"},
                                                       {"ingest/stix_graph.h", "simdjson.h"}};
  for (const SourceFile& file : Sources()) {
    if (!file.is_header()) continue;
    for (const Include& include : file.includes) {
      for (const std::string& name : heavy) {
        const auto wrapper = wrappers.find(file.name);
        if (wrapper != wrappers.end() && wrapper->second == name) continue;
        EXPECT_FALSE(!include.quoted && include.header.starts_with(name))
            << file.name << ":" << include.line << " includes <" << include.header << ">";
      }
    }
  }
}

// SQL is spoken in one place, so that the ledger can be replaced or split without a hunt.
TEST(Structure, OnlyTheStoreKnowsSqlite) {
  for (const SourceFile& file : Sources())
    for (const Include& include : file.includes)
      EXPECT_FALSE(include.header == "sqlite3.h" && file.folder != "store") << file.name << ":" << include.line;
}

TEST(Structure, NoSourceFileIsLongerThan600Lines) {
  for (const SourceFile& file : Sources()) EXPECT_LE(file.lines, 600u) << file.name << ": split it by idea";
}

TEST(Structure, EveryFolderOfSrcSaysWhatItIsFor) {
  for (const auto& [folder, allowed] : MayInclude()) {
    const fs::path readme = kRoot / "src" / folder / "README.md";
    EXPECT_TRUE(fs::is_regular_file(readme) && fs::file_size(readme) > 40) << "src/" << folder << "/README.md";
  }
}

// Files that git tracks; without git (a release archive) all files that are not built.
std::vector<fs::path> TrackedFiles() {
  std::vector<fs::path> files;
  const std::string command = "git -C '" + kRoot.string() + "' ls-files -z 2>/dev/null";
  if (FILE* pipe = ::popen(command.c_str(), "r")) {
    std::string name;
    for (int c; (c = std::fgetc(pipe)) != EOF;) {
      if (c != '\0') {
        name += static_cast<char>(c);
        continue;
      }
      files.push_back(kRoot / name);
      name.clear();
    }
    ::pclose(pipe);
  }
  if (!files.empty()) return files;
  for (auto it = fs::recursive_directory_iterator(kRoot); it != fs::recursive_directory_iterator(); ++it) {
    const std::string name = it->path().filename().string();
    if (it->is_directory() && (name == "build" || name == "out" || name == ".git")) it.disable_recursion_pending();
    if (it->is_regular_file()) files.push_back(it->path());
  }
  return files;
}

TEST(Structure, NoMachinePathInTrackedFiles) {
  // Put together here, so that this file does not name them either.
  const std::vector<std::string> paths = {std::string("/wor") + "k/", std::string("/roo") + "t/",
                                          std::string("/tmp/ba") + "sh_jobs"};
  std::size_t checked = 0;
  for (const fs::path& file : TrackedFiles()) {
    std::error_code ignored;
    if (!fs::is_regular_file(file, ignored)) continue;  // deleted in the working tree
    std::ifstream in(file, std::ios::binary);
    std::ostringstream buffer;
    buffer << in.rdbuf();
    const std::string text = buffer.str();
    ++checked;
    for (const std::string& path : paths)
      EXPECT_EQ(text.find(path), text.npos) << file.lexically_relative(kRoot) << " names " << path;
  }
  EXPECT_GT(checked, 100u);
}

}  // namespace
