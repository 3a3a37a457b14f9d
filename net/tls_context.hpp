#pragma once

#include <memory>
#include <string>

#include "core/error.hpp"

struct ssl_ctx_st;
struct x509_st;

namespace boost::asio::ssl {
class context;
}

namespace penstock::net {

/// TLS 1.2 or newer, certificates verified against those in `ca_file` (PEM; may be empty) and, once they are asked for, the
/// system's authorities. The certificate in `known_certificate` (PEM; may be empty) is trusted as it stands.
/// bad_configuration when a file cannot be read.
[[nodiscard]] result<std::shared_ptr<boost::asio::ssl::context>>
make_client_tls(const std::string& ca_file, const std::string& known_certificate = {});

/// Reads the system's authorities where this context, of make_client_tls, has not done so: before its first connection rather
/// than when a node starts, which may have none to make; they take 0.8 MiB and some milliseconds. bad_configuration, at each
/// call, when OpenSSL cannot look for them. Any thread; who comes meanwhile waits.
[[nodiscard]] result<void> trust_system_authorities(boost::asio::ssl::context& context);

/// The certificate that a client's context trusts as it stands; null if there is none.
[[nodiscard]] const x509_st* known_certificate_of(const ssl_ctx_st* context);

/// A server's context of a PEM chain and its key: TLS 1.2 or newer, forward secret ciphers with authentication, HTTP/1.1 by
/// ALPN. bad_configuration when they cannot be read or do not belong together.
[[nodiscard]] result<std::shared_ptr<boost::asio::ssl::context>> make_server_tls(const std::string& certificate,
                                                                                 const std::string& key);

} // namespace penstock::net
