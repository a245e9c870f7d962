#include "base/json.h"

namespace ascribe {

Result<JsonDocument> JsonDocument::Parse(ByteView bytes) {
  if (bytes.size() > kMaxJsonBytes) return Fail(ErrorCode::kLimitExceeded, "JSON larger than 1 GiB");
  if (bytes.empty()) return Fail(ErrorCode::kInvalidInput, "empty file");  // simdjson would copy from a null pointer
  JsonDocument document;
  document.parser_ = std::make_unique<simdjson::dom::parser>(kMaxJsonBytes + simdjson::SIMDJSON_PADDING);
  if (document.parser_->allocate(bytes.size(), kMaxJsonDepth) != simdjson::SUCCESS)
    return Fail(ErrorCode::kLimitExceeded, "not enough memory for this JSON");
  const auto result = document.parser_->parse(bytes.data(), bytes.size(), /*realloc_if_needed=*/true);
  if (result.error() != simdjson::SUCCESS) {
    const bool deep = result.error() == simdjson::DEPTH_ERROR;
    return Fail(deep ? ErrorCode::kLimitExceeded : ErrorCode::kInvalidInput,
                deep ? "JSON nested deeper than 128 levels" : std::string(simdjson::error_message(result.error())));
  }
  document.root_ = result.value_unsafe();
  return document;
}

std::string_view JsonText(simdjson::dom::element object, std::string_view key) {
  std::string_view text;
  if (object[key].get(text) != simdjson::SUCCESS) return {};
  return text;
}

std::string JsonPointerStep(std::string_view key) {
  std::string out = "/";
  for (char c : key) {
    if (c == '~') {
      out += "~0";
    } else if (c == '/') {
      out += "~1";
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace ascribe
