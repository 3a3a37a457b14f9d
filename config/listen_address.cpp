#include "config/listen_address.hpp"

#include <arpa/inet.h>

#include <charconv>

namespace penstock::config {
namespace {

bool is_ip_address(int family, const std::string& text) {
  in6_addr room{}; // large enough for both families
  return inet_pton(family, text.c_str(), &room) == 1;
}

} // namespace

result<listen_address> parse_listen_address(std::string_view text) {
  const auto refuse = [text](std::string_view why) {
    return failure(error_code::invalid_argument,
                   "'" + std::string(text.substr(0, 60)) + "' " + std::string(why) +
                     " (write an IP address and a port, as 127.0.0.1:8080 or [::1]:8080)");
  };
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos)
    return refuse("has no port");
  auto host = text.substr(0, colon);
  const auto port_text = text.substr(colon + 1);
  listen_address listen;
  const auto [end, wrong] = std::from_chars(port_text.data(), port_text.data() + port_text.size(), listen.port);
  if (wrong != std::errc{} || end != port_text.data() + port_text.size())
    return refuse("has no port from 0 to 65535");
  const bool bracketed = host.size() >= 2 && host.front() == '[' && host.back() == ']';
  if (bracketed)
    host = host.substr(1, host.size() - 2);
  listen.address = host;
  if (listen.address.find('\0') != std::string::npos || !is_ip_address(bracketed ? AF_INET6 : AF_INET, listen.address))
    return refuse("has no IP address");
  return listen;
}

std::string local_url(const listen_address& listen, bool tls) {
  std::string host = listen.address == "0.0.0.0" ? "127.0.0.1" : listen.address == "::" ? "::1" : listen.address;
  if (host.find(':') != std::string::npos)
    host = "[" + host + "]";
  return (tls ? "https://" : "http://") + host + ":" + std::to_string(listen.port);
}

} // namespace penstock::config
