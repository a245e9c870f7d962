#include "binary/macho_image.h"

#include <fmt/format.h>

#include <algorithm>

namespace ascribe {
namespace {

constexpr std::uint32_t kMagic32 = 0xFEED'FACE, kMagic64 = 0xFEED'FACF, kFat = 0xCAFE'BABE, kFat64 = 0xCAFE'BABF;
constexpr std::uint32_t kTwoLevels = 0x80;

enum Command : std::uint32_t {
  kSegment = 0x1,
  kSymbolTable = 0x2,
  kThread = 0x4,
  kUnixThread = 0x5,
  kDynamicSymbols = 0xB,
  kLoadLibrary = 0xC,
  kSegment64 = 0x19,
  kLazyLoadLibrary = 0x20,
  kEncryption = 0x21,
  kFunctionStarts = 0x26,
  kEncryption64 = 0x2C,
  kLoadWeakLibrary = 0x8000'0018,
  kReexportLibrary = 0x8000'001F,
  kLoadUpwardLibrary = 0x8000'0023,
  kMain = 0x8000'0028
};

// The view as its magic says: nullopt when it has none.
std::optional<EndianView> ImageView(ByteView bytes) {
  for (bool big : {false, true}) {
    EndianView view{bytes, big, false};
    const auto magic = view.U32(0);
    view.wide = magic == kMagic64;
    if (magic == kMagic32 || view.wide) return view;
  }
  return std::nullopt;
}

// Names of 16 bytes that need not end.
std::string FixedName(ByteView bytes, std::uint64_t at) {
  const std::string_view name = bytes.text().substr(static_cast<std::size_t>(at), 16);
  return std::string(name.substr(0, name.find('\0')));
}

// Where the program counter stands among the registers of a thread: flavour, offset.
std::optional<std::pair<std::uint32_t, std::uint64_t>> ProgramCounter(std::uint32_t cpu) {
  switch (cpu) {
    case MachOImage::kX86:
      return std::pair{1u, std::uint64_t{10 * 4}};
    case MachOImage::kX64:
      return std::pair{4u, std::uint64_t{16 * 8}};
    case MachOImage::kArm:
      return std::pair{1u, std::uint64_t{15 * 4}};
    case MachOImage::kArm64:
      return std::pair{6u, std::uint64_t{32 * 8}};
    case MachOImage::kPpc:
      return std::pair{1u, std::uint64_t{0}};
    case MachOImage::kPpc64:
      return std::pair{5u, std::uint64_t{0}};
    default:
      return std::nullopt;
  }
}

class Reading {
 public:
  explicit Reading(ByteView file) { image_.file = file; }

  Result<MachOImage> Read() {
    TRY(ChooseSlice());
    const EndianView& v = image_.slice;
    const std::uint64_t header = v.wide ? 32 : 28;
    if (!v.bytes.Contains(0, header)) return Fail(ErrorCode::kInvalidInput, "ends within the Mach-O header");
    image_.cpu = *v.U32(4);
    image_.file_type = *v.U32(12);
    image_.two_levels = (*v.U32(24) & kTwoLevels) != 0;
    Commands(header, *v.U32(16), *v.U32(20));
    Base();
    return std::move(image_);
  }

