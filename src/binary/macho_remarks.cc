#include "binary/macho_remarks.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "binary/remark.h"

namespace ascribe {
namespace {

enum Command : std::uint32_t {
  kOwnName = 0xD,
  kUuid = 0x1B,
  kCodeSignature = 0x1D,
  kMinimumMac = 0x24,
  kMinimumPhone = 0x25,
  kSourceVersion = 0x2A,
  kMinimumTv = 0x2F,
  kMinimumWatch = 0x30,
  kBuildVersion = 0x32,
  kSearchPath = 0x8000'001C
};
constexpr std::uint32_t kSignature = 0xFADE'0CC0, kCodeDirectory = 0xFADE'0C02;  // both in big-endian order everywhere
constexpr std::uint32_t kFirstWithTeam = 0x20200;                                // version of a code directory
constexpr std::uint32_t kMaxSignatureParts = 32;                                 // signatures have some five
constexpr std::size_t kMaxName = 1024;

// Numbers of LC_BUILD_VERSION (Apple's mach-o/loader.h).
std::string Platform(std::uint32_t number) {
  switch (number) {
    case 1:
      return "macOS";
    case 2:
      return "iOS";
    case 3:
      return "tvOS";
    case 4:
      return "watchOS";
    case 6:
      return "Mac Catalyst";
    case 7:
      return "iOS simulator";
    default:
      return fmt::format("platform {}", number);
  }
}

// Sixteen bits, eight, eight: "10.15" or "10.15.2".
std::string Version(std::uint32_t packed) {
  std::string text = fmt::format("{}.{}", packed >> 16, packed >> 8 & 0xFF);
  if ((packed & 0xFF) != 0) text += fmt::format(".{}", packed & 0xFF);
  return text;
}

class Remarks {
 public:
  Remarks(const MachOImage& image, Executable& out) : image_(image), out_(out) {}

  void Add() {
    for (const MachOSlice& slice : image_.slices)
      AddRemark(out_,
                fmt::format("part of the fat file: {}, {} bytes{}", slice.Name(), slice.range.size,
                            slice.read ? "" : ", not read"),
                {slice.entry.offset, slice.entry.size});
    const EndianView& v = image_.slice;
    std::uint64_t at = v.wide ? 32 : 28;
    const std::uint32_t count = std::min(v.U32(16).value_or(0), kMaxMachOCommands);
    for (std::uint32_t i = 0; i < count; ++i) {
      const auto kind = v.U32(at), size = v.U32(at + 4);
      if (!kind || !size || *size < 8 || !v.bytes.Contains(at, *size)) return;
      at_ = at;
      One(*kind, v.With(*v.bytes.Slice(at, *size)));
      at += *size;
    }
  }

 private:
  // A part of the command, which stands at `at_` of the image.
  void Told(std::string text, std::uint64_t offset, std::uint64_t size) {
    AddRemark(out_, std::move(text), {image_.slice_offset + at_ + offset, size});
  }
  void Named(std::string_view what, const EndianView& c) {
    const std::uint32_t at = c.U32(8).value_or(0);
    const auto text = TerminatedText(c.bytes, at, kMaxName);
    if (text && !text->empty()) Told(fmt::format("{}: {}", what, *text), at, text->size());
  }

  void One(std::uint32_t kind, const EndianView& c) {
    switch (kind) {
      case kUuid: {
        const auto bytes = c.bytes.Slice(8, 16);
        if (!bytes) return;
        std::string id;
        for (std::size_t i = 0; i < 16; ++i)
          id += fmt::format("{}{:02x}", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", bytes->data()[i]);
        return Told("UUID: " + id, 8, 16);
      }
      case kMinimumMac:
        return Built("macOS", c, 8);
      case kMinimumPhone:
        return Built("iOS", c, 8);
      case kMinimumTv:
        return Built("tvOS", c, 8);
      case kMinimumWatch:
        return Built("watchOS", c, 8);
      case kBuildVersion:
        return Built(Platform(c.U32(8).value_or(0)), c, 12);
      case kSourceVersion:
        if (const auto packed = c.U64(8); packed && *packed != 0)  // 24 bits and four times ten
          Told(fmt::format("version of the sources: {}.{}.{}.{}.{}", *packed >> 40, *packed >> 30 & 0x3FF,
                           *packed >> 20 & 0x3FF, *packed >> 10 & 0x3FF, *packed & 0x3FF),
               8, 8);
        return;
      case kOwnName:
        return Named("own name", c);
      case kSearchPath:
        return Named("library search path", c);
      case kCodeSignature:
        return Signature(c.U32(8).value_or(0), c.U32(12).value_or(0));
      default:
        return;
    }
  }

  void Built(const std::string& system, const EndianView& c, std::uint64_t at) {
    const auto minimum = c.U32(at), sdk = c.U32(at + 4);
    if (minimum && sdk)
      Told(fmt::format("built for {} {} with SDK {}", system, Version(*minimum), Version(*sdk)), 8, at);
  }

  // A table of parts; the code directory among them names the program and who signed it.
  void Signature(std::uint64_t offset, std::uint64_t size) {
    const EndianView blob{image_.Held(offset, size), true};
    if (blob.U32(0) != kSignature) return;
    const std::uint32_t count = std::min(blob.U32(8).value_or(0), kMaxSignatureParts);
    for (std::uint32_t i = 0; i < count; ++i) {
      const std::uint64_t at = blob.U32(12 + 8 * std::uint64_t{i} + 4).value_or(0);
      if (at == 0 || blob.U32(at) != kCodeDirectory) continue;
      at_ = offset + at;
      const EndianView directory{*blob.bytes.Slice(at, blob.bytes.size() - at), true};
      const auto text = [&](std::string_view what, std::uint32_t place) {
        const auto found = place == 0 ? std::nullopt : TerminatedText(directory.bytes, place, kMaxName);
        if (found && !found->empty())
          Told(fmt::format("code signature, {} (not verified): {}", what, *found), place, found->size());
      };
      text("identifier", directory.U32(20).value_or(0));
      if (directory.U32(8).value_or(0) >= kFirstWithTeam) text("team", directory.U32(48).value_or(0));
      return;  // others repeat it with another hash
    }
  }

  const MachOImage& image_;
  Executable& out_;
  std::uint64_t at_ = 0;
};

}  // namespace

void AddMachORemarks(const MachOImage& image, Executable& out) { Remarks(image, out).Add(); }

}  // namespace ascribe
