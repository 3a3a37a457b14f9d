#include "node/commands/follow_job.hpp"

#include <algorithm>
#include <chrono>
#include <exception>
#include <functional>
#include <optional>
#include <ostream>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json/parse.hpp>

#include "node/commands/show.hpp"
#include "node/commands/table.hpp"

namespace penstock::node {
namespace {

constexpr auto look_again = std::chrono::milliseconds(500);
constexpr int bar_width = 24;

/// Draws the present line over the one before, or writes each new one below.
class progress_display {
public:
  explicit progress_display(session& with) : with_(with) {}
  ~progress_display() { clear(); }
  progress_display(const progress_display&) = delete;
  progress_display& operator=(const progress_display&) = delete;

  void show(const std::string& line) {
    if (with_.json || line.empty() || line == last_)
      return;
    if (with_.out_is_terminal) {
      const auto width = display_width(line), before = display_width(last_);
      with_.out << '\r' << line << std::string(before > width ? before - width : 0, ' ') << std::flush;
    } else {
      with_.out << line << std::endl;
    }
    last_ = line;
  }
  void clear() {
    if (with_.out_is_terminal && !last_.empty())
      with_.out << '\r' << std::string(display_width(last_), ' ') << '\r' << std::flush;
    last_.clear();
  }

private:
  session& with_;
  std::string last_;
};

bool has_ended(const std::string& state) { return state == "completed" || state == "failed" || state == "cancelled"; }

std::string state_line(const boost::json::value& job) {
  if (const auto& progress = member_of(job, "progress"); progress.is_object())
    return progress_line(progress);
  const auto state = shown(job, "state");
  const auto open = shown_in(job, "children", "open");
  if (state == "awaiting_children")
    return state + ": " + open + " open, " + shown_in(job, "children", "completed") + " completed, " +
           shown_in(job, "children", "failed") + " failed";
  return state;
}

/// One job on its way: a coroutine that asks, and one that listens.
class follower {
public:
  follower(api_client& node, std::string id, session& with)
      : node_(node), id_(std::move(id)), with_(with), display_(with), pause_(node.context()) {}

  outcome run() {
    namespace asio = net::asio;
    std::exception_ptr thrown;
    asio::cancellation_signal end_listening;
    asio::co_spawn(node_.context(), listen(),
                   asio::bind_cancellation_slot(end_listening.slot(), [](const std::exception_ptr&) {
                     // Without live events the asking goes on alone.
                   }));
    asio::co_spawn(node_.context(), ask(), [&](const std::exception_ptr& problem) {
      thrown = problem;
      end_listening.emit(asio::cancellation_type::terminal);
    });
    node_.context().restart();
    node_.context().run();
    if (thrown)
      std::rethrow_exception(thrown);
    return finish();
  }

private:
  net::asio::awaitable<void> ask() {
    const std::string get = "GET", path = "/api/v1/executions/" + id_, none;
    for (;;) {
      auto answer = co_await node_.call(get, path, none);
      if (!answer) {
        problem_ = std::move(answer.error());
        co_return;
      }
      job_ = std::move(*answer);
      if (has_ended(shown(job_.json, "state")))
        co_return;
      show_state();
      pause_.expires_after(look_again);
      boost::system::error_code woken;
      co_await pause_.async_wait(net::asio::redirect_error(net::asio::use_awaitable, woken));
    }
  }

  net::asio::awaitable<void> listen() {
    const net::query_parameters query{{"subject", "executions/" + id_}, {"live", "1"}};
    const std::string path = "/api/v1/events/stream?" + net::build_query(query);
    stream_progress from_now;
    std::function<bool(const net::sse_event&)> on_event = [this](const net::sse_event& event) {
      if (event.event == "job.progress") {
        boost::system::error_code wrong;
        const auto told = boost::json::parse(event.data, wrong);
        if (!wrong) {
          has_progress_ = true;
          display_.show(progress_line(member_of(told, "data")));
        }
      } else {
        pause_.cancel(); // started or ended: ask at once
      }
      return true;
    };
    static_cast<void>(co_await node_.stream(path, from_now, std::move(on_event)));
  }

  /// Progress is stored now and then: what was told live is never older.
  void show_state() {
    if (has_progress_ && shown(job_.json, "state") == "active")
      return;
    has_progress_ = has_progress_ && shown(job_.json, "state") == "active";
    display_.show(state_line(job_.json));
  }

  outcome finish() {
    display_.clear();
    if (problem_)
      return tl::unexpected(std::move(*problem_));
    if (with_.json)
      print_body(with_, job_.body);
    const auto state = shown(job_.json, "state");
    if (state == "completed") {
      if (!with_.json)
        with_.out << "job " << id_ << " completed\n";
      return {};
    }
    const auto* errors = member_of(job_.json, "errors").if_array();
    const auto why = errors && !errors->empty() ? ": " + shown(errors->back(), "message") : std::string{};
    return give_up(exit_status::failed, "job " + id_ + " " + (state == "failed" ? "failed" : "was cancelled") + why);
  }

  api_client& node_;
  const std::string id_;
  session& with_;
  progress_display display_;
  net::asio::steady_timer pause_;
  api_reply job_;
  bool has_progress_ = false; ///< the running attempt told some
  std::optional<command_failure> problem_;
};

} // namespace

std::string progress_line(const boost::json::value& progress) {
  std::string line;
  if (const auto* percent = member_of(progress, "percent").if_int64()) {
    const auto whole = std::clamp<std::int64_t>(*percent, 0, 100);
    const auto filled = static_cast<std::size_t>(whole * bar_width / 100);
    const auto number = std::to_string(whole);
    line = "[" + std::string(filled, '#') + std::string(bar_width - filled, '-') + "] " +
           std::string(3 - number.size(), ' ') + number + " %  ";
  }
  const auto stage = shown(progress, "stage"), message = shown(progress, "message");
  line += stage + (!stage.empty() && !message.empty() ? ": " : "") + message;
  const auto done = shown(progress, "done"), total = shown(progress, "total");
  if (!done.empty())
    line += "  " + done + (total.empty() ? "" : " of " + total);
  if (const auto* left = member_of(progress, "remaining_ms").if_int64())
    line += "  " + shown_milliseconds(*left) + " left";
  return line;
}

outcome follow_job(api_client& node, const std::string& id, session& with) { return follower(node, id, with).run(); }

} // namespace penstock::node
