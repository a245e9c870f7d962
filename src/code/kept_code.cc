#include "code/kept_code.h"

#include <libdeflate.h>

#include <algorithm>
#include <memory>

#include "base/io.h"
#include "base/sha256.h"

namespace ascribe {
namespace {

constexpr std::string_view kMagic = "ascribe-kept/1\n";
constexpr std::size_t kDigest = 64;
constexpr std::uint8_t kExecutable = 1, kWritable = 2;
constexpr std::uint8_t kIs64 = 1, kBigEndian = 2;
// deflate makes nothing smaller than a 1032nd part; a stated size beyond that is a lie and reserves nothing.
constexpr std::uint64_t kMostInflation = 1032;

void Put(std::string& out, std::uint64_t value, std::size_t bytes) {
  for (std::size_t i = 0; i < bytes; ++i) out += static_cast<char>(value >> (8 * i));
}

class Cursor {
 public:
  explicit Cursor(ByteView bytes) : bytes_(bytes) {}
  std::uint64_t Number(std::size_t bytes) {
    const auto part = Take(bytes);
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < part.size(); ++i) value |= std::uint64_t{part.data()[i]} << (8 * i);
    return value;
  }
  ByteView Take(std::uint64_t size) {
    const auto slice = bytes_.Slice(at_, size);
    if (!slice) {
      good_ = false;
      return {};
    }
    at_ += size;
    return *slice;
  }
  // A count of records of `each` bytes that still fit; anything else is a lie.
  std::uint64_t Count(std::uint64_t each) {
    const std::uint64_t count = Number(4);
    if (count * each > bytes_.size() - at_) good_ = false;
    return good_ ? count : 0;
  }
  [[nodiscard]] bool good() const { return good_; }
  [[nodiscard]] bool at_end() const { return at_ == bytes_.size(); }

 private:
  ByteView bytes_;
  std::uint64_t at_ = 0;
  bool good_ = true;
};

std::string Payload(const KeptCode& code) {
  std::string out;
  Put(out, static_cast<std::uint32_t>(code.known.days), 4);
  Put(out, static_cast<std::uint8_t>(code.format), 1);
  Put(out, static_cast<std::uint8_t>(code.architecture), 1);
  Put(out, (code.is_64 ? kIs64 : 0u) | (code.big_endian ? kBigEndian : 0u), 1);
  Put(out, code.image_base, 8);
  Put(out, code.sections.size(), 4);
  for (const KeptCode::Section& s : code.sections) {
    Put(out, s.address, 8);
    Put(out, s.virtual_size, 8);
    Put(out, s.offset, 8);
    Put(out, (s.executable ? kExecutable : 0u) | (s.writable ? kWritable : 0u), 1);
    Put(out, s.bytes.size(), 4);
  }
  Put(out, code.functions.size(), 4);
  for (const KeptCode::Function& f : code.functions) {
    Put(out, f.address, 8);
    Put(out, f.size, 4);
  }
  for (const KeptCode::Section& s : code.sections) out += ByteView(s.bytes).text();
  return out;
}

bool ReadPayload(ByteView bytes, KeptCode& code) {
  Cursor in(bytes);
  code.known.days = static_cast<std::int32_t>(static_cast<std::uint32_t>(in.Number(4)));
  const std::uint64_t format = in.Number(1), architecture = in.Number(1), flags = in.Number(1);
  if (format > static_cast<std::uint64_t>(BinaryFormat::kMachO) || architecture > static_cast<std::uint64_t>(Architecture::kOther)) return false;
  code.format = static_cast<BinaryFormat>(format);
  code.architecture = static_cast<Architecture>(architecture);
  code.is_64 = (flags & kIs64) != 0;
  code.big_endian = (flags & kBigEndian) != 0;
  code.image_base = in.Number(8);
  std::vector<std::uint64_t> sizes;
  for (std::uint64_t n = in.Count(29), i = 0; i < n; ++i) {
    KeptCode::Section s;
    s.address = in.Number(8);
    s.virtual_size = in.Number(8);
    s.offset = in.Number(8);
    const std::uint64_t kind = in.Number(1);
    s.executable = (kind & kExecutable) != 0;
    s.writable = (kind & kWritable) != 0;
    sizes.push_back(in.Number(4));
    if (sizes.back() > s.virtual_size || (i > 0 && s.address < code.sections.back().address)) return false;
    code.sections.push_back(std::move(s));
  }
  for (std::uint64_t n = in.Count(12), i = 0; i < n; ++i) {
    KeptCode::Function f;
    f.address = in.Number(8);
    f.size = static_cast<std::uint32_t>(in.Number(4));
    if (i > 0 && f.address <= code.functions.back().address) return false;
    code.functions.push_back(f);
  }
  for (std::size_t i = 0; i < code.sections.size() && in.good(); ++i) {
    const ByteView part = in.Take(sizes[i]);
    code.sections[i].bytes.assign(part.data(), part.data() + part.size());
  }
  return in.good() && in.at_end();
}

}  // namespace

std::uint64_t KeptCode::SizeAt(std::uint64_t address) const {
  const auto at = std::lower_bound(functions.begin(), functions.end(), address, [](const Function& f, std::uint64_t a) { return f.address < a; });
  return at != functions.end() && at->address == address ? at->size : 0;
}

