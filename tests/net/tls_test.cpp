#include <openssl/ssl.h>

#include <cstdlib>
#include <filesystem>

#include <boost/asio/ssl.hpp>

#include "tests/net/loopback.hpp"
#include "tests/net/test_certificates.hpp"

namespace penstock::net::testing {
namespace {

class tls_test : public loopback_test {
protected:
  tls_test() {
    const auto authority = make_identity({.name = "Test Authority"});
    write_identity(folder, "ca", authority);
    const std::string names = "DNS:localhost,IP:127.0.0.1";
    write_identity(folder, "host", make_identity({.alternative_names = names}, &authority));
    write_identity(folder, "renewed", make_identity({.alternative_names = names}, &authority));
    write_identity(folder, "stranger", make_identity({.alternative_names = "DNS:elsewhere.example"}, &authority));
    write_identity(folder, "expired",
                   make_identity({.alternative_names = names, .from = -7200, .to = -3600}, &authority));
    write_identity(folder, "early", make_identity({.alternative_names = names, .from = 3600}, &authority));
    write_identity(folder, "self", make_identity({.alternative_names = names}));
  }

  void serve_tls(const std::string& who) {
    serve(
      [](http_server_request request) -> asio::awaitable<http_reply> {
        http_reply reply = text_reply("over TLS: " + request.body);
        co_return reply;
      },
      {.tls_certificate = folder / (who + ".pem"), .tls_key = folder / (who + ".key")});
  }

  void trust_our_authority() { make_client({.ca_file = folder / "ca.pem"}); }
  [[nodiscard]] std::string address(const std::string& host) const {
    return "https://" + host + ':' + std::to_string(port) + '/';
  }

