#include "tests/net/test_certificates.hpp"

#include <cstdio>
#include <stdexcept>

#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdlib.h>

namespace penstock::net::testing {
namespace {

void add_extension(X509* certificate, X509* issuer, int kind, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const std::unique_ptr<X509_EXTENSION, decltype(&X509_EXTENSION_free)> extension(
    X509V3_EXT_conf_nid(nullptr, &context, kind, value), X509_EXTENSION_free);
  X509_add_ext(certificate, extension.get(), -1);
}

std::unique_ptr<std::FILE, int (*)(std::FILE*)> open_file(const std::filesystem::path& path) {
  return {std::fopen(path.c_str(), "w"), std::fclose};
}

} // namespace

identity make_identity(const certificate_wish& wish, const identity* authority) {
  static long serial = 1;
  identity out{std::shared_ptr<EVP_PKEY>(EVP_EC_gen("P-256"), EVP_PKEY_free),
               std::shared_ptr<X509>(X509_new(), X509_free)};
  X509* certificate = out.certificate.get();
  X509_set_version(certificate, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), serial++);
  X509_gmtime_adj(X509_getm_notBefore(certificate), wish.from);
  X509_gmtime_adj(X509_getm_notAfter(certificate), wish.to);
  X509_set_pubkey(certificate, out.key.get());
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(wish.name.c_str()), -1, -1, 0);
  X509* issuer = authority != nullptr ? authority->certificate.get() : certificate;
  X509_set_issuer_name(certificate, X509_get_subject_name(issuer));
  add_extension(certificate, issuer, NID_basic_constraints, authority != nullptr ? "CA:FALSE" : "critical,CA:TRUE");
  if (!wish.alternative_names.empty())
    add_extension(certificate, issuer, NID_subject_alt_name, wish.alternative_names.c_str());
  X509_sign(certificate, (authority != nullptr ? *authority : out).key.get(), EVP_sha256());
  return out;
}

void write_identity(const std::filesystem::path& folder, const std::string& name, const identity& what) {
  PEM_write_X509(open_file(folder / (name + ".pem")).get(), what.certificate.get());
  PEM_write_PrivateKey(open_file(folder / (name + ".key")).get(), what.key.get(), nullptr, nullptr, 0, nullptr,
                       nullptr);
}

certificate_folder::certificate_folder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "penstock-tls-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr)
    throw std::runtime_error("no folder for certificates could be made");
  path = pattern;
}

certificate_folder::~certificate_folder() {
  std::error_code ignored; // what stays is the system's to clean
  std::filesystem::remove_all(path, ignored);
}

} // namespace penstock::net::testing
