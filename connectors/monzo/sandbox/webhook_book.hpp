#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/monzo/sandbox/account_book.hpp"
#include "sandbox/stand_in.hpp"

namespace penstock::sandbox::monzo {

/// Where Monzo sends what happens, and what it has still to send. For one thread.
class webhook_book {
public:
  struct webhook {
    std::string id;
    std::string url;
    account_place account;
    std::string account_id;
    std::uint64_t told = 0; ///< transactions of the account that it was told of, or that were there before it
  };
  /// More of one account are refused; of what waits to be sent the oldest are dropped.
  static constexpr std::size_t most_of_an_account = 20, most_waiting = 1000;

  /// Null: the account has too many.
  const webhook* add(const account_book& account, std::string url, std::uint64_t seed);
  [[nodiscard]] std::vector<const webhook*> of(const account_place& account) const;
  /// False: the user has no such webhook.
  bool remove(std::uint32_t user, std::string_view id);

  /// Accounts as they are now; null for one that is gone.
  using account_finder = std::function<const account_book*(const account_place&)>;
  /// Lets all that happened since the last time wait to be sent.
  void gather(const account_finder& account_of);
  /// Nothing is sent about what a user's accounts hold by now.
  void pass_over(std::uint32_t user, const account_finder& account_of);
  /// Sends one again, to all addresses of its account. False: nobody wants to know.
  bool send_again(const account_book& account, std::uint64_t index);

  [[nodiscard]] std::vector<delivery> take(std::size_t most);
  void note(bool was_taken) noexcept { ++(was_taken ? taken : given_up); }

  [[nodiscard]] std::size_t registered() const noexcept { return all_.size(); }
  [[nodiscard]] std::size_t waiting() const noexcept { return waiting_.size(); }

  std::uint64_t taken = 0, given_up = 0, dropped = 0; ///< deliveries since the start

private:
  void put(const webhook& to, const account_book& account, std::uint64_t index);

  std::vector<webhook> all_;
  std::deque<delivery> waiting_;
  std::uint64_t last_id_ = 0, last_number_ = 0;
};

/// {"webhook": {…}} and {"webhooks": […]}, as Monzo writes them.
[[nodiscard]] std::string webhook_json(const webhook_book::webhook& one);
[[nodiscard]] std::string webhooks_json(const std::vector<const webhook_book::webhook*>& all);

} // namespace penstock::sandbox::monzo
