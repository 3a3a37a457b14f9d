#pragma once

#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "gateway/access.hpp"
#include "gateway/edge_rules.hpp"
#include "gateway/route.hpp"

namespace penstock::gateway {

/// Finds the route of a request, asks whether the caller may, runs the handler, and turns errors into problem
/// documents. Constant after construction: serves any number of threads.
class router {
public:
  /// The desk outlives the router. The text of the routes is static.
  router(service_desk& desk, access_policy access, std::vector<std::span<const route>> tables, edge_rules rules = {});

  /// The reply to one request, with `X-Request-Id`: the caller's own if it sent a usable one, else a new id. An
  /// exception of a handler is logged with that id and answered with 500.
  [[nodiscard]] net::asio::awaitable<net::http_reply> handle(net::http_server_request request) const;

  /// The reply to a request that is refused whatever its body says: no route, no right, a header or query that is not
  /// supported. For when the header has come and the body has not: strangers must not make the node hold theirs.
  [[nodiscard]] std::optional<net::http_reply> refuse_early(const net::http_server_request& head) const;

  /// Makes a reply that is none of the router's, to a request with these fields, like those that are.
  void complete(const net::http_headers& of_request, net::http_reply& reply) const;

  /// A route and what its pattern captured; or, without a route, the methods that the path knows ("GET, POST"), empty
  /// where it knows none.
  struct match {
    const route* found = nullptr;
    std::array<std::string, 2> captured;
    std::string allowed;
  };
  [[nodiscard]] match find(std::string_view method, std::string_view path) const;

  /// Puts the client's own address in the place of a trusted proxy's.
  void know_client(net::http_server_request& request) const { rules_.proxies.apply(request); }

  [[nodiscard]] std::vector<route> routes() const;

private:
  struct entry {
    route what;
    std::vector<std::string_view> segments;
  };

  /// What stands in `X-Request-Id` of the answer to a request with these fields.
  [[nodiscard]] std::string request_id(const net::http_headers& of_request) const;
  /// Nothing: the handler may be asked. With `early` the body is still to come, and the request will be judged again.
  [[nodiscard]] std::optional<net::http_reply> refuse(const match& matched, const net::http_server_request& request,
                                                      bool early, caller& who,
                                                      std::optional<limit_standing>& standing) const;
  /// The same with what every answer carries; `request` is as `know_client` left it.
  [[nodiscard]] std::optional<net::http_reply> refuse_known(const net::http_server_request& request) const;
  /// What the refusal of a token becomes for an address that sends many.
  void count_refusal(const net::http_server_request& request, net::http_reply& refusal) const;
  /// Fills in what headers say of a write; the error is the caller's.
  [[nodiscard]] static result<void> read_conditions(call& one);
  /// Runs the handler, or tells again what was answered under the same Idempotency-Key.
  [[nodiscard]] net::asio::awaitable<result<net::http_reply>> serve_once(call& one) const;
  [[nodiscard]] net::asio::awaitable<result<net::http_reply>> serve(call& one,
                                                                    std::optional<limit_standing>& standing) const;
  [[nodiscard]] net::asio::awaitable<result<net::http_reply>>
  serve_without_throwing(call& one, std::optional<limit_standing>& standing) const;

  /// Keys whose requests are being answered by this node. Thread-safe.
  class key_guard;
  class open_keys {
  public:
    [[nodiscard]] bool take(const std::string& key) {
      const std::scoped_lock lock(mutex_);
      return keys_.insert(key).second;
    }
    void give_back(const std::string& key) {
      const std::scoped_lock lock(mutex_);
      keys_.erase(key);
    }

  private:
    std::mutex mutex_;
    std::set<std::string> keys_;
  };

  service_desk& desk_;
  access_policy access_;
  edge_rules rules_;
  std::vector<entry> entries_;
  mutable open_keys open_keys_;
};

} // namespace penstock::gateway