 private:
  Status ChooseSlice() {
    const EndianView fat{image_.file, true, image_.file.size() >= 4 && EndianView{image_.file, true}.U32(0) == kFat64};
    if (fat.U32(0) != kFat && !fat.wide) return UseSlice(0, image_.file.size());
    const auto stated = fat.U32(4);
    if (!stated) return Fail(ErrorCode::kInvalidInput, "ends within the fat header");
    if (*stated > kMaxMachOSlices)
      return Fail(ErrorCode::kInvalidInput,
                  fmt::format("{} parts in a fat file: a Java class, or made by hand", *stated));
    struct Slice {
      std::uint64_t offset = 0, size = 0;
      int rank = 0;
      std::size_t index = 0;
    };
    std::vector<Slice> slices;
    const std::uint64_t step = fat.wide ? 32 : 20;
    for (std::uint64_t at = 8; slices.size() < *stated && fat.bytes.Contains(at, step); at += step) {
      const std::uint32_t cpu = *fat.U32(at);
      image_.slices.push_back({cpu, {*fat.Word(at + 8), *fat.Word(at + 8 + fat.word_size())}, {at, step}, false});
      slices.push_back({*fat.Word(at + 8), *fat.Word(at + 8 + fat.word_size()),
                        cpu == MachOImage::kX64   ? 0
                        : cpu == MachOImage::kX86 ? 1
                                                  : 2,
                        slices.size()});
    }
    if (slices.size() < *stated)
      image_.oddities.push_back(fmt::format("fat header ends after {} of {} parts", slices.size(), *stated));
    std::vector<Slice> by_offset = slices;
    std::sort(by_offset.begin(), by_offset.end(), [](const Slice& a, const Slice& b) { return a.offset < b.offset; });
    for (std::size_t i = 1; i < by_offset.size(); ++i) {
      if (by_offset[i].offset - by_offset[i - 1].offset >= by_offset[i - 1].size) continue;
      image_.oddities.emplace_back("parts of the fat file overlap");
      break;
    }
    std::stable_sort(slices.begin(), slices.end(), [](const Slice& a, const Slice& b) { return a.rank < b.rank; });
    for (const Slice& slice : slices)
      if (slice.offset > 0 && UseSlice(slice.offset, slice.size)) {
        TellSlices(slice.index);
        return {};
      }
    return Fail(ErrorCode::kInvalidInput, "a fat file without a Mach-O image in it");
  }

  void TellSlices(std::size_t used) {
    image_.slices[used].read = true;
    std::string others;
    for (const MachOSlice& slice : image_.slices)
      if (!slice.read) others += (others.empty() ? "" : ", ") + slice.Name();
    if (!others.empty())
      image_.oddities.push_back(fmt::format("of {} parts of the fat file that for {} is read; not read: {}", image_.slices.size(), image_.slices[used].Name(), others));
  }

  Status UseSlice(std::uint64_t offset, std::uint64_t size) {
    const std::uint64_t length = image_.file.size();
    if (offset > length) return Fail(ErrorCode::kInvalidInput, "lies outside of the file");
    const ByteView bytes = *image_.file.Slice(offset, std::min(size, length - offset));
    const auto view = ImageView(bytes);
    if (!view) return Fail(ErrorCode::kInvalidInput, "does not begin with a Mach-O magic");
    if (size > length - offset) image_.oddities.emplace_back("the image is cut off by the end of the file");
    image_.slice = *view;
    image_.slice_offset = offset;
    return {};
  }

  void Commands(std::uint64_t at, std::uint32_t count, std::uint32_t bytes) {
    const EndianView& v = image_.slice;
    std::uint64_t end = at + bytes;
    if (end > v.bytes.size()) {
      image_.oddities.emplace_back("the load commands are cut off");
      end = v.bytes.size();
    }
    if (count > kMaxMachOCommands) {
      image_.oddities.push_back(fmt::format("{} load commands, only the first {} are read", count, kMaxMachOCommands));
      count = kMaxMachOCommands;
    }
    for (std::uint32_t i = 0; i < count; ++i) {
      const auto kind = v.U32(at), size = v.U32(at + 4);
      if (!kind || !size || at + 8 > end || *size < 8 || *size > end - at) {
        image_.oddities.push_back(fmt::format("load commands end after {} of {}", i, count));
        return;
      }
      // A view of the command alone: nothing in it may be read from beyond its end.
      One(*kind, v.With(*v.bytes.Slice(at, *size)));
      at += *size;
    }
  }

  void One(std::uint32_t kind, const EndianView& c) {
    switch (kind) {
      case kSegment:
        return Segment(c.With(c.bytes), false);
      case kSegment64:
        return Segment(c.With(c.bytes), true);
      case kSymbolTable:
        if (image_.symbols.size == 0) {
          image_.symbols = {c.U32(8).value_or(0), c.U32(12).value_or(0)};
          image_.strings = {c.U32(16).value_or(0), c.U32(20).value_or(0)};
        }
        return;
      case kDynamicSymbols:
        if (image_.indirect_symbols.size == 0) image_.indirect_symbols = {c.U32(56).value_or(0), c.U32(60).value_or(0)};
        return;
      case kFunctionStarts:
        if (image_.function_starts.size == 0) image_.function_starts = {c.U32(8).value_or(0), c.U32(12).value_or(0)};
        return;
      case kLoadLibrary:
      case kLazyLoadLibrary:
      case kLoadWeakLibrary:
      case kReexportLibrary:
      case kLoadUpwardLibrary:  // the numbers of libraries count these together
        image_.libraries.push_back(TerminatedText(c.bytes, c.U32(8).value_or(0), 1024).value_or(std::string_view()));
        return;
      case kMain:
        if (!main_) main_ = c.U64(8);
        return;
      case kThread:
      case kUnixThread:
        return Thread(c);
      case kEncryption:
      case kEncryption64:
        if (c.U32(16).value_or(0) != 0) image_.oddities.emplace_back("the code is encrypted for a store");
        return;
      default:
        return;
    }
  }

