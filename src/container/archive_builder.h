#pragma once

#include <archive.h>
#include <archive_entry.h>
#include <gtest/gtest.h>

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

}  // namespace ascribe
