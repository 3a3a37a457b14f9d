#include "config/http_section.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "config/absolute_path.hpp"
#include "core/rate_text.hpp"

namespace penstock::config {
namespace {

constexpr std::int64_t ms_per_second = 1'000;
constexpr std::int64_t kilobyte = 1'024;
constexpr std::int64_t gigabyte = 1'024 * 1'024 * kilobyte;
constexpr std::int64_t most_burst = 1'000'000;

/// Takes what `parsed` holds, or complains of the key.
template <class T, class Target>
void take(assembly& from, const char* key, result<T> parsed, Target& into) {
  const std::string path = std::string("http.") + key;
  if (parsed)
    into = *std::move(parsed);
  else
    from.complain(from.origin_of(path), path, std::move(parsed.error().message));
}

result<std::vector<ip_network>> read_networks(const std::vector<std::string>& texts) {
  std::vector<ip_network> out;
  for (const auto& each : texts) {
    auto network = parse_ip_network(each);
    if (!network)
      return failure(std::move(network.error()));
    out.push_back(*network);
  }
  return out;
}

/// Nothing: no limit. A burst of 0 is what comes in a second.
result<std::optional<token_rate>> read_rate_limit(const std::string& text, std::int64_t burst) {
  if (text == "off")
    return std::nullopt;
  auto rate = parse_rate(text);
  if (!rate)
    return failure(error_code::invalid_argument, rate.error().message + ", or off");
  constexpr std::int64_t second = 1'000'000;
  const auto in_a_second = rate->refill * second / rate->interval.count();
  rate->capacity = std::clamp<std::int64_t>(burst > 0 ? burst : in_a_second, 1, most_burst);
  return std::optional(*rate);
}

} // namespace

section_declaration http_section() {
  return {
    "http",
    "The HTTP interface, and requests to providers.",
    {{.key = "listen", .default_text = "127.0.0.1:8080", .doc = "IP address and port; port 0 takes any free one."},
     {.key = "public_url",
      .doc = "How browsers and providers reach this node: OAuth redirects. Default: http:// and the address above.",
      .example = "http://127.0.0.1:8080"},
     {.key = "max_body",
      .type = setting_type::size,
      .default_text = "16MB",
      .doc = "Larger request bodies are refused.",
      .least = kilobyte,
      .most = gigabyte},
     {.key = "session_lifetime",
      .type = setting_type::duration,
      .default_text = "12h",
      .doc = "People who signed in sign in again after this long.",
      .least = 60 * ms_per_second,
      .most = 90 * 86'400 * ms_per_second},
     {.key = "tls.certificate",
      .doc = "PEM file: the node's certificate and those between it and its authority. With it the node speaks https.",
      .example = "/etc/penstock/tls/fullchain.pem"},
     {.key = "tls.key",
      .doc = "PEM file: the certificate's key, without a passphrase. SIGHUP reads both files again.",
      .example = "/etc/penstock/tls/privkey.pem"},
     {.key = "trusted_proxies",
      .type = setting_type::list,
      .doc = "Addresses and ranges of proxies that are believed when X-Forwarded-For says for whom they ask.",
      .example = "127.0.0.1, 10.0.0.0/8"},
     {.key = "cors_origins",
      .type = setting_type::list,
      .doc = "Origins whose pages may use the interface from a browser; * alone: any.",
      .example = "https://app.example.org"},
     {.key = "rate_limit",
      .default_text = "100000/s",
      .doc = "Requests of one token, or of one address without a token: 100/s, 6000/m; off: no limit."},
     {.key = "rate_burst",
      .type = setting_type::integer,
      .default_text = "0",
      .doc = "How many of them may come at once; 0: as many as come in a second.",
      .least = 0,
      .most = most_burst},
     {.key = "allow_private_hosts",
      .type = setting_type::list,
      .doc = "Hosts that requests may go to though they are private or speak http: names, *.corp.example, addresses, "
             "ranges.",
      .example = "crm.corp.example, 10.1.0.0/16"},
     {.key = "outgoing_proxy",
      .type = setting_type::secret,
      .doc = "HTTP proxy for requests to providers; a name and a password may stand in it.",
      .example = "http://proxy.example.org:3128"},
     {.key = "ca_file",
      .doc = "PEM file of authorities to trust beside the system's, for requests to providers.",
      .example = "/etc/ssl/certs/ca-certificates.crt"}}};
}

http_settings make_http(assembly& from, const surroundings& here) {
  const auto& values = from.at("http");
  http_settings http;
  take(from, "listen", parse_listen_address(values.text("listen")), http.listen);
  http.public_url = values.text("public_url");
  while (http.public_url.ends_with('/'))
    http.public_url.pop_back();
  http.max_body = values.integer("max_body");
  http.session_lifetime = values.time("session_lifetime");
  http.tls_certificate = absolute_path(values.text("tls.certificate"), here);
  http.tls_key = absolute_path(values.text("tls.key"), here);
  take(from, "trusted_proxies", read_networks(values.list("trusted_proxies")), http.trusted_proxies);
  http.cors_origins = values.list("cors_origins");
  take(from, "rate_limit", read_rate_limit(values.text("rate_limit"), values.integer("rate_burst")), http.rate_limit);
  take(from, "allow_private_hosts", host_list::parse(values.list("allow_private_hosts")), http.allow_private_hosts);
  http.outgoing_proxy = values.text("outgoing_proxy");
  http.ca_file = absolute_path(values.text("ca_file"), here);
  return http;
}

} // namespace penstock::config
