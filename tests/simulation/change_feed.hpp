#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/random.hpp"
#include "net/http_client.hpp"
#include "net/sleeper.hpp"

namespace penstock::simulation {

/// The provider of a simulation: a list of changes to items, asked for in pages, by its number of the last one seen.
/// It misbehaves as often as it is told. For one thread.
class change_feed : public net::http_client {
public:
  static constexpr std::int64_t page_size = 3;

  explicit change_feed(random_source& random) : random_(random) {}

  /// How it takes its time. Set before the first request.
  void sleep_on(net::sleeper& sleeper) { sleeper_ = &sleeper; }

  /// An item is new, or has another value.
  void change_something();
  /// One request in so many gets no good answer: an error of the server, a dropped connection, half a body. 0: none.
  void misbehave(std::uint64_t one_in) { trouble_one_in_ = one_in; }

  /// Number of the latest change; 0: none.
  [[nodiscard]] std::int64_t last() const { return static_cast<std::int64_t>(changes_.size()); }

  struct version {
    std::int64_t change = 0; ///< its number
    std::int64_t value = 0;
  };
  /// What a faithful copy holds once it has seen the changes up to `last`.
  [[nodiscard]] std::map<std::string, version> items_at(std::int64_t last) const;

  /// GET …/feed?after=N
  [[nodiscard]] net::asio::awaitable<result<net::http_response>> send(net::http_request request) override;

private:
  struct change {
    std::string item;
    std::int64_t value = 0;
  };

  [[nodiscard]] std::string page_after(std::int64_t last) const;

  random_source& random_;
  net::sleeper* sleeper_ = nullptr;
  std::vector<change> changes_;
  std::uint64_t trouble_one_in_ = 0;
};

} // namespace penstock::simulation
