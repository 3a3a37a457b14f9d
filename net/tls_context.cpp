#include "net/tls_context.hpp"

#include <boost/asio/ssl/context.hpp>

#include "net/asio.hpp"

namespace penstock::net {

namespace ssl = asio::ssl;

namespace {

std::shared_ptr<ssl::context> make_context(ssl::context::method method) {
  auto context = std::make_shared<ssl::context>(method);
  context->set_options(ssl::context::default_workarounds | ssl::context::no_sslv2 | ssl::context::no_sslv3 |
                       ssl::context::no_tlsv1 | ssl::context::no_tlsv1_1);
  return context;
}

} // namespace

result<std::shared_ptr<ssl::context>> make_client_tls(const std::string& ca_file) {
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
  return context;
}

result<std::shared_ptr<ssl::context>> make_server_tls(const std::string& certificate, const std::string& key) {
  auto context = make_context(ssl::context::tls_server);
  io_error error;
  context->use_certificate_chain_file(certificate, error);
  if (error)
    return failure(error_code::bad_configuration,
                   "cannot use the TLS certificate " + certificate + ": " + error.message());
  context->use_private_key_file(key, ssl::context::pem, error);
  if (error)
    return failure(error_code::bad_configuration,
                   "cannot use the TLS key " + key + " for " + certificate + ": " + error.message());
  return context;
}

} // namespace penstock::net
