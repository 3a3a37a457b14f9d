#include <boost/json/serialize.hpp>

#include "tests/gateway/route_fixture.hpp"

// People: who may sign in, signing in, and what a session's cookie is good for.
namespace penstock::gateway::testing {
namespace {

using namespace std::chrono_literals;

constexpr auto good_password = "correct horse battery";

class users_route : public route_test {
protected:
  json::value add(const std::string& name, const std::string& role, const std::string& organisation = {}) {
    json::object body{{"name", name}, {"password", good_password}, {"role", role}};
    if (!organisation.empty())
      body["organisation_id"] = organisation;
    return ask("POST", "/api/v1/users", json::serialize(body), 201);
  }
  net::http_reply sign_in(const std::string& name, const std::string& password, const std::string& address = "10.1.1.1",
                          const std::string& site = "same-origin") {
    net::http_server_request request;
    request.method = "POST";
    request.target = "/api/v1/session";
    request.body = json::serialize(json::object{{"name", name}, {"password", password}});
    request.remote_address = address;
    request.headers.add("Cookie", "");
    if (!site.empty())
      request.headers.add("Sec-Fetch-Site", site);
    return send(std::move(request));
  }
  /// The cookie to send along.
  static std::string cookie_of(const net::http_reply& reply) {
    const auto set = reply.headers.value_or("Set-Cookie", "");
    return std::string(set.substr(0, set.find(';')));
  }
  std::string signed_in(const std::string& name, const std::string& password = good_password) {
    const auto reply = sign_in(name, password);
    EXPECT_EQ(reply.status, 201) << reply.body;
    return cookie_of(reply);
  }
  net::http_reply send_with(const std::string& cookie, std::string method, std::string target, std::string body = {},
                            const std::string& site = "same-origin") {
    net::http_server_request request;
    request.method = std::move(method);
    request.target = std::move(target);
    request.body = std::move(body);
    request.headers.add("Cookie", cookie);
    if (!site.empty())
      request.headers.add("Sec-Fetch-Site", site);
    return send(std::move(request));
  }
  int status_with(const std::string& cookie, const std::string& method, const std::string& target) {
    return send_with(cookie, method, target).status;
  }
};

TEST_F(users_route, UserIsToldWithoutItsPassword) {
  const auto made = add("Anna", "operator");
  EXPECT_EQ(text_of(made.at("name")), "anna") << "whatever the case";
  EXPECT_EQ(text_of(made.at("role")), "operator");
  EXPECT_EQ(text_of(made.at("created_by")), "admin");
  const auto path = "/api/v1/users/" + text_of(made.at("id"));
  for (const auto& reply : {send("GET", path), send("GET", "/api/v1/users"), send("GET", "/api/v1/audit")}) {
    EXPECT_EQ(reply.status, 200);
    EXPECT_EQ(reply.body.find("argon2"), std::string::npos) << reply.body;
    EXPECT_EQ(reply.body.find(good_password), std::string::npos) << reply.body;
  }
  EXPECT_EQ(
    problem("POST", "/api/v1/users", R"({"name":"ANNA","password":"correct horse battery","role":"viewer"})", 409),
    "conflict");
}

TEST_F(users_route, WrongBodiesAreRefused) {
  for (const auto* body :
       {"{}", R"({"name":"a","role":"viewer"})", R"({"name":"a","role":"viewer","password":"short"})",
        R"({"name":"","role":"viewer","password":"correct horse battery"})",
        R"({"name":"a","role":"god","password":"correct horse battery"})",
        R"({"name":"a\u0007","role":"viewer","password":"correct horse battery"})"})
    EXPECT_EQ(problem("POST", "/api/v1/users", body, 400), "invalid_argument") << body;
  EXPECT_EQ(problem("POST", "/api/v1/users",
                    R"({"name":"a","role":"viewer","password":"correct horse battery","organisation_id":"77"})", 400),
            "invalid_argument");
  EXPECT_EQ(problem("GET", "/api/v1/users/77", "", 404), "not_found");
  EXPECT_EQ(problem("DELETE", "/api/v1/users/77", "", 404), "not_found");
}

TEST_F(users_route, SessionIsWhatItsUserIs) {
  add("anna", "viewer");
  const auto reply = sign_in("Anna", good_password);
  ASSERT_EQ(reply.status, 201) << reply.body;
  const auto set = std::string(reply.headers.value_or("Set-Cookie", ""));
  EXPECT_TRUE(set.starts_with("__Host-penstock=")) << set;
  EXPECT_NE(set.find("HttpOnly; SameSite=Lax; Max-Age=43200; Secure"), std::string::npos) << set;
  const auto cookie = cookie_of(reply);
  EXPECT_EQ(reply.body.find(cookie.substr(cookie.find('=') + 1)), std::string::npos) << "scripts must not read it";
  const auto who = json::parse(send_with(cookie, "GET", "/api/v1/session").body);
  EXPECT_EQ(text_of(who.at("role")), "viewer");
  EXPECT_TRUE(text_of(who.at("name")).ends_with("(anna)"));
  EXPECT_FALSE(who.at("user_id").is_null());
  EXPECT_TRUE(who.at("token_id").is_null());
  EXPECT_EQ(status_with(cookie, "GET", "/api/v1/executions"), 200);
  EXPECT_EQ(status_with(cookie, "POST", "/api/v1/queues/default/pause"), 403);
  EXPECT_EQ(status_with(cookie, "GET", "/api/v1/users"), 403);
  EXPECT_FALSE(ask("GET", "/api/v1/users").at("items").as_array()[0].at("last_signed_in_at").is_null());
}

TEST_F(users_route, CookieChangesNothingFromOtherPeoplesPages) {
  add("anna", "admin");
  const auto cookie = signed_in("anna");
  for (const auto* site : {"cross-site", "same-site", "none", ""}) {
    const auto refused = send_with(cookie, "POST", "/api/v1/queues/default/pause", "", site);
    EXPECT_EQ(refused.status, 403) << site;
    EXPECT_NE(refused.body.find("foreign_page"), std::string::npos) << refused.body;
  }
  EXPECT_EQ(send_with(cookie, "GET", "/api/v1/queues", "", "cross-site").status, 200)
    << "no other page can read the answer";
  EXPECT_EQ(send_with(cookie, "POST", "/api/v1/queues/default/pause").status, 200);
  EXPECT_EQ(sign_in("anna", good_password, "10.1.1.1", "cross-site").status, 403);
  EXPECT_EQ(sign_in("anna", good_password, "10.1.1.1", "").status, 201) << "a program";
}

TEST_F(users_route, BearerTokenCountsBeforeACookie) {
  add("anna", "admin");
  const auto cookie = signed_in("anna");
  net::http_server_request request;
  request.method = "GET";
  request.target = "/api/v1/executions";
  request.headers.add("Authorization", "Bearer wrong");
  request.headers.add("Cookie", cookie);
  EXPECT_EQ(send(std::move(request)).status, 401);
}

TEST_F(users_route, TokenIsNoSession) {
  const auto token = text_of(ask("POST", "/api/v1/tokens", R"({"name":"t","role":"admin"})", 201).at("token"));
  EXPECT_EQ(status_with("__Host-penstock=" + token, "GET", "/api/v1/executions"), 401);
  EXPECT_EQ(status_with("__Host-penstock=secret", "GET", "/api/v1/executions"), 401);
  EXPECT_EQ(problem("DELETE", "/api/v1/session", "", 409), "conflict");
}

TEST_F(users_route, WrongNameAndWrongPasswordLookTheSame) {
  add("anna", "viewer");
  const auto wrong_password = sign_in("anna", "incorrect horse", "10.0.0.1");
  const auto wrong_name = sign_in("ben", good_password, "10.0.0.2");
  EXPECT_EQ(wrong_password.status, 401);
  const auto told = [](const net::http_reply& reply) { return reply.body.substr(0, reply.body.find("request_id")); };
  EXPECT_EQ(told(wrong_password), told(wrong_name));
}

TEST_F(users_route, GuessesAreFewFromOneAddress) {
  add("anna", "viewer");
  for (int i = 0; i < 5; ++i)
    EXPECT_EQ(sign_in("anna", "incorrect horse").status, 401);
  const auto slower = sign_in("anna", good_password);
  EXPECT_EQ(slower.status, 429) << "whether or not it is right";
  EXPECT_EQ(slower.headers.value_or("Retry-After", ""), "1");
  EXPECT_EQ(sign_in("anna", good_password, "10.9.9.9").status, 201) << "its owner, at another address";
  clock.advance(1s);
  EXPECT_EQ(sign_in("anna", good_password).status, 201);
  EXPECT_EQ(sign_in("anna", "incorrect horse").status, 401) << "and may err again";
}

TEST_F(users_route, OneAddressCannotGuessAtManyNames) {
  for (int i = 0; i < 30; ++i)
    EXPECT_EQ(sign_in("name" + std::to_string(i), good_password).status, 401);
  EXPECT_EQ(sign_in("another", good_password).status, 429);
  EXPECT_EQ(sign_in("another", good_password, "10.2.2.2").status, 401);
}

TEST_F(users_route, OneHomeHasManyAddresses) {
  for (int i = 0; i < 30; ++i)
    EXPECT_EQ(sign_in("name" + std::to_string(i), good_password, "2001:db8:1:2::" + std::to_string(i)).status, 401);
  EXPECT_EQ(sign_in("another", good_password, "2001:db8:1:2:ffff::1").status, 429);
  EXPECT_EQ(sign_in("another", good_password, "2001:db8:1:3::1").status, 401);
}

TEST_F(users_route, SigningOutEndsTheSession) {
  add("anna", "viewer");
  const auto cookie = signed_in("anna"), other = signed_in("anna");
  const auto out = send_with(cookie, "DELETE", "/api/v1/session");
  EXPECT_EQ(out.status, 204);
  EXPECT_NE(out.headers.value_or("Set-Cookie", "").find("Max-Age=0"), std::string_view::npos);
  EXPECT_EQ(status_with(cookie, "GET", "/api/v1/session"), 401);
  EXPECT_EQ(status_with(other, "GET", "/api/v1/session"), 200);
}

TEST_F(users_route, SessionEndsByItself) {
  add("anna", "viewer");
  const auto cookie = signed_in("anna");
  clock.advance(12h - 1s);
  EXPECT_EQ(status_with(cookie, "GET", "/api/v1/session"), 200);
  clock.advance(1s);
  const auto over = send_with(cookie, "GET", "/api/v1/session");
  EXPECT_EQ(over.status, 401);
  EXPECT_NE(over.body.find("session_expired"), std::string::npos) << over.body;
}

TEST_F(users_route, SessionThatNobodyKnowsAnyMoreIsOver) {
  add("anna", "viewer");
  const auto cookie = signed_in("anna");
  clock.advance(13h);
  tokens->replace({}, {}, tokens->begin_reading()); // as it is read each few seconds
  const auto over = send_with(cookie, "GET", "/api/v1/session");
  EXPECT_EQ(over.status, 401);
  EXPECT_NE(over.body.find("session_expired"), std::string::npos) << over.body;
}

TEST_F(users_route, SessionIsNotAddedAfterItsUserWasSignedOut) {
  user_session late;
  late.hash = to_hex(hash_token("late"));
  late.who.id = {7};
  late.who.grants = role::admin;
  late.expires_at = clock.now() + 1h;
  const auto known = tokens->sessions_ended({7});
  tokens->remove_of(user_id{7}, {});
  tokens->add(late, known);
  EXPECT_EQ(status_with("__Host-penstock=late", "GET", "/api/v1/session"), 401);
  tokens->add(late, tokens->sessions_ended({7}));
  EXPECT_EQ(status_with("__Host-penstock=late", "GET", "/api/v1/session"), 200);
}

TEST_F(users_route, NameOfAFieldThatIsSpelledInEscapesHidesNothing) {
  EXPECT_EQ(
    send("POST", "/api/v1/users", R"({"name":"anna","p\u0061ssword":"correct horse battery","role":"viewer"})").status,
    201);
  EXPECT_EQ(send("GET", "/api/v1/audit").body.find("correct horse"), std::string::npos);
}

TEST_F(users_route, OtherRoleOrPasswordEndsSessions) {
  const auto path = "/api/v1/users/" + text_of(add("anna", "admin").at("id"));
  auto cookie = signed_in("anna");
  EXPECT_EQ(text_of(ask("PATCH", path, R"({"role":"viewer"})").at("role")), "viewer");
  EXPECT_EQ(status_with(cookie, "GET", "/api/v1/session"), 401);
  cookie = signed_in("anna");
  ask("PATCH", path, R"({"password":"another horse battery"})");
  EXPECT_EQ(status_with(cookie, "GET", "/api/v1/session"), 401);
  EXPECT_EQ(sign_in("anna", good_password).status, 401);
  cookie = signed_in("anna", "another horse battery");
  EXPECT_EQ(send("DELETE", path).status, 204);
  EXPECT_EQ(status_with(cookie, "GET", "/api/v1/session"), 401);
  EXPECT_EQ(sign_in("anna", "another horse battery").status, 401);
}

TEST_F(users_route, SecondEditorIsToldSo) {
  const auto path = "/api/v1/users/" + text_of(add("anna", "viewer").at("id"));
  const auto version = std::string(send("GET", path).headers.value_or("ETag", ""));
  net::http_server_request edit;
  edit.method = "PATCH";
  edit.target = path;
  edit.body = R"({"role":"operator"})";
  edit.headers.add("If-Match", version);
  EXPECT_EQ(send(edit).status, 200);
  EXPECT_EQ(send(edit).status, 412);
}

TEST_F(users_route, PeopleChangeTheirOwnPassword) {
  add("anna", "viewer");
  const auto cookie = signed_in("anna"), other = signed_in("anna");
  const auto change = [&](const std::string& before, const std::string& after) {
    return send_with(cookie, "PATCH", "/api/v1/session",
                     json::serialize(json::object{{"password", before}, {"new_password", after}}))
      .status;
  };
  EXPECT_EQ(change("incorrect horse", "another horse battery"), 403);
  EXPECT_EQ(change(good_password, "short"), 400);
  EXPECT_EQ(change(good_password, "another horse battery"), 204);
  EXPECT_EQ(status_with(cookie, "GET", "/api/v1/session"), 200);
  EXPECT_EQ(status_with(other, "GET", "/api/v1/session"), 401);
  EXPECT_EQ(sign_in("anna", good_password).status, 401);
  EXPECT_EQ(sign_in("anna", "another horse battery").status, 201);
}

TEST_F(users_route, AdministratorOfAnOrganisationKeepsToIt) {
  const auto own = text_of(ask("POST", "/api/v1/organisations", R"({"name":"own"})", 201).at("id"));
  const auto elsewhere = text_of(add("elsewhere", "viewer").at("id"));
  add("anna", "admin", own);
  const auto cookie = signed_in("anna");
  EXPECT_EQ(status_with(cookie, "GET", "/api/v1/users/" + elsewhere), 404);
  EXPECT_EQ(status_with(cookie, "DELETE", "/api/v1/users/" + elsewhere), 404);
  EXPECT_EQ(send_with(cookie, "PATCH", "/api/v1/users/" + elsewhere, R"({"role":"admin"})").status, 404);
  EXPECT_EQ(json::parse(send_with(cookie, "GET", "/api/v1/users").body).at("items").as_array().size(), 1u);
  const auto made = json::parse(
    send_with(cookie, "POST", "/api/v1/users", R"({"name":"ben","password":"correct horse battery","role":"admin"})")
      .body);
  EXPECT_EQ(text_of(made.at("organisation_id")), own);
  EXPECT_EQ(ask("GET", "/api/v1/users").at("items").as_array().size(), 3u);
}

TEST_F(users_route, UsersGoWithTheirOrganisation) {
  const auto own = text_of(ask("POST", "/api/v1/organisations", R"({"name":"own"})", 201).at("id"));
  add("anna", "admin", own);
  const auto cookie = signed_in("anna");
  EXPECT_EQ(send("DELETE", "/api/v1/organisations/" + own).status, 204);
  EXPECT_EQ(status_with(cookie, "GET", "/api/v1/session"), 401);
  EXPECT_TRUE(ask("GET", "/api/v1/users").at("items").as_array().empty());
}

TEST_F(users_route, AuditSaysWhoItWas) {
  const auto id = text_of(add("anna", "operator").at("id"));
  const auto cookie = signed_in("anna");
  EXPECT_EQ(send_with(cookie, "POST", "/api/v1/queues/default/pause").status, 200);
  const auto all = ask("GET", "/api/v1/audit").at("items").as_array();
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(text_of(all[0].at("actor")), "user " + id + " (anna)");
  EXPECT_EQ(text_of(all[1].at("actor")), "user " + id + " (anna)");
  EXPECT_EQ(text_of(all[1].at("action")), "POST /api/v1/session");
  EXPECT_EQ(text_of(all[2].at("actor")), "admin");
}

TEST_F(users_route, PasswordsTakeNoIdempotencyKey) {
  net::http_server_request request;
  request.method = "POST";
  request.target = "/api/v1/users";
  request.body = R"({"name":"anna","password":"correct horse battery","role":"viewer"})";
  request.headers.add("Idempotency-Key", "k");
  EXPECT_EQ(send(std::move(request)).status, 400);
}

} // namespace
} // namespace penstock::gateway::testing
