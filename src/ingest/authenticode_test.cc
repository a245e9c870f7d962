#include "ingest/authenticode.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pkcs7.h>
#include <openssl/x509.h>

#include <string>

#include "binary/pe_builder.h"
#include "ingest/pe.h"

namespace ascribe {
namespace {

// A certificate of nobody and a signature by it, made here. What is signed does not matter: nothing is verified.
std::string SignedMessage(const std::string& organisation) {
  EVP_PKEY* key = EVP_RSA_gen(2048);
  X509* certificate = X509_new();
  X509_set_version(certificate, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), 0x1234AB);
  ASN1_TIME_set_string(X509_getm_notBefore(certificate), "20200101000000Z");
  ASN1_TIME_set_string(X509_getm_notAfter(certificate), "20230101000000Z");
  X509_set_pubkey(certificate, key);
  X509_NAME* name = X509_get_subject_name(certificate);
  X509_NAME_add_entry_by_txt(name, "O", MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(organisation.c_str()), -1, -1, 0);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, reinterpret_cast<const unsigned char*>("Code"), -1, -1, 0);
  X509_set_issuer_name(certificate, name);
  X509_sign(certificate, key, EVP_sha256());
  BIO* data = BIO_new_mem_buf("x", 1);
  PKCS7* message = PKCS7_sign(certificate, key, nullptr, data, PKCS7_BINARY);
  unsigned char* der = nullptr;
  const int size = i2d_PKCS7(message, &der);
  std::string out(reinterpret_cast<char*>(der), static_cast<std::size_t>(size));
  OPENSSL_free(der);
  PKCS7_free(message);
  BIO_free(data);
  X509_free(certificate);
  EVP_PKEY_free(key);
  return out;
}

std::string Record(const std::string& message) {
  std::string out;
  const std::size_t size = message.size() + 8;
  for (int i = 0; i < 4; ++i) out += static_cast<char>(size >> (8 * i));
  out += std::string("\x00\x02\x02\x00", 4) + message;
  while (out.size() % 8 != 0) out += '\0';
  return out;
}

TEST(Authenticode, NamesTheCertificateAndItsBytes) {
  const std::string table = "12345678" + Record(SignedMessage("Mill Works Ltd."));
  const Signatures read = ReadSignatures(table, 8, table.size() - 8);
  EXPECT_EQ(read.odd, "");
  ASSERT_EQ(read.signers.size(), 1u);
  EXPECT_EQ(read.signers[0].subject, "CN=Code,O=Mill Works Ltd.");
  EXPECT_EQ(read.signers[0].organisation, "Mill Works Ltd.");
  EXPECT_EQ(read.signers[0].serial, "1234ab");
  EXPECT_EQ(read.signers[0].valid_from, "2020-01-01");
  EXPECT_EQ(table[read.signers[0].offset], '\x30');
  EXPECT_LE(read.signers[0].offset + read.signers[0].length, table.size());
}

TEST(Authenticode, DamageIsSaidAndNeverFollowed) {
  const std::string table = Record(SignedMessage("Mill"));
  for (std::size_t size = 0; size < table.size(); size += 7) EXPECT_LE(ReadSignatures(table, 0, size).signers.size(), 1u);
  std::string lie = table;
  lie[0] = '\xFF';
  lie[1] = '\x7F';
  EXPECT_NE(ReadSignatures(lie, 0, lie.size()).odd, "");
  for (std::size_t at = 8; at < table.size(); at += 3) {
    std::string damaged = table;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x55);
    for (const Signer& signer : ReadSignatures(damaged, 0, damaged.size()).signers) EXPECT_LE(signer.offset + signer.length, damaged.size());
  }
}

TEST(Authenticode, APeFileGetsItsSignerAndTheSystemsMakerLinksNobody) {
  for (const std::string organisation : {"Mill Works Ltd.", "Microsoft Corporation"}) {
    const std::string record = Record(SignedMessage(organisation));
    PeBuilder builder;
    builder.certificate_size = static_cast<std::uint32_t>(record.size());
    Bytes file = builder.Build();
    std::copy(record.begin(), record.end(), file.end() - static_cast<std::ptrdiff_t>(record.size()));
    bool links = false, subject = false;
    for (const Fact& fact : ReadPe(file, "x.exe").facts) {
      links = links || fact.object.type == EntityType::kSigningCert;
      subject = subject || fact.object.value == "subject: CN=Code,O=" + organisation;
      EXPECT_NE(fact.object.type, EntityType::kActor);
      EXPECT_NE(fact.object.type, EntityType::kCryptoKey) << "keys of certificates are no keys of the program";
    }
    EXPECT_EQ(links, organisation != "Microsoft Corporation");
    EXPECT_TRUE(subject);
  }
}

}  // namespace
}  // namespace ascribe
