#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <tl/expected.hpp>

#include "config/objection.hpp"
#include "config/section.hpp"
#include "config/setting.hpp"
#include "core/error.hpp"
#include "core/progress.hpp"
#include "core/time.hpp"
#include "messages/integration.hpp"
#include "messages/job.hpp"
#include "messages/job_kind.hpp"
#include "messages/row.hpp"
#include "messages/unit_of_work.hpp"
#include "messages/webhook.hpp"
#include "net/asio.hpp"
#include "net/http_client.hpp"
#include "net/oauth2.hpp"
#include "net/sleeper.hpp"
#include "net/webhook_signature.hpp"
#include "storage/migration.hpp"

/// What an outside system contributes, as data and handlers. A connector is one folder with a connector.cpp that
/// defines `void register_connector(registry&)` in penstock::connectors::<folder>; the build finds it by itself.
/// It knows no actor and no other connector. Every kind of contribution stands here once a second connector uses it.
namespace penstock::connectors {

/// The tokens of the integration that a fetch job works for. Used on the network threads.
class token_source {
public:
  virtual ~token_source() = default;
  /// A token that is valid for another minute at least, refreshed first where needed.
  /// requires_reauth: the connection needs a person.
  virtual net::asio::awaitable<result<std::string>> access_token() = 0;
  /// The provider refused `rejected` (401): a newer stored one if somebody else rotated it meanwhile, else one refresh.
  virtual net::asio::awaitable<result<std::string>> replace(std::string rejected) = 0;
};

/// Reads committed rows (the connector's own tables) while a fetch job runs.
class row_reader {
public:
  virtual ~row_reader() = default;
  /// Parameters are :p1, :p2, ... in order. At most 1,000 rows.
  virtual net::asio::awaitable<result<row_set>> select(std::string sql, std::vector<column_value> parameters) = 0;
};

/// Where webhooks of the job's integration are taken, for providers that are told the address by a request. Used on the
/// network threads.
class webhook_addresses {
public:
  virtual ~webhook_addresses() = default;

  struct fresh_address {
    std::string url; ///< holds a secret: never to be logged or stored
    /// Goes into the unit of work (unit_of_work::changes): from its commit on the address is good, and the former one is
    /// good for nothing.
    set_webhook_secret change;
  };
  /// An address with a new secret. bad_configuration: nobody outside could reach this node; the message says what to set.
  [[nodiscard]] virtual result<fresh_address> make() = 0;
  /// Whether it lies at this node's address for the service: a provider's list may hold those of others.
  [[nodiscard]] virtual bool is_ours(std::string_view url) const = 0;
  /// Whether what is sent there would be taken, and as the integration's.
  virtual net::asio::awaitable<result<bool>> is_current(std::string url) = 0;
};

/// A job's own log. Empty outside a node: lines are dropped.
class job_log {
public:
  using sink = std::function<void(log_line_level, std::string)>;
  job_log() = default;
  explicit job_log(sink into) : into_(std::move(into)) {}
  void debug(std::string line) const { write(log_line_level::debug, std::move(line)); }
  void info(std::string line) const { write(log_line_level::info, std::move(line)); }
  void warn(std::string line) const { write(log_line_level::warn, std::move(line)); }
  void error(std::string line) const { write(log_line_level::error, std::move(line)); }

private:
  void write(log_line_level level, std::string line) const {
    if (into_)
      into_(level, std::move(line));
  }
  sink into_{};
};

/// What a fetch handler works with. It outlives the handler's coroutine.
/// A fetch job asks for ONE page, checks its shape, and returns a unit of work that hands the page on as a process job
/// (payload) and enqueues its own continuation. Cancelling the coroutine closes its connection.
struct fetch_context {
  const ready_job& job;
  const integration* account = nullptr; ///< null: the job belongs to no integration
  /// Where the job's stream stands; empty cursor: nothing stored yet.
  stream_cursor committed;
  /// Retries within the attempt and records each exchange with the job.
  net::http_client& http;
  token_source& tokens;
  row_reader& rows;
  net::sleeper& sleeper;
  const wall_clock& clock;
  std::function<void(progress)> report;
  /// Writes a line that is kept with the job and shown with it. Bounded: what is too much is left out, and said so.
  job_log log{};
  /// Tokens of an integration that the job does not belong to, for a kind whose args name one. What there is not (the
  /// integration, its credential) is an error of the source's answers. Empty outside a node.
  std::function<std::shared_ptr<token_source>(integration_id)> tokens_of{};
  /// Null outside a node, and for jobs whose integration takes no webhooks.
  webhook_addresses* webhooks = nullptr;
};
using fetch_handler = std::function<net::asio::awaitable<result<unit_of_work>>(fetch_context&)>;

/// The payload of a job, piece by piece: for bodies that must not be whole in memory. Blocks its thread while it reads.
class payload_pieces {
public:
  virtual ~payload_pieces() = default;

