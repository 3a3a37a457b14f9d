#include "gateway/authorisation_desk.hpp"

#include <algorithm>
#include <utility>

#include "net/pkce.hpp"

namespace penstock::gateway {

std::string authorisation_desk::add(entries& where, target what, timestamp now) {
  std::erase_if(where, [now](const auto& each) { return now - each.second.made_at > lifetime; });
  if (where.size() >= most)
    where.erase(std::min_element(where.begin(), where.end(),
                                 [](const auto& a, const auto& b) { return a.second.made_at < b.second.made_at; }));
  // A PKCE verifier is what is wanted here too: 256 random bits that a URL can hold.
  auto code = net::make_pkce_verifier();
  where.emplace(code, entry{std::move(what), now});
  return code;
}

std::optional<authorisation_desk::target> authorisation_desk::take(entries& where, const std::string& code,
                                                                   timestamp now) {
  const auto found = where.find(code);
  if (found == where.end())
    return std::nullopt;
  auto taken = std::move(found->second);
  where.erase(found);
  if (now - taken.made_at > lifetime)
    return std::nullopt;
  return std::move(taken.what);
}

authorisation_desk::link authorisation_desk::make_link(std::string service, integration_id integration, timestamp now) {
  const std::scoped_lock lock(mutex_);
  return {add(links_, {std::move(service), integration, {}, {}}, now), now + lifetime};
}

std::optional<authorisation_desk::target> authorisation_desk::spend_link(const std::string& code,
                                                                         const target& expected, timestamp now) {
  const std::scoped_lock lock(mutex_);
  auto taken = take(links_, code, now);
  return taken == expected ? taken : std::nullopt;
}

std::string authorisation_desk::open_state(target what, timestamp now) {
  const std::scoped_lock lock(mutex_);
  return add(states_, std::move(what), now);
}

std::optional<authorisation_desk::target> authorisation_desk::spend_state(const std::string& state,
                                                                          std::string_view service, timestamp now) {
  const std::scoped_lock lock(mutex_);
  auto taken = take(states_, state, now);
  return taken && taken->service == service ? taken : std::nullopt;
}

} // namespace penstock::gateway
