#include "report/page_template.h"

// The assembler takes the file in as it is: no generated source, and a compile time that does not grow with the page.
asm(R"(
.pushsection .rodata
.global ascribe_page_template
.global ascribe_page_template_end
ascribe_page_template:
.incbin ")" ASCRIBE_PAGE_TEMPLATE R"("
ascribe_page_template_end:
.byte 0
.popsection
)");

extern "C" {
extern const char ascribe_page_template[];
extern const char ascribe_page_template_end[];
}

namespace ascribe {

std::string_view PageTemplate() {
  return {ascribe_page_template, static_cast<std::size_t>(ascribe_page_template_end - ascribe_page_template)};
}

}  // namespace ascribe
