#include "code/sample_code.h"

#include "base/sha256.h"
#include "disasm/decoder.h"
#include "disasm/plain_code.h"

namespace ascribe {

std::string SkippedTables(const SampleCode& sample) {
  if (sample.program.skipped.empty()) return {};
  return "more tables than are read: " + sample.program.skipped + "; its code and texts count as usual, likeness of tables and numbers may be too low";
}

Result<std::unique_ptr<SampleCode>> ReadSampleCode(Bytes bytes) {
  auto sample = std::make_unique<SampleCode>();
  sample->bytes = std::move(bytes);
  sample->sha256 = Sha256Hex(sample->bytes);
  TRY_ASSIGN(sample->executable, ParseExecutable(sample->bytes));
  const Executable& executable = sample->executable;
  sample->unavailable = PackedReason(executable);
  if (sample->unavailable.empty()) sample->unavailable = Decoder::WhyUnknown(executable);
  if (sample->unavailable.empty()) sample->unavailable = WhyNotPlain(executable);
  if (!sample->unavailable.empty()) return sample;
  sample->program = AnalyseProgram(executable);
  if (sample->program.functions.empty()) sample->unavailable = "holds no functions";
  return sample;
}

}  // namespace ascribe
