#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "net/byte_stream.hpp"
#include "net/tls_context.hpp"

namespace penstock::net {

namespace {

namespace ssl = asio::ssl;

constexpr auto as_values = asio::as_tuple(asio::use_awaitable);

/// Certificates have names without the dot that ends a name in the name service.
std::string without_last_dot(std::string host) {
  if (host.ends_with('.'))
    host.pop_back();
  return host;
}

/// Whether the peer showed this very certificate as its own. Asked at each step of the chain, and always about its end.
bool is_leaf(ssl::verify_context& context, const X509* known) {
  const X509* shown = X509_STORE_CTX_get0_cert(context.native_handle());
  return shown != nullptr && X509_cmp(shown, known) == 0;
}

class tls_stream : public byte_stream {
public:
  tls_stream(asio::ip::tcp::socket socket, std::shared_ptr<ssl::context> context, ssl::stream_base::handshake_type role)
      : context_(std::move(context)), stream_(std::move(socket), *context_), role_(role) {}

  /// For the client's side: whom we want to speak to.
  void expect_host(const std::string& host) {
    io_error not_an_address;
    asio::ip::make_address(host, not_an_address);
    // RFC 6066, 3: a name is sent, a literal address must not be.
    if (not_an_address)
      SSL_set_tlsext_host_name(stream_.native_handle(), without_last_dot(host).c_str());
    stream_.set_verify_mode(ssl::verify_peer);
    stream_.set_verify_callback(
      [known = known_certificate_of(SSL_get_SSL_CTX(stream_.native_handle())),
       by_name = ssl::host_name_verification(without_last_dot(host))](bool verified, ssl::verify_context& context) {
        return (known != nullptr && is_leaf(context, known)) || by_name(verified, context);
      });
  }

  asio::awaitable<std::tuple<io_error>> handshake() override { return stream_.async_handshake(role_, as_values); }

  asio::awaitable<std::tuple<io_error, std::size_t>> read_some(asio::mutable_buffer into) override {
    return stream_.async_read_some(into, as_values);
  }

  asio::awaitable<std::tuple<io_error, std::size_t>> write(pieces bytes) override {
    return asio::async_write(stream_, bytes, as_values);
  }

  // OpenSSL may have to read before it can write: nothing is sent without suspending.
  std::size_t try_write(const pieces&, io_error&) override { return 0; }

  asio::awaitable<std::tuple<io_error>> end_writing() override { return stream_.async_shutdown(as_values); }

  asio::ip::tcp::socket& socket() noexcept override { return stream_.next_layer(); }
  bool is_tls() const noexcept override { return true; }

private:
  std::shared_ptr<ssl::context> context_;
  ssl::stream<asio::ip::tcp::socket> stream_;
  ssl::stream_base::handshake_type role_;
};

} // namespace

std::unique_ptr<byte_stream> make_tls_client_stream(asio::ip::tcp::socket socket, std::shared_ptr<ssl::context> context,
                                                    const std::string& host) {
  auto stream = std::make_unique<tls_stream>(std::move(socket), std::move(context), ssl::stream_base::client);
  stream->expect_host(host);
  return stream;
}

std::unique_ptr<byte_stream> make_tls_server_stream(asio::ip::tcp::socket socket,
                                                    std::shared_ptr<ssl::context> context) {
  return std::make_unique<tls_stream>(std::move(socket), std::move(context), ssl::stream_base::server);
}

} // namespace penstock::net
