#include "net/sentry_dsn.hpp"

#include <algorithm>
#include <utility>

namespace penstock::net {
namespace {

tl::unexpected<error> refuse(std::string_view why) {
  return failure(error_code::invalid_argument,
                 std::string(why) +
                   ": copy the DSN from the project's settings; it looks like https://KEY@sentry.example/42");
}

/// Keys and projects go into a header and a path as they are.
bool is_plain(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

} // namespace

result<sentry_dsn> sentry_dsn::parse(std::string_view text) {
  auto parsed = parse_url(text);
  if (!parsed)
    return refuse("is " + parsed.error().message);
  if (parsed->has_query || !parsed->fragment.empty())
    return refuse("has something behind the project");
  sentry_dsn dsn;
  const auto colon = parsed->user_info.find(':');
  dsn.key_ = parsed->user_info.substr(0, colon);
  if (!is_plain(dsn.key_))
    return refuse("has no key before the host");
  if (colon != std::string::npos) {
    dsn.secret_ = parsed->user_info.substr(colon + 1);
    if (!is_plain(dsn.secret_))
      return refuse("has a ':' behind its key, and no secret there");
  }
  auto path = parsed->path;
  while (path.ends_with('/'))
    path.pop_back();
  const auto slash = path.rfind('/');
  const auto project = slash == std::string::npos ? std::string{} : path.substr(slash + 1);
  if (!is_plain(project))
    return refuse("has no project behind the host");
  dsn.envelope_ = *std::move(parsed);
  dsn.envelope_.user_info.clear();
  dsn.envelope_.path = path.substr(0, slash) + "/api/" + project + "/envelope/";
  return dsn;
}

std::string sentry_dsn::auth(std::string_view client) const {
  constexpr std::string_view version = "7";
  std::string value = "Sentry sentry_version=";
  value.append(version).append(", sentry_client=").append(client).append(", sentry_key=").append(key_);
  if (!secret_.empty())
    value.append(", sentry_secret=").append(secret_);
  return value;
}

} // namespace penstock::net
