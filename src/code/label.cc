#include "code/label.h"

#include <fmt/format.h>

#include "base/text.h"

namespace ascribe {

Result<index::SampleMeta> ParseLabel(std::string_view text) {
  constexpr std::size_t kLongest = 200;
  index::SampleMeta label;
  for (std::string_view part : Split(text, ',')) {
    const std::size_t equals = part.find('=');
    const std::string_view key = Trim(part.substr(0, equals));
    const std::string_view value = equals == std::string_view::npos ? std::string_view() : Trim(part.substr(equals + 1));
    std::string* field = key == "actor"     ? &label.actor
                         : key == "family"  ? &label.family
                         : key == "version" ? &label.version
                         : key == "package" ? &label.package
                                            : nullptr;
    if (field == nullptr)
      return Fail(ErrorCode::kInvalidInput, fmt::format("label: \"{}\" is none of actor, family, version, package", key));
    if (value.empty() || value.size() > kLongest)
      return Fail(ErrorCode::kInvalidInput, fmt::format("label: {} needs a value of 1 to {} bytes", key, kLongest));
    if (!field->empty()) return Fail(ErrorCode::kInvalidInput, fmt::format("label: {} is given twice", key));
    *field = SanitizeUtf8(value);
  }
  return label;
}

}  // namespace ascribe
