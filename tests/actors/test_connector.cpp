#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "core/id_text.hpp"
#include "core/rfc3339.hpp"
#include "tests/actors/deterministic_engine.hpp"

namespace penstock::actors::testing {
namespace {

namespace json = boost::json;

json::object args_of(const ready_job& job) { return json::parse(job.args).as_object(); }

job_kind quick(std::string name) {
  job_kind kind;
  kind.name = std::move(name);
  kind.backoff = backoff_policy::list({std::chrono::seconds(5)});
  kind.max_attempts = 3;
  return kind;
}

result<unit_of_work> fail_for_a_while(connectors::process_context& context) {
  const auto args = args_of(context.job);
  if (context.job.attempts + 1 > args.at("times").as_int64())
    return unit_of_work{};
  const auto code = parse_error_code(std::string_view(args.at("code").as_string()));
  return failure(code.value_or(error_code::internal), "as the test asked");
}

result<unit_of_work> have_children(connectors::process_context& context) {
  unit_of_work unit;
  const auto args = args_of(context.job);
  for (std::int64_t i = 0; i < args.at("children").as_int64(); ++i) {
    job_request child;
    child.kind = "test.step";
    child.args = json::serialize(json::object{{"name", "child " + std::to_string(i)}});
    child.parent = context.job.id;
    unit.jobs.push_back(std::move(child));
  }
  return unit;
}

net::asio::awaitable<result<unit_of_work>> fetch_page(connectors::fetch_context& context) {
  auto token = co_await context.tokens.access_token();
  if (!token && token.error().code == error_code::requires_reauth)
    co_return failure(token.error());
  net::http_request request;
  request.url = "http://provider.test/page";
  if (token)
    request.headers.set("Authorization", "Bearer " + *token);
  auto answer = co_await context.http.send(request);
  if (!answer)
    co_return failure(answer.error());
  if (answer->status == 401 && token) {
    token = co_await context.tokens.replace(*token);
    if (!token)
      co_return failure(token.error());
    request.headers.set("Authorization", "Bearer " + *token);
    answer = co_await context.http.send(request);
    if (!answer)
      co_return failure(answer.error());
  }
  if (answer->status != 200)
    co_return failure(error_code::provider_unavailable, "status " + std::to_string(answer->status));
  unit_of_work unit;
  job_request page;
  page.kind = "test.page";
  page.payload = answer->body;
  page.integration = context.job.integration;
  page.run = context.job.run;
  page.parent = context.job.parent;
  page.stream = context.job.stream;
  page.group_key = context.job.group_key;
  unit.jobs.push_back(std::move(page));
  co_return unit;
}

/// Notes the token of another integration than its own.
net::asio::awaitable<result<unit_of_work>> borrow_token(std::vector<std::string>& ran,
                                                        connectors::fetch_context& context) {
  const auto lender = parse_id<integration_id>(std::string(args_of(context.job).at("integration").as_string()));
  const auto tokens = context.tokens_of(*lender);
  const auto token = co_await tokens->access_token();
  if (!token)
    co_return failure(token.error());
  ran.push_back("token " + *token);
  co_return unit_of_work{};
}

} // namespace

connectors::connector test_connector(std::vector<std::string>& ran) {
  connectors::connector made;
  made.name = "test";
  auto step = quick("test.step");
  step.brief = true;
  made.handlers.push_back({step, connectors::process_handler([&ran](connectors::process_context& context) {
                             ran.emplace_back(args_of(context.job).at("name").as_string());
                             return result<unit_of_work>(unit_of_work{});
                           })});
  made.handlers.push_back({quick("test.error"), connectors::process_handler(fail_for_a_while)});
  auto note = quick("test.note");
  note.self_contained = true;
  made.handlers.push_back({note, connectors::process_handler([&ran](connectors::process_context&) {
                             ran.push_back("note");
                             return result<unit_of_work>(unit_of_work{});
                           })});
  made.handlers.push_back({quick("test.parent"), connectors::process_handler(have_children)});
  auto page = quick("test.page");
  page.queue = "process";
  made.handlers.push_back({page, connectors::process_handler([&ran](connectors::process_context& context) {
                             ran.push_back("page " + context.payload);
                             return result<unit_of_work>(unit_of_work{});
                           })});
  auto borrow = quick("test.borrow");
  borrow.style = handler_style::fetch;
  made.handlers.push_back({borrow, connectors::fetch_handler([&ran](connectors::fetch_context& context) {
                             return borrow_token(ran, context);
                           })});
  auto fetch = quick("test.fetch");
  fetch.queue = "fetch";
  fetch.style = handler_style::fetch;
  made.handlers.push_back({fetch, connectors::fetch_handler(fetch_page)});

  connectors::service service;
  service.name = "test";
  service.title = "Test";
  service.oauth =
    net::oauth2_provider{"http://provider.test/authorize", "http://provider.test/token", "client", "secret", "", {}};
  service.validate = [](std::string_view) { return result<void>{}; };
  service.cursor_from = [](std::string_view stream, timestamp from) -> result<std::string> {
    if (stream != "pages")
      return failure(error_code::invalid_argument, "only pages are in order of time");
    return R"({"since":")" + format_rfc3339(from) + R"("})";
  };
  service.first_jobs = [](const integration& account) {
    job_request first;
    first.kind = "test.fetch";
    first.stream = "pages";
    if (account.name != "ungrouped")
      first.group_key = "0/" + to_string(account.id) + "/pages";
    std::vector<job_request> jobs;
    jobs.push_back(std::move(first));
    return result<std::vector<job_request>>(std::move(jobs));
  };
  made.services.push_back(std::move(service));
  return made;
}

} // namespace penstock::actors::testing
