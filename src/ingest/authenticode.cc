#include "ingest/authenticode.h"

#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/pkcs7.h>
#include <openssl/x509.h>

#include <ctime>
#include <memory>

#include "base/text.h"

namespace ascribe {
namespace {

struct Free {
  void operator()(PKCS7* p) const { PKCS7_free(p); }
  void operator()(BIO* p) const { BIO_free(p); }
  void operator()(BIGNUM* p) const { BN_free(p); }
};

std::string NameText(const X509_NAME* name) {
  const std::unique_ptr<BIO, Free> memory(BIO_new(BIO_s_mem()));
  if (!memory || X509_NAME_print_ex(memory.get(), name, 0, XN_FLAG_RFC2253 & ~static_cast<unsigned long>(ASN1_STRFLGS_ESC_MSB)) < 0) return {};
  char* data = nullptr;
  const long size = BIO_get_mem_data(memory.get(), &data);
  if (size <= 0) return {};
  return SanitizeUtf8(std::string_view(data, std::min(static_cast<std::size_t>(size), kMaxSignerName)));
}

std::string Organisation(X509_NAME* name) {
  const int at = X509_NAME_get_index_by_NID(name, NID_organizationName, -1);
  if (at < 0) return {};
  unsigned char* utf8 = nullptr;
  const int size = ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
  if (size < 0) return {};
  std::string text = SanitizeUtf8(std::string_view(reinterpret_cast<char*>(utf8), std::min(static_cast<std::size_t>(size), kMaxSignerName)));
  OPENSSL_free(utf8);
  return text;
}

std::string Serial(const X509* certificate) {
  const std::unique_ptr<BIGNUM, Free> number(ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate), nullptr));
  if (!number || BN_num_bytes(number.get()) > 64) return {};
  char* hex = BN_bn2hex(number.get());
  if (hex == nullptr) return {};
  std::string text = AsciiLower(hex);
  OPENSSL_free(hex);
  return text;
}

std::string Day(const ASN1_TIME* time) {
  std::tm fields{};
  if (ASN1_TIME_to_tm(time, &fields) != 1) return {};
  return fmt::format("{:04}-{:02}-{:02}", fields.tm_year + 1900, fields.tm_mon + 1, fields.tm_mday);
}

void ReadRecord(ByteView blob, std::uint64_t offset, Signatures& out) {
  const unsigned char* at = blob.data();
  const std::unique_ptr<PKCS7, Free> message(d2i_PKCS7(nullptr, &at, static_cast<long>(blob.size())));
  if (!message || !PKCS7_type_is_signed(message.get()) || message->d.sign == nullptr) {
    out.odd = "a signature is no signed PKCS #7 message";
    return;
  }
  STACK_OF(X509)* signers = PKCS7_get0_signers(message.get(), nullptr, 0);
  if (signers == nullptr) {
    out.odd = "the certificate of a signature is not in the file";
    return;
  }
  for (int i = 0; i < sk_X509_num(signers); ++i) {
    X509* certificate = sk_X509_value(signers, i);
    Signer signer;
    signer.subject = NameText(X509_get_subject_name(certificate));
    signer.issuer = NameText(X509_get_issuer_name(certificate));
    signer.organisation = Organisation(X509_get_subject_name(certificate));
    signer.serial = Serial(certificate);
    signer.valid_from = Day(X509_get0_notBefore(certificate));
    signer.valid_to = Day(X509_get0_notAfter(certificate));
    unsigned char* der = nullptr;
    const int size = i2d_X509(certificate, &der);
    if (size > 0) {
      const std::size_t found = blob.text().find(std::string_view(reinterpret_cast<char*>(der), static_cast<std::size_t>(size)));
      signer.offset = offset + (found == std::string_view::npos ? 0 : found);
      signer.length = found == std::string_view::npos ? blob.size() : static_cast<std::size_t>(size);
    }
    OPENSSL_free(der);
    bool known = signer.serial.empty() || signer.issuer.empty();
    for (const Signer& other : out.signers) known = known || (other.serial == signer.serial && other.issuer == signer.issuer);
    if (!known) out.signers.push_back(std::move(signer));
  }
  sk_X509_free(signers);
}

}  // namespace

Signatures ReadSignatures(ByteView file, std::uint64_t offset, std::uint64_t size) {
  constexpr std::uint16_t kPkcs7 = 2;
  Signatures out;
  if (!file.Contains(offset, size)) return out;
  const std::uint64_t end = offset + size;
  for (std::size_t n = 0; n < kMaxSignatureRecords && offset + 8 <= end; ++n) {
    const std::uint32_t length = *file.U32(offset);
    if (length < 8 || offset + length > end || length > kMaxSignatureBytes) {
      out.odd = fmt::format("a record of the certificate table says it has {} bytes", length);
      break;
    }
    if (*file.U16(offset + 6) == kPkcs7) ReadRecord(*file.Slice(offset + 8, length - 8), offset + 8, out);
    offset += (std::uint64_t{length} + 7) & ~std::uint64_t{7};
  }
  ERR_clear_error();
  return out;
}

}  // namespace ascribe
