#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "core/error.hpp"
#include "net/asio.hpp"

namespace penstock::gateway {

/// What a guess at a password costs: passes over memory, and bytes of it. As libsodium's crypto_pwhash_* limits.
struct password_cost {
  std::uint64_t passes = 2;
  std::size_t memory = 64 * 1024 * 1024;
};

/// Hashes passwords with Argon2id (RFC 9106), on a thread of its own: that takes a twentieth of a second and much memory,
/// so one is hashed after the other, and few may wait. Thread-safe. Its end waits for the one that is being hashed.
class password_desk {
public:
  /// Waiting and being hashed; what comes beyond is `unavailable`.
  static constexpr int most_waiting = 16;
  /// Bytes. Shorter ones are found by trying; longer ones would be work for nothing.
  static constexpr std::size_t shortest = 12, longest = 1024;

  /// Hashes on `where`, for tests; on a thread of its own without.
  explicit password_desk(password_cost cost = {}, net::asio::any_io_executor where = {});
  ~password_desk();
  password_desk(const password_desk&) = delete;
  password_desk& operator=(const password_desk&) = delete;

  /// A text that holds the salt and the cost too. `invalid_argument` for a password that is too short or too long.
  [[nodiscard]] net::asio::awaitable<result<std::string>> hash(std::string password);

  /// Whether the password is the one of that hash. An empty hash fits none, and finding that out takes as long: whoever
  /// asks cannot tell a wrong password from a wrong name.
  [[nodiscard]] net::asio::awaitable<result<bool>> fits(std::string hash, std::string password);

private:
  template <class T, class Work>
  net::asio::awaitable<result<T>> run(Work work);

  struct worker;
  std::unique_ptr<worker> worker_;
  const password_cost cost_;
};

} // namespace penstock::gateway