Executable KeptCode::View() const {
  Executable view;
  view.format = format;
  view.architecture = architecture;
  view.is_64 = is_64;
  view.big_endian = big_endian;
  view.image_base = image_base;
  view.sections.reserve(sections.size());
  for (const Section& s : sections) view.sections.push_back({{}, s.address, s.virtual_size, s.offset, s.bytes, s.executable, s.writable});
  return view;
}

KeptCode KeepCode(const SampleCode& sample, Date known) {
  const Executable& executable = sample.executable;
  KeptCode code;
  code.sha256 = sample.sha256;
  code.known = known;
  code.format = executable.format;
  code.architecture = executable.architecture;
  code.is_64 = executable.is_64;
  code.big_endian = executable.big_endian;
  code.image_base = executable.image_base;
  if (executable.sections.size() > kMaxKeptSections) return code;
  for (const BinarySection& s : executable.sections) code.sections.push_back({s.address, s.virtual_size, s.offset, s.executable, s.writable, {}});
  std::uint64_t room = kMaxKeptBytes;
  for (const CodeFunction& f : sample.program.functions) {
    const BinarySection* from = f.instructions < kMinFunction ? nullptr : executable.SectionAt(f.address);
    if (from == nullptr) continue;
    if (code.functions.size() == kMaxKeptBytes / kMinFunction) break;
    const std::uint64_t begin = f.address - from->address, size = f.end - f.address;
    const auto bytes = from->bytes.Slice(begin, size);
    if (!bytes) continue;
    Bytes& to = code.sections[static_cast<std::size_t>(from - executable.sections.data())].bytes;
    const std::uint64_t grows = begin + size > to.size() ? begin + size - to.size() : 0;
    if (grows > room) continue;
    room -= grows;
    if (grows > 0) to.resize(static_cast<std::size_t>(begin + size));
    std::copy_n(bytes->data(), static_cast<std::size_t>(size), to.begin() + static_cast<std::ptrdiff_t>(begin));
    code.functions.push_back({f.address, static_cast<std::uint32_t>(size)});
  }
  return code;
}

std::string PrintKeptCode(const KeptCode& code) {
  const std::string payload = Payload(code);
  constexpr int kLevel = 6;  // beyond it code gets hardly smaller, and slower
  const std::unique_ptr<libdeflate_compressor, void (*)(libdeflate_compressor*)> packer(libdeflate_alloc_compressor(kLevel), libdeflate_free_compressor);
  std::string packed(libdeflate_deflate_compress_bound(packer.get(), payload.size()), '\0');
  packed.resize(libdeflate_deflate_compress(packer.get(), payload.data(), payload.size(), packed.data(), packed.size()));
  std::string out(kMagic);
  out += code.sha256;
  Put(out, payload.size(), 4);
  out += packed;
  return out + Sha256Hex(out);
}

Result<KeptCode> ParseKeptCode(ByteView bytes) {
  if (!bytes.text().starts_with(kMagic))
    return Fail(bytes.text().starts_with("ascribe-kept/") ? ErrorCode::kUnsupported : ErrorCode::kCorrupt, "not an ascribe-kept/1 file");
  constexpr std::size_t kHash = 64;
  if (bytes.size() < kMagic.size() + kHash + 4 + kDigest) return Fail(ErrorCode::kCorrupt, "cut off");
  const ByteView body = *bytes.Slice(0, bytes.size() - kDigest);
  if (Sha256Hex(body) != bytes.text().substr(body.size())) return Fail(ErrorCode::kCorrupt, "its digest does not match");
  KeptCode code;
  code.sha256 = std::string(bytes.text().substr(kMagic.size(), kHash));
  const std::uint64_t size = *body.U32(kMagic.size() + kHash);
  const ByteView packed = *body.Slice(kMagic.size() + kHash + 4, body.size() - kMagic.size() - kHash - 4);
  if (size > kMaxKeptPayload || size > packed.size() * kMostInflation) return Fail(ErrorCode::kCorrupt, "states more code than it can hold");
  Bytes payload(static_cast<std::size_t>(size));
  const std::unique_ptr<libdeflate_decompressor, void (*)(libdeflate_decompressor*)> unpacker(libdeflate_alloc_decompressor(), libdeflate_free_decompressor);
  if (libdeflate_deflate_decompress(unpacker.get(), packed.data(), packed.size(), payload.data(), payload.size(), nullptr) != LIBDEFLATE_SUCCESS)
    return Fail(ErrorCode::kCorrupt, "its code cannot be unpacked");
  if (!ReadPayload(payload, code)) return Fail(ErrorCode::kCorrupt, "its records do not fill it");
  return code;
}

Status WriteKeptCode(const std::filesystem::path& path, const KeptCode& code) { return WriteFileAtomic(path, PrintKeptCode(code)); }

Result<KeptCode> ReadKeptCode(const std::filesystem::path& path) {
  // What does not get smaller grows by some bytes a block of 64 KiB; a sixteenth is plenty.
  TRY_ASSIGN(const Bytes bytes, ReadFile(path, kMaxKeptPayload + kMaxKeptPayload / 16));
  auto code = ParseKeptCode(bytes);
  if (!code) return FailAt(path.string(), code.error());
  return code;
}

}  // namespace ascribe
