#include "app/data_folder.h"

#include <cstdlib>

namespace ascribe {
namespace fs = std::filesystem;

Result<fs::path> DataFolder() {
  std::error_code ignored;
  const auto holds_data = [&](const fs::path& folder) { return fs::is_regular_file(folder / "parameters.toml", ignored); };
  if (const char* set = std::getenv("ASCRIBE_DATA"); set != nullptr && set[0] != '\0') {
    if (holds_data(set)) return fs::path(set);
    return Fail(ErrorCode::kNotFound, std::string(set) + " (from ASCRIBE_DATA) holds no parameters.toml");
  }
  const fs::path program = fs::read_symlink("/proc/self/exe", ignored);
  for (fs::path folder = program.parent_path(); folder.has_relative_path(); folder = folder.parent_path()) {
    if (holds_data(folder / "data")) return folder / "data";
    if (holds_data(folder / "share/ascribe")) return folder / "share/ascribe";
  }
  return Fail(ErrorCode::kNotFound, "no data folder near the program; set ASCRIBE_DATA to the one with parameters.toml");
}

}  // namespace ascribe