  void Segment(EndianView c, bool wide) {
    c.wide = wide;
    const std::uint64_t header = wide ? 72 : 56, step = wide ? 80 : 68, word = c.word_size();
    if (!c.bytes.Contains(0, header)) return;
    MachOSegment segment;
    segment.name = FixedName(c.bytes, 8);
    segment.address = *c.Word(24);
    segment.size = std::min(*c.Word(24 + word), ~std::uint64_t{0} - segment.address);
    segment.offset = *c.Word(24 + 2 * word);
    segment.file_size = *c.Word(24 + 3 * word);
    segment.protection = *c.U32(24 + 4 * word + 4);
    const std::uint32_t count = *c.U32(24 + 4 * word + 8);
    const auto index = static_cast<std::uint32_t>(image_.segments.size());
    for (std::uint32_t i = 0; i < count; ++i) {
      const std::uint64_t at = header + step * i;
      if (!c.bytes.Contains(at, step) || image_.sections.size() >= kMaxMachOSections) {
        image_.oddities.push_back(fmt::format("segment {} has room for {} of {} sections", segment.name, i, count));
        break;
      }
      MachOSection s;
      s.name = FixedName(c.bytes, at + 16) + "," + FixedName(c.bytes, at);
      s.address = *c.Word(at + 32);
      s.size = std::min(*c.Word(at + 32 + word), ~std::uint64_t{0} - s.address);
      const std::uint64_t rest = at + 32 + 2 * word;
      s.offset = *c.U32(rest);
      s.flags = *c.U32(rest + 16);
      s.first_indirect = *c.U32(rest + 20);
      s.segment = index;
      image_.sections.push_back(std::move(s));
      ++segment.sections;
    }
    image_.segments.push_back(std::move(segment));
  }

  // Flavours of registers one after the other, each with its length in words of 4 bytes.
  void Thread(const EndianView& c) {
    const auto wanted = ProgramCounter(image_.cpu);
    for (std::uint64_t at = 8; wanted && !image_.entry;) {
      const auto flavour = c.U32(at), words = c.U32(at + 4);
      if (!flavour || !words) return;
      if (*flavour == wanted->first) {
        image_.entry = c.Word(at + 8 + wanted->second);
        return;
      }
      at += 8 + 4 * std::uint64_t{*words};
    }
  }

  void Base() {
    const MachOSegment* text = nullptr;
    for (const MachOSegment& s : image_.segments)
      if (text == nullptr && (s.name == "__TEXT" || (s.offset == 0 && s.file_size > 0))) text = &s;
    if (text == nullptr) return;
    image_.base = text->address;
    if (main_) image_.entry = image_.slice.Wrap(text->address - text->offset + *main_);
  }

  MachOImage image_;
  std::optional<std::uint64_t> main_;  // offset of the entry
};

}  // namespace

ByteView MachOImage::Held(std::uint64_t offset, std::uint64_t size) const {
  const ByteView& bytes = slice.bytes;
  if (offset >= bytes.size()) return {};
  return *bytes.Slice(offset, std::min<std::uint64_t>(size, bytes.size() - offset));
}

std::string MachOSlice::Name() const {
  switch (cpu) {
    case MachOImage::kX86:
      return "x86";
    case MachOImage::kX64:
      return "x64";
    case MachOImage::kArm:
      return "arm";
    case MachOImage::kArm64:
      return "arm64";
    case MachOImage::kPpc:
      return "ppc";
    case MachOImage::kPpc64:
      return "ppc64";
    default:
      return fmt::format("cpu 0x{:x}", cpu);
  }
}

bool LooksLikeMachO(ByteView file) {
  const auto magic = EndianView{file, true}.U32(0);
  return magic == kFat || magic == kFat64 || ImageView(file).has_value();
}

Result<MachOImage> ParseMachOImage(ByteView file) { return Reading(file).Read(); }

}  // namespace ascribe
