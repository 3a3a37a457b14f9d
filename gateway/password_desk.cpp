#include "gateway/password_desk.hpp"

#include <cerrno>
#include <optional>
#include <stdexcept>
#include <utility>

#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <sodium.h>

#include "actors/await_answer.hpp"

namespace penstock::gateway {
namespace {

auto no_memory() {
  return failure(error_code::unavailable, "there is no memory left to hash a password with; try again");
}

result<std::string> hash_now(const std::string& password, const password_cost& cost) {
  std::string text(crypto_pwhash_STRBYTES, '\0');
  if (crypto_pwhash_str_alg(text.data(), password.data(), password.size(), cost.passes, cost.memory,
                            crypto_pwhash_ALG_ARGON2ID13) != 0)
    return no_memory();
  text.resize(text.find('\0'));
  return text;
}

void wipe(std::string& text) { sodium_memzero(text.data(), text.size()); }

} // namespace

struct password_desk::worker {
  std::optional<net::asio::thread_pool> thread;
  net::asio::any_io_executor where;
  std::atomic<int> waiting{0};
  std::string of_nobody; ///< made by the first who asks for it; touched by the thread alone
};

password_desk::password_desk(password_cost cost, net::asio::any_io_executor where)
    : worker_(std::make_unique<worker>()), cost_(cost) {
  if (sodium_init() < 0)
    throw std::runtime_error("libsodium cannot be initialised");
  worker_->where = where ? std::move(where) : worker_->thread.emplace(1).get_executor();
}

password_desk::~password_desk() {
  if (!worker_->thread)
    return;
  worker_->thread->stop(); // those that wait are dropped, which answers them
  worker_->thread->join();
}

template <class T, class Work>
net::asio::awaitable<result<T>> password_desk::run(Work work) {
  if (++worker_->waiting > most_waiting) {
    --worker_->waiting;
    co_return failure(error_code::unavailable, "many people sign in at this moment; try again");
  }
  auto begin = [this, work = std::move(work)](std::function<void(result<T>)> done) mutable {
    net::asio::post(worker_->where, [this, work = std::move(work), done = std::move(done)]() mutable {
      auto outcome = work();
      --worker_->waiting;
      done(std::move(outcome));
    });
  };
  auto outcome = co_await actors::await_answer<T>(std::move(begin));
  co_return outcome;
}

net::asio::awaitable<result<std::string>> password_desk::hash(std::string password) {
  if (password.size() < shortest || password.size() > longest)
    co_return failure(error_code::invalid_argument, "a password has 12 to 1024 bytes");
  auto work = [cost = cost_, password = std::move(password)]() mutable {
    auto made = hash_now(password, cost);
    wipe(password);
    return made;
  };
  auto outcome = co_await run<std::string>(std::move(work));
  co_return outcome;
}

net::asio::awaitable<result<bool>> password_desk::fits(std::string hash, std::string password) {
  if (password.size() > longest)
    co_return false;
  auto work = [this, hash = std::move(hash), password = std::move(password)]() mutable -> result<bool> {
    const bool somebodys = !hash.empty();
    if (!somebodys && worker_->of_nobody.empty())
      if (auto made = hash_now("the password of nobody", cost_))
        worker_->of_nobody = std::move(*made);
    const auto& against = somebodys ? hash : worker_->of_nobody;
    errno = 0;
    const bool fit = crypto_pwhash_str_verify(against.c_str(), password.data(), password.size()) == 0;
    wipe(password);
    if (!fit && errno == ENOMEM)
      return no_memory();
    return fit && somebodys;
  };
  auto outcome = co_await run<bool>(std::move(work));
  co_return outcome;
}

} // namespace penstock::gateway
