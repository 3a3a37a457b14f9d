#include <spdlog/spdlog.h>

#include "core/id_text.hpp"
#include "core/quotable.hpp"
#include "gateway/api_tables.hpp"
#include "gateway/body_reader.hpp"
#include "gateway/call_commit.hpp"
#include "gateway/render.hpp"
#include "gateway/replies.hpp"
#include "gateway/session_cookie.hpp"
#include "gateway/user_names.hpp"
#include "net/pkce.hpp"
#include "net/problem.hpp"

namespace penstock::gateway {
namespace {

net::http_reply refused(int status, std::string_view code, std::string_view detail) {
  return net::problem_reply({.status = status, .code = code, .detail = detail});
}

auto too_many_guesses(duration wait) {
  error slower{error_code::rate_limited, "there were several wrong passwords: wait before the next try"};
  slower.retry_after = wait;
  return failure(std::move(slower));
}

/// The tries of one sign-in: of this name from this address, of this name, from this address.
class counted_try {
public:
  counted_try(sign_in_limits& limits, std::string name, const std::string& address)
      : limits_(limits), name_(std::move(name)), address_(network_of(address)), pair_(name_ + "\n" + address_) {}

  /// How long to wait before; 0: it counts now.
  [[nodiscard]] duration begin(timestamp now) {
    of_both_ = limits_.of_both.begin(pair_, now);
    if (of_both_.wait > duration{0})
      return of_both_.wait;
    of_name_ = limits_.of_name.begin(name_, now);
    if (of_name_.wait > duration{0}) {
      limits_.of_both.call_off(pair_, of_both_);
      return of_name_.wait;
    }
    of_address_ = limits_.of_address.begin(address_, now);
    if (of_address_.wait > duration{0}) {
      limits_.of_both.call_off(pair_, of_both_);
      limits_.of_name.call_off(name_, of_name_);
    }
    return of_address_.wait;
  }
  /// The others stay as they were before: who knows one password may not guess at others for it.
  void succeeded() {
    limits_.of_both.clear(pair_);
    call_off_others();
  }
  /// It came to no answer.
  void call_off() {
    limits_.of_both.call_off(pair_, of_both_);
    call_off_others();
  }

private:
  void call_off_others() {
    limits_.of_name.call_off(name_, of_name_);
    limits_.of_address.call_off(address_, of_address_);
  }

