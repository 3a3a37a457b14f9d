#include "net/tls_context.hpp"

#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <cstdio>

#include <boost/asio/ssl/context.hpp>

#include "net/asio.hpp"

namespace penstock::net {

namespace ssl = asio::ssl;

namespace {

std::shared_ptr<ssl::context> make_context(ssl::context::method method) {
  auto context = std::make_shared<ssl::context>(method);
  context->set_options(ssl::context::default_workarounds | ssl::context::no_sslv2 | ssl::context::no_sslv3 |
                       ssl::context::no_tlsv1 | ssl::context::no_tlsv1_1 | ssl::context::no_compression);
  SSL_CTX_set_options(context->native_handle(), SSL_OP_NO_RENEGOTIATION);
  return context;
}

struct certificate_free {
  void operator()(X509* certificate) const noexcept { X509_free(certificate); }
};

void free_known(void*, void* certificate, CRYPTO_EX_DATA*, int, long, void*) {
  X509_free(static_cast<X509*>(certificate));
}

/// Where a context keeps its known certificate.
int known_slot() {
  static const int slot = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, free_known);
  return slot;
}

result<void> keep_known(SSL_CTX* context, const std::string& path) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "r"), std::fclose);
  std::unique_ptr<X509, certificate_free> read(file ? PEM_read_X509(file.get(), nullptr, nullptr, nullptr) : nullptr);
  if (!read || SSL_CTX_set_ex_data(context, known_slot(), read.get()) != 1)
    return failure(error_code::bad_configuration, "cannot read the certificate " + path);
  static_cast<void>(read.release()); // the context's now
  return {};
}

/// RFC 7301. A client that offers other protocols alone is spoken to all the same: it may have meant nothing by it.
int choose_protocol(SSL*, const unsigned char** out, unsigned char* out_length, const unsigned char* in,
                    unsigned int in_length, void*) {
  static constexpr unsigned char ours[] = "\x08http/1.1";
  unsigned char* chosen = nullptr;
  if (SSL_select_next_proto(&chosen, out_length, ours, sizeof ours - 1, in, in_length) != OPENSSL_NPN_NEGOTIATED)
    return SSL_TLSEXT_ERR_NOACK;
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

} // namespace

const X509* known_certificate_of(const SSL_CTX* context) {
  return static_cast<const X509*>(SSL_CTX_get_ex_data(context, known_slot()));
}

result<std::shared_ptr<ssl::context>> make_client_tls(const std::string& ca_file,
                                                      const std::string& known_certificate) {
  auto context = make_context(ssl::context::tls_client);
  context->set_verify_mode(ssl::verify_peer);
  io_error error;
  context->set_default_verify_paths(error);
  if (error)
    return failure(error_code::bad_configuration,
                   "cannot use the system's certificate authorities: " + error.message());
  if (!ca_file.empty()) {
    context->load_verify_file(ca_file, error);
    if (error)
      return failure(error_code::bad_configuration,
                     "cannot read certificate authorities from " + ca_file + ": " + error.message());
  }
  if (!known_certificate.empty())
    if (auto kept = keep_known(context->native_handle(), known_certificate); !kept)
      return failure(std::move(kept.error()));
  return context;
}

result<std::shared_ptr<ssl::context>> make_server_tls(const std::string& certificate, const std::string& key) {
  if (certificate.empty() || key.empty())
    return failure(error_code::bad_configuration, "TLS needs a certificate and its key: set both or neither");
  auto context = make_context(ssl::context::tls_server);
  io_error error;
  context->use_certificate_chain_file(certificate, error);
  if (error)
    return failure(error_code::bad_configuration, "cannot use the TLS certificate " + certificate + ": " +
                                                    error.message() +
                                                    "; it must be a PEM file that this user may read");
  // OpenSSL would ask on the terminal.
  context->set_password_callback([](std::size_t, ssl::context::password_purpose) { return std::string(); });
  context->use_private_key_file(key, ssl::context::pem, error);
  if (error)
    return failure(
      error_code::bad_configuration,
      "cannot use the TLS key " + key + " for " + certificate + ": " + error.message() +
        "; it must be a PEM file without a passphrase that this user may read, and belong to the certificate");
  auto* native = context->native_handle();
  if (SSL_CTX_set_cipher_list(native, "ECDHE+AESGCM:ECDHE+CHACHA20") != 1)
    return failure(error_code::bad_configuration, "OpenSSL offers no cipher that the node would use");
  SSL_CTX_set_options(native, SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
  SSL_CTX_set_alpn_select_cb(native, choose_protocol, nullptr);
  return context;
}

} // namespace penstock::net
