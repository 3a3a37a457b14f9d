#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "core/error.hpp"
#include "net/asio.hpp"
#include "net/resume_batch.hpp"

namespace penstock::actors {

/// The bridge from a coroutine to actors:
///   const auto ask = [&](auto done) { send(actor, query{..., done}); };
///   auto answer = co_await await_answer<T>(ask);
/// The closure must have a name: g++ 12 destroys a closure with captures twice when it is a temporary of a co_await
/// expression. `done` is a copyable std::function<void(result<T>)>; its first call resumes the coroutine on its own executor. If
/// every copy is destroyed uncalled (the actor died, the message was dropped), the answer is `unavailable`: a coroutine
/// never waits for an actor that is gone.
template <class T, class Start>
net::asio::awaitable<result<T>> await_answer(Start start) {
  co_return co_await net::asio::async_initiate<const net::asio::use_awaitable_t<>, void(result<T>)>(
    [](auto handler, Start begin) {
      using handler_type = decltype(handler);
      class once {
      public:
        explicit once(handler_type h) : handler_(std::move(h)) {}
        once(const once&) = delete;
        once& operator=(const once&) = delete;
        ~once() { finish(failure(error_code::unavailable, "the node is stopping")); }
        void finish(result<T> answer) {
          if (!handler_)
            return;
          auto resume = std::move(*handler_);
          handler_.reset();
          auto executor = net::asio::get_associated_executor(resume);
          net::resume_batch::post(executor, [resume = std::move(resume), answer = std::move(answer)]() mutable {
            std::move(resume)(std::move(answer));
          });
        }

      private:
        std::optional<handler_type> handler_;
      };
      auto answer_once = std::make_shared<once>(std::move(handler));
      begin(std::function<void(result<T>)>(
        [answer_once](result<T> answer) { answer_once->finish(std::move(answer)); }));
    },
    net::asio::use_awaitable, std::move(start));
}

} // namespace penstock::actors
