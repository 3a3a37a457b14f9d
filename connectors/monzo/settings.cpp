#include "connectors/monzo/settings.hpp"

#include "net/url.hpp"

namespace penstock::connectors::monzo {

std::vector<config::setting> declared_settings() {
  using config::setting_type;
  constexpr auto in_ms = [](duration length) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(length).count();
  };
  return {
    {.key = "base_url",
     .type = setting_type::text,
     .default_text = "https://api.monzo.com",
     .doc = "Where the Monzo API is.",
     .environment = ""},
    {.key = "auth_url",
     .type = setting_type::text,
     .default_text = "https://auth.monzo.com/",
     .doc = "Where people consent.",
     .environment = ""},
    {.key = "client_id",
     .type = setting_type::text,
     .default_text = "",
     .doc = "Id of the OAuth client, from developers.monzo.com.",
     .environment = "MONZO_CLIENT_ID"},
    {.key = "client_secret",
     .type = setting_type::secret,
     .default_text = "",
     .doc = "Secret of the OAuth client; it must be a confidential one, or tokens cannot be refreshed.",
     .environment = "MONZO_CLIENT_SECRET"},
    {.key = "page_size",
     .type = setting_type::integer,
     .default_text = "100",
     .doc = "Transactions in one request; Monzo gives at most 100.",
     .environment = "",
     .least = 1,
     .most = 100},
    {.key = "look_back",
     .type = setting_type::duration,
     .default_text = "14d",
     .doc = "How far before the newest stored transaction each sync starts, to see what changes; at most 89d.",
     .environment = "",
     .least = 0,
     .most = in_ms(reachable_history)},
    {.key = "webhooks",
     .type = setting_type::boolean,
     .default_text = "true",
     .doc = "Whether Monzo is told to send new transactions to this node at once, beside the syncs that find them.",
     .environment = ""},
  };
}

tl::expected<monzo_settings, std::vector<config::objection>> read_settings(const config::section& section) {
  monzo_settings settings;
  std::vector<config::objection> objections;
  settings.base_url = section.text("base_url");
  settings.auth_url = section.text("auth_url");
  for (const auto& [key, url] : {std::pair{"base_url", settings.base_url}, std::pair{"auth_url", settings.auth_url}})
    if (const auto parsed = net::parse_url(url); !parsed)
      objections.push_back({key, "is not a URL: write it with http:// or https://"});
  if (!objections.empty())
    return tl::unexpected(std::move(objections));
  while (settings.base_url.ends_with('/'))
    settings.base_url.pop_back();
  settings.client_id = section.text("client_id");
  settings.client_secret = section.text("client_secret");
  settings.page_size = section.integer("page_size");
  settings.look_back = section.time("look_back");
  settings.webhooks = section.boolean("webhooks");
  return settings;
}

} // namespace penstock::connectors::monzo