  const certificate_folder own;
  const std::filesystem::path& folder = own.path;
};

TEST_F(tls_test, TrustedServerIsSpokenToAndReused) {
  serve_tls("host");
  trust_our_authority();
  http_request request;
  request.method = "POST";
  request.body.assign(300'000, 'b');
  for (const auto* host : {"localhost", "127.0.0.1"}) {
    request.url = address(host);
    for (int i = 0; i < 3; ++i) {
      const auto answer = send(request);
      ASSERT_TRUE(answer) << answer.error().message;
      EXPECT_EQ(answer->body.size(), request.body.size() + 10);
    }
  }
  EXPECT_EQ(client->idle_connections(), 2u);
}

TEST_F(tls_test, AuthoritiesOfTheSystemAreReadBeforeTheFirstConnectionAndTrusted) {
  serve_tls("host");
  make_client();
  const char* before = std::getenv("SSL_CERT_FILE");
  const std::string kept = before ? before : "";
  ASSERT_EQ(::setenv("SSL_CERT_FILE", (folder / "ca.pem").c_str(), 1), 0);
  const auto answer = get(address("localhost"));
  if (before)
    ::setenv("SSL_CERT_FILE", kept.c_str(), 1);
  else
    ::unsetenv("SSL_CERT_FILE");
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->body, "over TLS: ");
}

TEST_F(tls_test, UnknownAuthorityIsRefused) {
  serve_tls("host");
  make_client();
  const auto answer = get(address("localhost"));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, error_code::network);
  EXPECT_NE(answer.error().message.find("certificate verify failed"), std::string::npos) << answer.error().message;
}

TEST_F(tls_test, CertificateOfAnotherHostIsRefused) {
  serve_tls("stranger");
  trust_our_authority();
  for (const auto* host : {"localhost", "127.0.0.1"}) {
    const auto answer = get(address(host));
    ASSERT_FALSE(answer) << host;
    EXPECT_EQ(answer.error().code, error_code::network);
  }
}

TEST_F(tls_test, PlainServerIsNotSpokenTo) {
  raw_server plain({[](asio::ip::tcp::socket& socket) {
    asio::write(socket, asio::buffer(std::string_view("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")));
    raw_server::wait_for_end(socket);
  }});
  port = plain.port();
  EXPECT_EQ(get(address("127.0.0.1")).error().code, error_code::network);
}

TEST_F(tls_test, ClientThatSpeaksPlainIsLetGo) {
  serve_tls("host");
  raw_connection peer(port);
  peer.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(peer.read_all().find("HTTP/1.1 200"), std::string::npos);
}

TEST_F(tls_test, SilentClientDoesNotHoldAHandshakeForEver) {
  serve([](http_server_request) -> asio::awaitable<http_reply> { co_return http_reply{}; },
        {.tls_certificate = folder / "host.pem", .tls_key = folder / "host.key", .header_timeout = 30ms});
  raw_connection peer(port);
  EXPECT_EQ(peer.read_all(), "");
}

TEST_F(tls_test, CertificatesThatAreNoneOfATrustedAuthorityNowAreRefused) {
  trust_our_authority();
  for (const auto* who : {"expired", "early", "self", "stranger"}) {
    serve_tls(who);
    http_request request;
    request.method = "POST";
    request.url = address("localhost");
    request.headers.add("Authorization", "Bearer hunter2");
    const auto answer = send(request);
    ASSERT_FALSE(answer) << who;
    EXPECT_EQ(answer.error().code, error_code::network) << who;
    EXPECT_NE(answer.error().message.find("certificate verify failed"), std::string::npos) << answer.error().message;
    EXPECT_EQ(answer.error().message.find("hunter2"), std::string::npos);
  }
}

TEST_F(tls_test, KnownCertificateIsTrustedUnderAnyNameAndNoOtherIs) {
  serve_tls("self");
  make_client({.known_certificate = folder / "self.pem"});
  EXPECT_TRUE(get(address("localhost")));
  serve_tls("stranger");
  make_client({.known_certificate = folder / "stranger.pem"});
  EXPECT_TRUE(get(address("127.0.0.1"))) << "its authority and its name do not count";
  make_client({.known_certificate = folder / "self.pem"});
  EXPECT_FALSE(get(address("localhost")));
}

TEST_F(tls_test, ReloadTakesTheNewCertificateAndAWrongOneChangesNothing) {
  std::filesystem::copy(folder / "host.pem", folder / "live.pem");
  std::filesystem::copy(folder / "host.key", folder / "live.key");
  serve_tls("live");
  make_client({.known_certificate = folder / "host.pem"});
  EXPECT_TRUE(get(address("x.localhost")));
  const auto replace = std::filesystem::copy_options::overwrite_existing;
  std::filesystem::copy(folder / "renewed.pem", folder / "live.pem", replace);
  const auto mismatched = server->reload_tls();
  ASSERT_FALSE(mismatched);
  EXPECT_EQ(mismatched.error().code, error_code::bad_configuration);
  EXPECT_NE(mismatched.error().message.find("live.key"), std::string::npos);
  EXPECT_TRUE(get(address("y.localhost"))) << "the one in use stays";
  std::filesystem::copy(folder / "renewed.key", folder / "live.key", replace);
  EXPECT_TRUE(server->reload_tls());
  EXPECT_FALSE(get(address("z.localhost"))) << "the old one is not shown any more";
  make_client({.known_certificate = folder / "renewed.pem"});
  EXPECT_TRUE(get(address("x.localhost")));
}

/// What a client that offers these settles on with our server: "TLSv1.3 http/1.1", or the error.
std::string settle(std::uint16_t port, int lowest, int highest, const char* ciphers, std::string protocols) {
  asio::io_context context;
  asio::ssl::context tls(asio::ssl::context::tls_client);
  SSL_CTX_set_min_proto_version(tls.native_handle(), lowest);
  SSL_CTX_set_max_proto_version(tls.native_handle(), highest);
  SSL_CTX_set_security_level(tls.native_handle(), 0);
  SSL_CTX_set_cipher_list(tls.native_handle(), ciphers);
  if (!protocols.empty())
    SSL_CTX_set_alpn_protos(tls.native_handle(), reinterpret_cast<const unsigned char*>(protocols.data()),
                            static_cast<unsigned>(protocols.size()));
  asio::ssl::stream<asio::ip::tcp::socket> stream(context, tls);
  stream.next_layer().connect({asio::ip::address_v4::loopback(), port});
  boost::system::error_code failed;
  stream.handshake(asio::ssl::stream_base::client, failed);
  if (failed)
    return "refused";
  const unsigned char* chosen = nullptr;
  unsigned length = 0;
  SSL_get0_alpn_selected(stream.native_handle(), &chosen, &length);
  return std::string(SSL_get_version(stream.native_handle())) + " " +
         std::string(reinterpret_cast<const char*>(chosen), length);
}

TEST_F(tls_test, OldVersionsAndWeakCiphersAreRefusedAndHttp11IsAgreedOn) {
  serve_tls("host");
  const std::string both = "\x02h2\x08http/1.1";
  EXPECT_EQ(settle(port, TLS1_2_VERSION, TLS1_3_VERSION, "ALL", both), "TLSv1.3 http/1.1");
  EXPECT_EQ(settle(port, TLS1_2_VERSION, TLS1_2_VERSION, "ECDHE+AESGCM", both), "TLSv1.2 http/1.1");
  EXPECT_EQ(settle(port, TLS1_2_VERSION, TLS1_3_VERSION, "ALL", ""), "TLSv1.3 ");
  EXPECT_EQ(settle(port, TLS1_2_VERSION, TLS1_2_VERSION, "AES128-SHA:ECDHE-ECDSA-AES128-SHA", both), "refused");
  EXPECT_EQ(settle(port, TLS1_VERSION, TLS1_1_VERSION, "ALL:@SECLEVEL=0", both), "refused");
}

TEST_F(tls_test, MissingFilesAreBadConfiguration) {
  EXPECT_EQ(beast_http_client::make(runtime.executor(), {.ca_file = folder / "none.pem"}).error().code,
            error_code::bad_configuration);
  const http_handler nothing = [](http_server_request) -> asio::awaitable<http_reply> { co_return http_reply{}; };
  http_server no_key(runtime.executor(), {.tls_certificate = folder / "host.pem", .tls_key = folder / "none.key"},
                     nothing);
  EXPECT_EQ(no_key.start().error().code, error_code::bad_configuration);
  http_server wrong_key(runtime.executor(),
                        {.tls_certificate = folder / "host.pem", .tls_key = folder / "stranger.key"}, nothing);
  EXPECT_EQ(wrong_key.start().error().code, error_code::bad_configuration);
  http_server key_alone(runtime.executor(), {.tls_key = folder / "host.key"}, nothing);
  EXPECT_EQ(key_alone.start().error().code, error_code::bad_configuration);
  EXPECT_EQ(beast_http_client::make(runtime.executor(), {.known_certificate = folder / "none.pem"}).error().code,
            error_code::bad_configuration);
}

} // namespace
} // namespace penstock::net::testing
