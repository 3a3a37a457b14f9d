#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include <openssl/evp.h>
#include <openssl/x509.h>

namespace penstock::net::testing {

/// A key and its certificate, made for a test.
struct identity {
  std::shared_ptr<EVP_PKEY> key;
  std::shared_ptr<X509> certificate;
};

struct certificate_wish {
  std::string name = "localhost";
  std::string alternative_names{};   ///< "DNS:localhost,IP:127.0.0.1"; empty: none
  long from = -3600, to = 24 * 3600; ///< seconds from now
};

/// Signed by `authority`, or by itself, which makes it an authority.
[[nodiscard]] identity make_identity(const certificate_wish& wish, const identity* authority = nullptr);

/// NAME.pem and NAME.key in the folder.
void write_identity(const std::filesystem::path& folder, const std::string& name, const identity& what);

/// A folder that goes with the test.
struct certificate_folder {
  certificate_folder();
  ~certificate_folder();
  certificate_folder(const certificate_folder&) = delete;
  certificate_folder& operator=(const certificate_folder&) = delete;

  std::filesystem::path path;
};

} // namespace penstock::net::testing
