#include "ingest/report_pdf.h"

// Only what is ours: the sniffer, and what happens to the converter's text. The converter itself runs in its own
// process.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ascribe::ByteView bytes(data, size);
  (void)ascribe::SniffReportPdf(bytes, "a.pdf");
  ascribe::Reading reading;
  ascribe::AppendPdfText(bytes.text(), reading);
  return 0;
}
