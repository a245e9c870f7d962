#pragma once

#include <archive.h>
#include <archive_entry.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"

namespace ascribe {

/// Makes archives in memory, for tests. `format` as libarchive names it ("zip", "7zip", "pax", "cpio", "iso9660",
/// "raw"), `filter` "none", "gzip", "xz" or "bzip2", `password` for zip only.
struct ArchiveBuilder {
  std::string format = "zip";
  std::string filter = "none";
  std::string password = {};
  std::string encryption = "traditional";  ///< or "aes256"
  std::vector<std::pair<std::string, std::string>> files = {};
  std::vector<std::pair<std::string, std::string>> links = {};  ///< name, target

  [[nodiscard]] Bytes Build() const {
    archive* a = archive_write_new();
    EXPECT_EQ(archive_write_set_format_by_name(a, format.c_str()), ARCHIVE_OK) << archive_error_string(a);
    if (filter != "none") {
      EXPECT_EQ(archive_write_add_filter_by_name(a, filter.c_str()), ARCHIVE_OK) << archive_error_string(a);
    }
    if (!password.empty()) {
      EXPECT_EQ(archive_write_set_options(a, ("zip:encryption=" + encryption).c_str()), ARCHIVE_OK)
          << archive_error_string(a);
      EXPECT_EQ(archive_write_set_passphrase(a, password.c_str()), ARCHIVE_OK);
    }
    archive_write_set_bytes_in_last_block(a, 1);
    Bytes out;
    archive_write_open2(a, &out, nullptr, Append, nullptr, nullptr);
    for (const auto& [name, content] : files) Put(a, name, content, AE_IFREG);
    for (const auto& [name, target] : links) Put(a, name, target, AE_IFLNK);
    EXPECT_EQ(archive_write_close(a), ARCHIVE_OK) << archive_error_string(a);
    archive_write_free(a);
    return out;
  }
  [[nodiscard]] std::string Text() const {
    const Bytes bytes = Build();
    return {bytes.begin(), bytes.end()};
  }

 private:
  static la_ssize_t Append(archive*, void* out, const void* data, std::size_t size) {
    const auto* begin = static_cast<const std::uint8_t*>(data);
    static_cast<Bytes*>(out)->insert(static_cast<Bytes*>(out)->end(), begin, begin + size);
    return static_cast<la_ssize_t>(size);
  }
  static void Put(archive* a, const std::string& name, const std::string& content, unsigned type) {
    archive_entry* entry = archive_entry_new();
    archive_entry_set_pathname(entry, name.c_str());
    archive_entry_set_filetype(entry, type);
    archive_entry_set_perm(entry, 0644);
    archive_entry_set_mtime(entry, 1416614814, 0);
    if (type == AE_IFLNK)
      archive_entry_set_symlink(entry, content.c_str());
    else
      archive_entry_set_size(entry, static_cast<la_int64_t>(content.size()));
    EXPECT_GE(archive_write_header(a, entry), ARCHIVE_WARN) << archive_error_string(a);
    if (type == AE_IFREG) {
      EXPECT_EQ(archive_write_data(a, content.data(), content.size()), static_cast<la_ssize_t>(content.size()))
          << archive_error_string(a);
    }
    archive_entry_free(entry);
  }
};

/// A 7z archive, for tests, that libarchive cannot write: one member "a" of 32 bytes behind the AES coder (06 F1 07 01). The
/// list can be read, the content cannot.
inline std::string EncryptedSevenZip() {
  const auto little = [](std::uint64_t value, int size) {
    std::string out;
    for (int i = 0; i < size; ++i) out += static_cast<char>(value >> (8 * i));
    return out;
  };
  const auto crc32 = [](std::string_view text) {
    std::uint32_t crc = ~0u;
    for (char c : text) {
      crc ^= static_cast<unsigned char>(c);
      for (int k = 0; k < 8; ++k) crc = (crc >> 1) ^ (crc & 1 ? 0xEDB88320u : 0);
    }
    return ~crc;
  };
  std::string packed;
  for (int i = 0; i < 32; ++i) packed += static_cast<char>(i * 37 + 11);
  std::string header("\x01\x04\x06\x00\x01\x09\x20\x00", 8);  // packed: one stream of 32 bytes at 0
  header += std::string("\x07\x0B\x01\x00\x01\x24\x06\xF1\x07\x01\x02\x13\x00\x0C\x20\x00", 16);  // a folder, its coder, 32 bytes
  header += std::string("\x08\x00\x00", 3);  // one file a folder
  header += std::string("\x05\x01\x11\x05\x00" "a\0\0\0" "\x00\x00", 11);  // named "a"
  const std::string start = little(packed.size(), 8) + little(header.size(), 8) + little(crc32(header), 4);
  return std::string("7z\xBC\xAF\x27\x1C\0\4", 8) + little(crc32(start), 4) + start + packed + header;
}

}  // namespace ascribe
