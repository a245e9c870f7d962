#include "model/software_name.h"

#include "base/text.h"

namespace ascribe {

std::string SoftwareSlug(std::string_view name) {
  std::string slug;
  for (char c : AsciiLower(Trim(name))) {
    const bool gap = c == ' ' || c == '_' || c == '-' || c == '\t' || c == '\n' || c == '\r';
    if (!gap) {
      slug += c;
    } else if (!slug.empty() && slug.back() != '-') {
      slug += '-';
    }
  }
  while (!slug.empty() && slug.back() == '-') slug.pop_back();
  return slug;
}

}  // namespace ascribe
