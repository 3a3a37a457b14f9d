// URLs that people write, and what the guard thinks of them.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "core/address_kind.hpp"
#include "net/url_guard.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace penstock;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto read = net::parse_url(text);
  if (!read) {
    if (read.error().message.empty() || read.error().message.find('\n') != std::string::npos)
      std::abort();
    return 0;
  }
  // What is read means the same when it is written and read again.
  const auto again = net::parse_url(read->to_string());
  if (!again || again->host != read->host || again->effective_port() != read->effective_port())
    std::abort();
  static const net::url_guard guard;
  const auto allowed = guard.check_unresolved(*read, true);
  if (allowed && (!read->is_tls() || !read->user_info.empty() || net::is_localhost(read->host)))
    std::abort();
  if (const auto literal = parse_ip_address(read->host);
      literal && allowed && kind_of(*literal) != address_kind::global)
    std::abort();
  static const auto base = *net::parse_url("https://example.org/a/b?c");
  static_cast<void>(net::resolve(base, text));
  return 0;
}
