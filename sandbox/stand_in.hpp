#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/object.hpp>

#include "core/error.hpp"
#include "net/http_handler.hpp"
#include "sandbox/fault_plan.hpp"
#include "sandbox/oauth_provider.hpp"
#include "sandbox/sandbox_time.hpp"

namespace penstock::sandbox {

/// How much data there is, and how it changes.
struct data_settings {
  std::uint64_t seed = 1;
  std::uint32_t accounts = 2;                       ///< of each user
  std::uint64_t transactions = 1000;                ///< of each account, at the start
  std::uint32_t pots = 3;                           ///< of each account, at the start; the last of several is deleted
  std::uint64_t health_points = 10'000;             ///< that a phone has recorded at the start
  duration health_every = std::chrono::seconds(30); ///< between its exports
  duration history = std::chrono::days(60);         ///< over which they are spread
  duration change_every = std::chrono::seconds(10); ///< one change for each user; 0: never any
  duration sca_window = std::chrono::minutes(5);    ///< after consent, in which old history is given
};

/// What a stand-in is given. The references outlive it.
struct surroundings {
  const sandbox_time& time;
  const fault_plan& faults;
  data_settings data;
  oauth_settings oauth;
  /// Manual consent: a page with buttons in place of a redirect.
  bool asks_for_consent = false;
};

/// What a path means to a stand-in.
struct route {
  std::string_view name; ///< "GET /transactions", for statistics
  enum class kind : std::uint8_t {
    api,
    sign_in ///< consent and tokens: only faults that name the route strike here
  } kind = kind::api;
  int number = 0; ///< the stand-in's own
};

/// A request that a provider sends by itself: a webhook.
struct delivery {
  std::string url;
  std::string body;         ///< JSON
  std::uint64_t number = 0; ///< the stand-in's own
  std::vector<std::pair<std::string, std::string>> headers{}; ///< beside Content-Type
};

/// One outside system as a program talks to it. All calls come from one thread. Time passes, data change and tokens
/// expire by `surroundings::time` alone; nothing runs between the calls.
class stand_in {
public:
  virtual ~stand_in() = default;

  /// "monzo": its paths are found below /monzo, and at the root where no other stand-in claims them.
  [[nodiscard]] virtual std::string_view name() const = 0;
  /// `path` as it stands below the mount, with its slash. Nothing: not one of its routes.
  [[nodiscard]] virtual std::optional<route> find(std::string_view method, std::string_view path) const = 0;
  /// Answers a request to a route that `find` gave. `request.target` has no mount.
  [[nodiscard]] virtual net::http_reply answer(const route& to, const net::http_server_request& request) = 0;

  /// {"monzo_transactions": {"rows": …, "sums": {"amount": {"GBP": …}}}, …}: what a faithful copy holds now, of
  /// everybody who ever consented, or of one user.
  [[nodiscard]] virtual boost::json::object tables(std::optional<std::uint32_t> user) = 0;
  /// Changes data at once, also while they are frozen; what can be asked for stands in the stand-in's README.
  /// The answer says what was changed. invalid_argument, not_found.
  [[nodiscard]] virtual result<boost::json::object> change(const boost::json::object& wanted) = 0;
  /// For GET /sandbox/stats.
  [[nodiscard]] virtual boost::json::object stats() = 0;
  /// What it would send by now, at most `most`, each once: asked for a few times a second, and sent and tried again by
  /// delivery_sender. What waits is bounded by the stand-in.
  [[nodiscard]] virtual std::vector<delivery> take_deliveries(std::size_t most) {
    static_cast<void>(most);
    return {};
  }
  /// What became of one: taken with a 2xx, or given up.
  virtual void note_delivery(const delivery& sent, bool taken) {
    static_cast<void>(sent);
    static_cast<void>(taken);
  }
  /// Where its tokens come from; null: it has none.
  [[nodiscard]] virtual oauth_provider* oauth() { return nullptr; }
};

/// Makes the stand-ins of a sandbox.
using stand_in_factory = std::vector<std::unique_ptr<stand_in>> (*)(const surroundings& around);

/// One of each that there is: a stand_in_factory in the library penstock::all_stand_ins, made by code that the build generates from the folders `connectors/*/sandbox`.
[[nodiscard]] std::vector<std::unique_ptr<stand_in>> make_stand_ins(const surroundings& around);

} // namespace penstock::sandbox
