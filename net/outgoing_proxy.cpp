#include "net/outgoing_proxy.hpp"

#include <charconv>

#include <openssl/evp.h>

#include "net/query.hpp"

namespace penstock::net {

namespace {

constexpr std::size_t longest_answer = 16 * 1024;

std::string base64(const std::string& text) {
  // EVP_EncodeBlock writes a NUL behind its text.
  std::string out((text.size() + 2) / 3 * 4 + 1, '\0');
  EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()), reinterpret_cast<const unsigned char*>(text.data()),
                  static_cast<int>(text.size()));
  out.pop_back();
  return out;
}

/// Of "HTTP/1.1 200 Connection established"; 0 for what is no such line.
int status_of(std::string_view answer) {
  constexpr std::size_t at = 9;
  int status = 0;
  if (!answer.starts_with("HTTP/1.") || answer.size() < at + 3 || answer[at - 1] != ' ')
    return 0;
  const auto [end, wrong] = std::from_chars(answer.data() + at, answer.data() + at + 3, status);
  return wrong == std::errc{} && end == answer.data() + at + 3 ? status : 0;
}

} // namespace

result<outgoing_proxy> parse_outgoing_proxy(std::string_view text) {
  const auto address = parse_url(text);
  if (!address || address->is_tls() || address->target() != "/" || !address->fragment.empty())
    return failure(error_code::invalid_argument,
                   "is no address of a proxy: write it like http://proxy.example:3128, with user:password@ if it asks");
  outgoing_proxy out{address->host, address->effective_port()};
  if (!address->user_info.empty()) {
    const auto colon = address->user_info.find(':');
    const auto user = percent_decode(address->user_info.substr(0, colon));
    const auto password = percent_decode(colon == std::string::npos ? "" : address->user_info.substr(colon + 1));
    if (!user || !password)
      return failure(error_code::invalid_argument,
                     "has a user name or password that is not well encoded: write special characters as %XX");
    out.authorization = "Basic " + base64(*user + ":" + *password);
  }
  return out;
}

std::string connect_request(const outgoing_proxy& proxy, const url& target) {
  const auto host = target.host_is_ipv6() ? '[' + target.host + ']' : target.host;
  const auto place = host + ':' + std::to_string(target.effective_port());
  return "CONNECT " + place + " HTTP/1.1\r\nHost: " + place + "\r\n" +
         (proxy.authorization.empty() ? "" : "Proxy-Authorization: " + proxy.authorization + "\r\n") + "\r\n";
}

asio::awaitable<result<void>> open_tunnel(const outgoing_proxy& proxy, const url& target, byte_stream& stream) {
  const std::string asked = connect_request(proxy, target);
  const auto [unsent, count] = co_await stream.write(byte_stream::gather(asio::buffer(asked)));
  if (unsent)
    co_return failure(error_code::network, "cannot ask the proxy for " + target.origin() + ": " + unsent.message());
  std::string answer;
  // Nothing may come behind the header: in a tunnel for TLS the other end waits for us.
  while (answer.find("\r\n\r\n") == std::string::npos) {
    if (answer.size() >= longest_answer)
      co_return failure(error_code::network, "the proxy's answer for " + target.origin() + " does not end");
    const auto before = answer.size();
    answer.resize(longest_answer);
    const auto [unread, got] = co_await stream.read_some(asio::buffer(answer.data() + before, longest_answer - before));
    answer.resize(before + got);
    if (unread)
      co_return failure(error_code::network,
                        "the proxy ended the connection for " + target.origin() + ": " + unread.message());
  }
  const int status = status_of(answer);
  if (status == 407)
    co_return failure(error_code::bad_configuration,
                      "the proxy wants other credentials: put a user name and a password into http.outgoing_proxy");
  if (status < 200 || status > 299)
    co_return failure(error_code::network, "the proxy opens no tunnel to " + target.origin() + " (it answered " +
                                             (status == 0 ? "with something else than HTTP" : std::to_string(status)) +
                                             ")");
  if (!answer.ends_with("\r\n\r\n"))
    co_return failure(error_code::network, "the proxy sent something of its own into the tunnel to " + target.origin());
  co_return result<void>{};
}

} // namespace penstock::net