  struct piece {
    std::int64_t number = 0; ///< of the next one asks for `number + 1`
    std::string bytes;       ///< at most 128 KB; has room for simdjson's padding behind its end
  };
  /// The first piece from number `from` on (0: the beginning); nothing behind the last one. Errors: `unavailable` when the
  /// store does not answer in time: return it, and the job is tried again.
  [[nodiscard]] virtual result<std::optional<piece>> read(std::int64_t from) = 0;
};

/// What a process handler works with, on a thread of the processor pool. It may be run again for the same job.
struct process_context {
  const ready_job& job;
  /// The page or body; its buffer has room for simdjson's padding behind its end. Empty if `pieces` is set.
  std::string& payload;
  timestamp now = no_time;
  std::function<void(progress)> report;
  job_log log{}; ///< as in fetch_context
  /// Set for handlers that read `in_pieces`: the payload of the job or, where it has none, of its parent. A body that is too
  /// large for one unit of work is taken in turns: by children of the job that brought it, each of which says in the args
  /// of the next where to go on. The parent's payload stays until its last child has ended.
  payload_pieces* pieces = nullptr;
};
using process_handler = std::function<result<unit_of_work>(process_context&)>;

struct job_handler {
  job_kind kind;
  std::variant<fetch_handler, process_handler> handler; ///< as kind.style says
  /// Of a process handler: its payload is not loaded before it starts; see process_context::pieces.
  bool in_pieces = false;
};

/// That a service takes webhooks: what its provider sends to the address of an integration becomes a job, whose payload is
/// the body as it came, once it is stored.
struct webhook_intake {
  std::string kind; ///< of the job: a process kind, whose args are an object. See job_kind::webhook
  /// How a delivery is signed, beside the secret that its address holds. The key is each integration's own.
  net::webhook_scheme signature = net::webhook_scheme::none;
  /// A header that names a delivery: one that is sent again within a day is answered with the first one's job. Empty: the
  /// scheme's own, if it has one. Only where the provider keeps the name when it sends again.
  std::string id_header{};
  /// Headers that are handed on, as args {"headers": {"automation-id": "…"}}, names in lower case; at most 1 KB of each.
  std::vector<std::string> kept_headers{};
  /// A secret from the configuration that serves as long as there is exactly one integration of the service. Empty: none.
  std::string shared_secret{};
};

/// Whether people give an integration a token of its own ('integrations token'), where there is no consent to bring one.
enum class own_token : std::uint8_t {
  none,  ///< it would be good for nothing: requests need none, or the connector's settings hold it
  needed ///< nothing can be fetched before there is one
};

/// A service that integrations can be made of.
struct service {
  std::string name;  ///< "monzo": in URLs, tables and commands
  std::string title; ///< "Monzo"
  /// How a person consents; redirect_uri is filled in by the node. Absent: nothing to authorise.
  std::optional<net::oauth2_provider> oauth;
  duration default_frequency = std::chrono::minutes(15);
  /// Checks an integration's config (a JSON object); the message says what to change.
  std::function<result<void>(std::string_view config)> validate;
  /// The first fetch job of each stream of a run. Integration, run, parent and trace are filled in by the engine.
  /// Empty: nothing is fetched, all that comes is sent by the provider, and a delivery that was processed counts as an
  /// update of its integration.
  std::function<result<std::vector<job_request>>(const integration&)> first_jobs;
  /// The cursor from which a stream reads everything since `from`. Errors: invalid_argument, one line. Empty: no stream
  /// of this service is in order of time.
  std::function<result<std::string>(std::string_view stream, timestamp from)> cursor_from{};
  std::optional<webhook_intake> webhook{}; ///< absent: it takes none
  /// How the node itself, as the provider's client, gets the tokens of the integrations: nobody has to consent. Not beside
  /// `oauth`.
  std::optional<net::oauth2_provider> client_grant{};
  own_token token = own_token::none;

  [[nodiscard]] bool is_fetched() const noexcept { return static_cast<bool>(first_jobs); }
};

struct connector {
  std::string name;
  std::vector<job_handler> handlers;
  std::vector<table_schema> tables;
  std::vector<storage::migration> migrations;
  std::vector<service> services;
};

using build_result = tl::expected<connector, std::vector<config::objection>>;

/// What is known of a connector before its settings are read.
struct connector_declaration {
  std::string name;    ///< the folder's name and that of its settings: [connectors.NAME]
  std::string summary; ///< one line, shown in config/penstock.toml
  std::vector<config::setting> settings; ///< beside `enabled`, which every connector has
  /// Of each table that people name below the section ([connectors.NAME.shop]), found by section::tables(). Empty: the
  /// section has no tables.
  std::vector<config::setting> table_settings{};
  bool enabled_by_default = true;
  /// Builds the connector from its settings, whose types and bounds hold. Else all that is wrong with them; an objection
  /// names a key of the section ("base_url"), or none.
  std::function<build_result(const config::section&)> build;
};

/// Collects the declarations of all folders.
class registry {
public:
  void add(connector_declaration declaration) { declarations_.push_back(std::move(declaration)); }
  [[nodiscard]] const std::vector<connector_declaration>& declarations() const noexcept { return declarations_; }

private:
  std::vector<connector_declaration> declarations_;
};

/// Generated by the build: calls register_connector of every folder, in alphabetical order.
void register_all(registry& out);

} // namespace penstock::connectors
