#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <filesystem>

#include "tests/net/loopback.hpp"

namespace penstock::net::testing {
namespace {

template <auto Free>
struct freed_by {
  template <class T>
  void operator()(T* value) const {
    Free(value);
  }
};
using key_ptr = std::unique_ptr<EVP_PKEY, freed_by<EVP_PKEY_free>>;
using certificate_ptr = std::unique_ptr<X509, freed_by<X509_free>>;

struct identity {
  key_ptr key;
  certificate_ptr certificate;
};

void add_extension(X509* certificate, X509* issuer, int kind, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  std::unique_ptr<X509_EXTENSION, freed_by<X509_EXTENSION_free>> extension(
    X509V3_EXT_conf_nid(nullptr, &context, kind, value));
  X509_add_ext(certificate, extension.get(), -1);
}

/// A certificate signed by `authority`, or by itself.
identity make_identity(const char* name, const char* alternative_names, const identity* authority) {
  identity out{key_ptr(EVP_EC_gen("P-256")), certificate_ptr(X509_new())};
  X509* certificate = out.certificate.get();
  X509_set_version(certificate, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), authority != nullptr ? 2 : 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 24 * 3600);
  X509_set_pubkey(certificate, out.key.get());
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(name), -1, -1, 0);
  X509* issuer = authority != nullptr ? authority->certificate.get() : certificate;
  X509_set_issuer_name(certificate, X509_get_subject_name(issuer));
  add_extension(certificate, issuer, NID_basic_constraints, authority != nullptr ? "CA:FALSE" : "critical,CA:TRUE");
  if (alternative_names != nullptr)
    add_extension(certificate, issuer, NID_subject_alt_name, alternative_names);
  X509_sign(certificate, (authority != nullptr ? *authority : out).key.get(), EVP_sha256());
  return out;
}

void write_certificate(const std::string& path, X509* certificate) {
  const std::unique_ptr<std::FILE, freed_by<std::fclose>> file(std::fopen(path.c_str(), "w"));
  PEM_write_X509(file.get(), certificate);
}

void write_key(const std::string& path, EVP_PKEY* key) {
  const std::unique_ptr<std::FILE, freed_by<std::fclose>> file(std::fopen(path.c_str(), "w"));
  PEM_write_PrivateKey(file.get(), key, nullptr, nullptr, 0, nullptr, nullptr);
}

class tls_test : public loopback_test {
protected:
  tls_test() {
    std::string pattern = (std::filesystem::temp_directory_path() / "penstock-tls-XXXXXX").string();
    folder = ::mkdtemp(pattern.data());
    const identity authority = make_identity("Test Authority", nullptr, nullptr);
    const identity host = make_identity("localhost", "DNS:localhost,IP:127.0.0.1", &authority);
    const identity stranger = make_identity("elsewhere", "DNS:elsewhere.example", &authority);
    write_certificate(folder / "ca.pem", authority.certificate.get());
    write_certificate(folder / "host.pem", host.certificate.get());
    write_key(folder / "host.key", host.key.get());
    write_certificate(folder / "stranger.pem", stranger.certificate.get());
    write_key(folder / "stranger.key", stranger.key.get());
  }
  ~tls_test() override { std::filesystem::remove_all(folder); }

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

  std::filesystem::path folder;
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
}

} // namespace
} // namespace penstock::net::testing