  sign_in_limits& limits_;
  const std::string name_, address_, pair_;
  try_limit::admission of_both_, of_name_, of_address_;
};

net::asio::awaitable<result<std::optional<user>>> find_named(service_desk& desk, std::string name) {
  auto read = [name = std::move(name)](storage::read_session& db) { return db.access().find_user_named(name); };
  auto found = co_await desk.port.read(std::move(read));
  co_return found;
}

net::http_reply session_reply(const user& who, timestamp expires_at, int status) {
  json_writer out;
  out.begin_object().key("user");
  render(out, who);
  out.key("expires_at").time(expires_at).end_object();
  return json_reply(out, status);
}

caller caller_of(const user& who) {
  caller signed_in;
  signed_in.user = who.id;
  signed_in.organisation = who.organisation;
  signed_in.name = caller_name(who);
  return signed_in;
}

/// Stores the session, and sends its token in a cookie.
answer open(service_desk& desk, call& one, const user& who) {
  const auto token = net::make_pkce_verifier(); // 256 random bits
  user_session made;
  made.hash = to_hex(hash_token(token));
  made.who = who;
  made.created_at = desk.clock.now();
  made.expires_at = made.created_at + desk.session_lifetime;
  made.address = one.request.remote_address;
  one.who = caller_of(who);
  const auto known = desk.tokens.sessions_ended(who.id);
  unit_of_work unit;
  unit.changes.emplace_back(open_session{made.hash, who.id, who.version, made.expires_at, made.address});
  const auto stored = co_await commit_for(desk, one, std::move(unit));
  if (!stored)
    co_return failure(stored.error());
  desk.tokens.add(made, known);
  auto reply = session_reply(who, made.expires_at, 201);
  reply.headers.add("Set-Cookie", session_cookie(token, desk.session_lifetime, desk.public_url));
  co_return reply;
}

answer sign_in(service_desk& desk, call& one) {
  if (is_from_foreign_page(one.request, desk.public_url))
    co_return refused(403, "foreign_page",
                      "people sign in on this node's own pages: the browser says that another's asked");
  body_reader body(one.request.body);
  const auto name = folded_name(body.text("name").value_or(""));
  const auto password = body.text("password", password_desk::longest).value_or("");
  if (name.empty() || password.empty())
    body.refuse("give name and password");
  if (auto problem = body.problem())
    co_return failure(std::move(*problem));
  counted_try counted(desk.sign_ins, name, one.request.remote_address);
  if (const auto wait = counted.begin(desk.clock.now()); wait > duration{0})
    co_return too_many_guesses(wait);
  const auto found = co_await find_named(desk, name);
  if (!found) {
    counted.call_off();
    co_return failure(found.error());
  }
  auto hash = *found ? (*found)->password_hash : std::string();
  const auto fits = co_await desk.passwords.fits(std::move(hash), password);
  if (!fits) {
    counted.call_off();
    co_return failure(fits.error());
  }
  if (!*fits) {
    spdlog::warn("a sign-in as '{}' from {} was refused", quotable(name, 100), one.request.remote_address);
    co_return refused(401, "wrong_password", "the name or the password is wrong");
  }
  counted.succeeded();
  auto reply = co_await open(desk, one, **found);
  co_return reply;
}

/// Who the caller is: somebody signed in, or a token.
answer show(service_desk& desk, call& one) {
  json_writer out;
  out.begin_object().key("name").text(one.who.name).key("role").text(role_name(one.who.level));
  out.key("organisation_id").id(one.who.organisation).key("user_id").id(one.who.user).key("token_id").id(one.who.token);
  out.key("expires_at").time(desk.tokens.expiry_of(one.who)).end_object();
  co_return json_reply(out);
}

answer no_session() {
  co_return failure(error_code::conflict, "a token came with this, and nobody signed in: there is no session");
}

answer sign_out(service_desk& desk, call& one) {
  if (!one.who.user) {
    auto reply = co_await no_session();
    co_return reply;
  }
  unit_of_work unit;
  unit.changes.emplace_back(close_session{to_hex(one.who.credential)});
  const auto stored = co_await commit_for(desk, one, std::move(unit));
  if (!stored)
    co_return failure(stored.error());
  desk.tokens.remove_session(one.who.credential);
  auto reply = no_content();
  reply.headers.add("Set-Cookie", no_session_cookie(desk.public_url));
  co_return reply;
}

/// People change their own password, and are signed out everywhere else.
answer change_password(service_desk& desk, call& one) {
  body_reader body(one.request.body);
  const auto before = body.text("password", password_desk::longest).value_or("");
  const auto wanted = body.text("new_password", password_desk::longest).value_or("");
  if (before.empty() || wanted.empty())
    body.refuse("give password, the one until now, and new_password");
  if (auto problem = body.problem())
    co_return failure(std::move(*problem));
  if (!one.who.user) {
    auto reply = co_await no_session();
    co_return reply;
  }
  auto read = [id = one.who.user](storage::read_session& db) { return db.access().find_user(id); };
  const auto found = co_await desk.port.read(std::move(read));
  if (!found)
    co_return failure(found.error());
  counted_try counted(desk.sign_ins, found->name, one.request.remote_address);
  if (const auto wait = counted.begin(desk.clock.now()); wait > duration{0})
    co_return too_many_guesses(wait);
  const auto fits = co_await desk.passwords.fits(found->password_hash, before);
  if (!fits) {
    counted.call_off();
    co_return failure(fits.error());
  }
  if (!*fits)
    co_return refused(403, "wrong_password", "the password until now is another one");
  counted.succeeded();
  auto hash = co_await desk.passwords.hash(wanted);
  if (!hash)
    co_return failure(hash.error());
  unit_of_work unit;
  unit.changes.emplace_back(edit_user{.id = found->id,
                                      .password_hash = std::move(*hash),
                                      .expected_version = found->version,
                                      .session_kept = to_hex(one.who.credential)});
  const auto stored = co_await commit_for(desk, one, std::move(unit));
  if (!stored)
    co_return failure(stored.error());
  desk.tokens.remove_of(found->id, one.who.credential);
  co_return no_content();
}

} // namespace

std::span<const route> session_routes() {
  static constexpr route table[] = {
    {"POST", "/api/v1/session", access_level::anybody, sign_in, without_query, without_effects, without_version,
     tells_a_secret},
    {"GET", "/api/v1/session", scoped(access_level::viewer), show},
    {"DELETE", "/api/v1/session", scoped(access_level::viewer), sign_out},
    {"PATCH", "/api/v1/session", scoped(access_level::viewer), change_password, without_query, without_effects,
     without_version, tells_a_secret},
  };
  return table;
}

} // namespace penstock::gateway
