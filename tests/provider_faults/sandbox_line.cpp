#include "tests/provider_faults/sandbox_line.hpp"

#include <future>
#include <stdexcept>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/json.hpp>

#include "sandbox/stand_in.hpp"

namespace penstock::provider_faults {
namespace {

/// Longer than anything here takes: who waits so long has failed.
constexpr auto patience = std::chrono::seconds(20);

} // namespace

sandbox_line::sandbox_line(const wall_clock& clock, sandbox::data_settings data) : clock_(clock) {
  runtime_.start();
  sandbox::sandbox_settings settings;
  settings.port = 0;
  settings.data = data;
  server_ = std::make_unique<sandbox::sandbox_server>(std::move(settings), clock, sandbox::make_stand_ins);
  const auto port = server_->start();
  auto client = net::beast_http_client::make(runtime_.executor(), {});
  if (!port || !client)
    throw std::runtime_error(port ? client.error().message : port.error().message);
  client_ = std::move(*client);
  base_ = "http://127.0.0.1:" + std::to_string(*port);
}

sandbox_line::~sandbox_line() { server_->stop(); }

template <class T>
T sandbox_line::wait_for(net::asio::awaitable<T> work) {
  auto done = net::asio::co_spawn(runtime_.executor(), std::move(work), net::asio::use_future);
  if (done.wait_for(patience) != std::future_status::ready)
    throw std::runtime_error("the sandbox does not answer");
  return done.get();
}

net::asio::awaitable<result<net::http_response>> sandbox_line::send(net::http_request request) {
  const auto target = request.url.substr(base_.size());
  request_seen seen{request.method, target.substr(0, target.find('?')), clock_.now()};
  seen.struck = struck_left_ > 0 && request.method == method_ && target.starts_with(path_) &&
                target.find(having_) != std::string::npos;
  seen_.push_back(seen);
  // What is struck is no matter of which connection was left from before.
  request.fresh_connection = true;
  if (seen.struck) {
    --struck_left_;
    auto rule = fault_.rule;
    rule["path"] = "/";
    boost::json::object plan;
    plan[fault_.kind] = std::move(rule);
    ask_json("POST", "/sandbox/faults", boost::json::serialize(plan));
    if (fault_.patience)
      request.timeout = *fault_.patience;
  }
  auto answer = wait_for(client_->send(std::move(request)));
  if (seen.struck)
    ask_json("DELETE", "/sandbox/faults");
  co_return answer;
}

void sandbox_line::strike(fault with, std::string method, std::string path, std::string having, std::size_t times) {
  fault_ = std::move(with);
  method_ = std::move(method), path_ = std::move(path), having_ = std::move(having);
  struck_left_ = times;
}

net::http_response sandbox_line::ask(std::string method, const std::string& path, std::string body,
                                     const std::string& token) {
  net::http_request request;
  request.method = std::move(method);
  request.url = base_ + path;
  request.body = std::move(body);
  if (!token.empty())
    request.headers.add("Authorization", "Bearer " + token);
  if (path.ends_with("/oauth2/token"))
    request.headers.add("Content-Type", "application/x-www-form-urlencoded");
  auto answer = wait_for(client_->send(std::move(request)));
  if (!answer)
    throw std::runtime_error(path + ": " + answer.error().message);
  return std::move(*answer);
}

boost::json::object sandbox_line::ask_json(std::string method, const std::string& path, std::string body,
                                           const std::string& token) {
  const auto answer = ask(std::move(method), path, std::move(body), token);
  if (answer.status != 200)
    throw std::runtime_error(path + ": " + std::to_string(answer.status) + " " + answer.body);
  return boost::json::parse(answer.body).as_object();
}

} // namespace penstock::provider_faults
