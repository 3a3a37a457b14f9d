// Bytes of a connection: request lines, headers, bodies and query strings, in one piece and in two.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "gateway/forwarded.hpp"
#include "net/http_parser.hpp"
#include "net/query.hpp"

namespace {

using namespace penstock;

constexpr std::size_t header_limit = 4'096, body_limit = 4'096;

struct outcome {
  std::vector<std::string> requests;
  net::parse_failure failure = net::parse_failure::none;
  bool operator==(const outcome&) const = default;
};

void look_at(net::http_server_request& request) {
  if (request.body.size() > body_limit || request.headers.size() > 128)
    std::abort();
  for (const auto field : request.headers)
    if (!net::is_valid_field(field.name, field.value))
      std::abort(); // it could not be handed on without becoming another message
  if (request.target.find_first_of("\r\n ") != std::string::npos)
    std::abort();
  if (request.query_values().size() > net::max_query_parameters)
    std::abort();
  static const gateway::trusted_proxies proxies({*parse_ip_network("0.0.0.0/0")});
  request.remote_address = "127.0.0.1";
  proxies.apply(request);
  if (!parse_ip_address(request.remote_address))
    std::abort();
}

/// As a connection does: what is not used is given again, with more behind it.
outcome read(std::string_view bytes, std::size_t first_piece) {
  net::request_parser parser(header_limit, body_limit);
  outcome out;
  std::string unread(bytes.substr(0, first_piece));
  bool has_all = false;
  for (;;) {
    const auto used = parser.put(unread);
    if (used > unread.size())
      std::abort();
    unread.erase(0, used);
    out.failure = parser.failure();
    if (out.failure != net::parse_failure::none)
      return out;
    if (parser.complete()) {
      auto request = parser.take();
      look_at(request);
      out.requests.push_back(request.method + ' ' + request.target + '\n' + request.body);
      continue;
    }
    if (has_all)
      return out;
    has_all = true;
    unread += bytes.substr(std::min(first_piece, bytes.size()));
  }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0 || size > 65'536)
    return 0;
  const std::string bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto whole = read(bytes, bytes.size());
  const auto halves = read(bytes, bytes.size() * data[0] / 256);
  // How the bytes come must not decide which requests they are. (A limit may be noticed earlier or later.)
  if (whole.failure == net::parse_failure::none && halves.failure == net::parse_failure::none && !(whole == halves))
    std::abort();
  return 0;
}
