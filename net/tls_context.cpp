#include "net/tls_context.hpp"

#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <cstdio>
#include <mutex>

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

/// What a client's context keeps beside its store of authorities.
struct client_trust {
  std::unique_ptr<X509, certificate_free> known; ///< trusted as it stands; null if there is none
  std::once_flag authorities_asked_for;
  result<void> authorities_read;
};

void free_trust(void*, void* trust, CRYPTO_EX_DATA*, int, long, void*) { delete static_cast<client_trust*>(trust); }

/// Where a context keeps it.
int trust_slot() {
  static const int slot = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, free_trust);
  return slot;
}

client_trust* trust_of(const SSL_CTX* context) {
  return static_cast<client_trust*>(SSL_CTX_get_ex_data(context, trust_slot()));
}

result<void> keep_known(client_trust& trust, const std::string& path) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "r"), std::fclose);
  std::unique_ptr<X509, certificate_free> read(file ? PEM_read_X509(file.get(), nullptr, nullptr, nullptr) : nullptr);
  if (!read)
    return failure(error_code::bad_configuration, "cannot read the certificate " + path);
  trust.known = std::move(read);
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
  const auto* trust = trust_of(context);
  return trust ? trust->known.get() : nullptr;
}

result<void> trust_system_authorities(ssl::context& context) {
  auto* trust = trust_of(context.native_handle());
  if (!trust)
    return failure(error_code::internal, "a context that is no client's has no authorities");
  std::call_once(trust->authorities_asked_for, [&] {
    io_error error;
    context.set_default_verify_paths(error);
    if (error)
      trust->authorities_read =
        failure(error_code::bad_configuration, "cannot use the system's certificate authorities: " + error.message());
  });
  return trust->authorities_read;
}

result<std::shared_ptr<ssl::context>> make_client_tls(const std::string& ca_file,
                                                      const std::string& known_certificate) {
  auto context = make_context(ssl::context::tls_client);
  context->set_verify_mode(ssl::verify_peer);
  auto trust = std::make_unique<client_trust>();
  if (SSL_CTX_set_ex_data(context->native_handle(), trust_slot(), trust.get()) != 1)
    return failure(error_code::bad_configuration, "OpenSSL has no memory for a client's context");
  auto& kept = *trust.release(); // the context's now
  if (!ca_file.empty()) {
    io_error error;
    context->load_verify_file(ca_file, error);
    if (error)
      return failure(error_code::bad_configuration,
                     "cannot read certificate authorities from " + ca_file + ": " + error.message());
  }
  if (!known_certificate.empty())
    if (auto read = keep_known(kept, known_certificate); !read)
      return failure(std::move(read.error()));
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
