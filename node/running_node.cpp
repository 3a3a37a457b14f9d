#include "node/running_node.hpp"

#include <utility>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/send.hpp>
#include <spdlog/spdlog.h>

#include "actors/caf_settings.hpp"
#include "actors/engine.hpp"
#include "core/address_kind.hpp"
#include "core/random.hpp"
#include "gateway/gateway.hpp"
#include "net/beast_http_client.hpp"
#include "net/http_server.hpp"
#include "net/io_runtime.hpp"
#include "node/commit_and_wait.hpp"
#include "node/disk_watch.hpp"
#include "node/event_logger.hpp"
#include "node/file_limit.hpp"
#include "node/history_sweep.hpp"
#include "node/log_mover.hpp"
#include "node/logging.hpp"
#include "node/node_store.hpp"
#include "node/outgoing.hpp"
#include "node/periodic_task.hpp"
#include "node/private_files.hpp"
#include "node/queue_inquiry.hpp"
#include "node/queue_watch.hpp"
#include "node/sentry_listener.hpp"
#include "node/sentry_setup.hpp"
#include "node/version.hpp"

namespace penstock::node {
namespace {

constexpr std::size_t network_threads = 2;
constexpr std::chrono::seconds checkpoint_pause{1};
constexpr std::chrono::seconds disk_pause{5};
constexpr std::chrono::seconds queue_pause{10};
/// For reports of failures that are still to be sent when the node ends.
constexpr std::chrono::seconds reports_patience{2};
/// For the ends of actors that have been told to end.
constexpr std::chrono::seconds actors_patience{5};

struct engine_caf_config : caf::actor_system_config {
  engine_caf_config() { actors::apply_engine_settings(*this); }
};

/// Holds the address until the gateway listens there: one in use and wrong TLS files are told before any job starts, and
/// nobody can connect before the node answers.
std::unique_ptr<net::http_server> address_holder(net::io_runtime& network, const config::http_settings& http) {
  net::http_server_config server;
  server.address = http.listen.address;
  server.port = http.listen.port;
  server.tls_certificate = http.tls_certificate.string();
  server.tls_key = http.tls_key.string();
  return std::make_unique<net::http_server>(network.executor(), std::move(server),
                                            [](net::http_server_request) -> net::asio::awaitable<net::http_reply> {
                                              co_return net::http_reply{.status = 503};
                                            });
}

bool is_loopback(const std::string& listened_on) {
  const auto address = parse_ip_address(listened_on);
  return address && kind_of(*address) == address_kind::loopback;
}

/// Where a provider is told to send webhooks: a node that nobody outside can reach has providers on this machine at most.
std::string webhooks_at(const config::http_settings& http, const config::listen_address& listen,
                        const std::string& local) {
  if (!http.public_url.empty())
    return http.public_url;
  return is_loopback(listen.address) ? local : std::string();
}

/// Others than this machine may come, and nothing says that they come by TLS.
bool speaks_plainly_to_others(const config::http_settings& http) {
  const bool only_here = is_loopback(http.listen.address);
  return !only_here && !http.has_tls() && http.trusted_proxies.empty();
}

actors::queue_rules rules_of(const config::queue_settings& queue) {
  actors::queue_rules rules;
  rules.limit = queue.limit;
  rules.groups = {static_cast<std::uint16_t>(queue.tenant_concurrency),
                  static_cast<std::uint16_t>(queue.credential_concurrency)};
  rules.timeout = queue.timeout;
  if (queue.max_attempts)
    rules.max_attempts = static_cast<std::uint16_t>(*queue.max_attempts);
  rules.backoff = queue.backoff;
  return rules;
}

std::map<std::string, queue_thresholds, std::less<>> thresholds_of(const config::settings& settings) {
  std::map<std::string, queue_thresholds, std::less<>> all;
  for (const auto& [name, queue] : settings.queues)
    all[name] = {queue.warn_failed, queue.warn_waiting, queue.warn_stalled};
  return all;
}

gateway::queue_policies policies_of(const config::settings& settings) {
  gateway::queue_policies all;
  for (const auto& [name, queue] : settings.queues)
    if (const auto rules = rules_of(queue); rules.max_attempts || rules.timeout || rules.backoff)
      all[name] = {rules.max_attempts, rules.timeout, rules.backoff};
  return all;
}

} // namespace

/// Declared in the order in which it is built; taken apart in `stop` and backwards.
struct running_node::inside {
  inside(const node_plan& of, std::function<void(const std::string&)> fatal) : plan(of), on_fatal(std::move(fatal)) {}
  inside(const inside&) = delete;
  inside& operator=(const inside&) = delete;
  ~inside() = default;

  result<void> prepare();
  result<void> start_engine();
  result<void> start_gateway();
  void start_periodic_work();
  void watch_disk();
  result<void> watch_queues();
  bool await_actors();
  void flush_reports();
  bool stop(duration patience);

  const node_plan& plan;
  const std::function<void(const std::string&)> on_fatal;
  std::unique_ptr<node_store> store;
  std::string token;
  system_random random;
  engine_caf_config caf_config;
  std::unique_ptr<caf::actor_system> system;
  net::timer_sleeper sleeper;
  // Behind what its coroutines use, so that their frames go first.
  net::io_runtime network{network_threads};
  // Goes before the network: the connections that it keeps live there. Coroutines hold what they need of it themselves.
  std::unique_ptr<net::beast_http_client> http;
  std::shared_ptr<sentry_reporter> reports;  ///< null: nobody is told of failures
  std::unique_ptr<net::http_server> address; ///< until the gateway listens
  config::listen_address listen;
  std::string url;
  std::unique_ptr<actors::engine> engine;
  std::unique_ptr<gateway::gateway> front;
  std::unique_ptr<periodic_task> checkpoints, sweeps, disk_looks, queue_looks;
  bool stopped = false;
};

result<void> running_node::inside::prepare() {
  auto opened = node_store::open(plan);
  if (!opened)
    return failure(std::move(opened.error()));
  store = std::move(*opened);
  auto admin = read_or_make_token(token_file(plan.settings.node.data_dir));
  if (!admin)
    return failure(std::move(admin.error()));
  token = std::move(*admin);

  network.start();
  listen = plan.settings.http.listen;
  address = address_holder(network, plan.settings.http);
  const auto port = address->reserve(); // where any would do, this is the one
  if (!port)
    return failure(port.error());
  listen.port = *port;
  url = config::local_url(listen, plan.settings.http.has_tls());

  auto client = outgoing_config(plan.settings.http);
  if (!client)
    return failure(std::move(client.error()));
  auto made = net::beast_http_client::make(network.executor(), *std::move(client));
  if (!made)
    return failure(std::move(made.error()));
  http = std::move(*made);
  auto reporter = make_sentry_reporter(plan.settings, *http, store->clock(), random, network.executor());
  if (!reporter)
    return failure(std::move(reporter.error()));
  reports = std::move(*reporter);
  if (reports)
    set_error_listener([to = reports, &clock = store->clock()](const std::string& line, bool fatal) {
      to->report(report_of_line(line, fatal, clock.now()));
    });
  system = std::make_unique<caf::actor_system>(caf_config);
  return {};
}

result<void> running_node::inside::start_engine() {
  actors::engine_parts parts;
  parts.database = &store->database();
  parts.connectors = &plan.connectors;
  parts.kinds = &plan.kinds;
  parts.http = http.get();
  parts.sleeper = &sleeper;
  parts.clock = &store->clock();
  parts.random = &random;
  parts.ids = &store->ids();
  parts.executor = network.executor();
  actors::engine_config config;
  for (const auto& [name, queue] : plan.settings.queues) {
    config.concurrency[name] = static_cast<std::uint16_t>(queue.concurrency);
    config.rules[name] = rules_of(queue);
  }
  config.public_url = plan.settings.http.public_url.empty() ? url : plan.settings.http.public_url;
  config.webhooks_at = webhooks_at(plan.settings.http, listen, url);
  config.fatal = on_fatal;
  if (store->database().shared())
    config.readers = plan.settings.database.pool - 1; // one writes
  auto started = actors::engine::start(*system, std::move(parts), std::move(config));
  if (!started)
    return failure(std::move(started.error()));
  engine = std::move(*started);
  caf::anon_send(engine->handles().events, actors::subscribe_events{std::make_shared<event_logger>()});
  if (reports)
    caf::anon_send(engine->handles().events, actors::subscribe_events{std::make_shared<sentry_listener>(reports)});
  return {};
}

result<void> running_node::inside::start_gateway() {
  // Before the first request: a good token must not be refused because nobody has read it yet.
  auto reader = store->database().open_reader();
  if (!reader)
    return failure(std::move(reader.error()));
  auto tokens = (*reader)->access().tokens();
  if (!tokens)
    return failure(std::move(tokens.error()));
  auto sessions = (*reader)->access().user_sessions(store->clock().now());
  if (!sessions)
    return failure(std::move(sessions.error()));
  gateway::gateway_config config;
  config.address = listen.address;
  config.port = listen.port;
  config.public_url = plan.settings.http.public_url.empty() ? url : plan.settings.http.public_url;
  config.admin_token = gateway::hash_token(token);
  config.tokens = std::move(*tokens);
  config.sessions = std::move(*sessions);
  config.session_lifetime = plan.settings.http.session_lifetime;
  config.max_body = static_cast<std::size_t>(plan.settings.http.max_body);
  config.max_connections = connections_within(raise_file_limit());
  config.tls_certificate = plan.settings.http.tls_certificate.string();
  config.tls_key = plan.settings.http.tls_key.string();
  config.trusted_proxies = plan.settings.http.trusted_proxies;
  config.cors_origins = plan.settings.http.cors_origins;
  config.rate_limit = plan.settings.http.rate_limit;
  config.max_webhook_body = static_cast<std::size_t>(plan.settings.webhooks.max_body);
  config.webhook_limit = plan.settings.webhooks.limit;
  config.node_name = plan.settings.node.name;
  config.version = program_version();
  config.thresholds = thresholds_of(plan.settings);
  config.policies = policies_of(plan.settings);
  gateway::gateway_parts parts;
  parts.engine = &engine->handles();
  parts.connectors = &plan.connectors;
  parts.kinds = &plan.kinds;
  parts.clock = &store->clock();
  parts.ids = &store->ids();
  parts.sleeper = &sleeper;
  parts.http = http.get();
  parts.executor = network.executor();
  front = std::make_unique<gateway::gateway>(std::move(config), std::move(parts));
  if (auto port = front->start(); !port)
    return failure(std::move(port.error()));
  address.reset();
  if (speaks_plainly_to_others(plan.settings.http))
    spdlog::warn("the node listens on {} without TLS: tokens can be read on the way; set http.tls.certificate and "
                 "http.tls.key, or http.trusted_proxies if a proxy in front of it speaks TLS",
                 listen.address);
  return write_private_file(url_file(plan.settings.node.data_dir), url + "\n");
}

/// The database may lie on another disk than the rest; it is the one that grows.
void running_node::inside::watch_disk() {
  const auto file = database_file(plan.settings.database.url);
  const auto folder = file && file->has_parent_path() ? file->parent_path() : plan.settings.node.data_dir;
  const auto set_intake = [supervisor = engine->handles().supervisor,
                           commits = engine->handles().commits](const std::optional<error>& closed_because) {
    commits->set_intake(closed_because);
    caf::anon_send(supervisor, actors::set_intake{closed_because});
  };
  const auto watch = std::make_shared<disk_watch>(
    plan.settings.node.min_free_space, [folder] { return free_space_of(folder); }, set_intake);
  watch->look();
  disk_looks = std::make_unique<periodic_task>(disk_pause, [watch] { watch->look(); });
}

result<void> running_node::inside::watch_queues() {
  auto opened = store->database().open_reader();
  if (!opened)
    return failure(std::move(opened.error()));
  const std::shared_ptr<storage::read_session> reader = std::move(*opened);
  const auto facts = [this, reader] {
    return queue_facts_of(*system, engine->handles().supervisor, *reader, store->clock().now());
  };
  const auto commits = engine->handles().commits;
  const auto watch =
    std::make_shared<queue_watch>(thresholds_of(plan.settings), store->clock(), facts,
                                  [commits](unit_of_work unit) { return commit_and_wait(*commits, std::move(unit)); });
  queue_looks = std::make_unique<periodic_task>(queue_pause, [watch] { watch->look(); });
  return {};
}

void running_node::inside::start_periodic_work() {
  watch_disk();
  auto& database = store->database();
  const auto mover = std::make_shared<log_mover>(
    store->clock(), [&database] { return database.log(); }, [&database] { return database.checkpoint(); });
  checkpoints = std::make_unique<periodic_task>(checkpoint_pause, [mover] { mover->run(); });
  const auto commits = engine->handles().commits;
  sweeps = std::make_unique<periodic_task>(
    std::chrono::duration_cast<std::chrono::milliseconds>(plan.settings.retention.sweep_every),
    [sweep = std::make_shared<history_sweep>(
       plan.settings.retention, plan.settings.queues, store->clock(),
       [commits](unit_of_work unit) { return commit_and_wait(*commits, std::move(unit)); })] { sweep->run(); });
}

/// Nothing may run in the network's threads any more, and everybody must have been told to end.
bool running_node::inside::await_actors() {
  const auto limit = std::chrono::steady_clock::now() + actors_patience;
  while (system->registry().running() > 0) {
    if (std::chrono::steady_clock::now() > limit)
      return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return true;
}

void running_node::inside::flush_reports() {
  if (reports)
    reports->flush(reports_patience);
}

bool running_node::inside::stop(duration patience) {
  if (std::exchange(stopped, true))
    return true;
  sweeps.reset();
  disk_looks.reset();
  queue_looks.reset();
  if (front)
    front->stop();
  if (engine) {
    const auto handed_back = engine->stop(patience);
    if (handed_back > 0)
      spdlog::info("{} jobs were handed back and run again at the next start", handed_back);
  }
  checkpoints.reset();
  set_error_listener({});
  flush_reports();
  bool ended = network.stop();
  front.reset();
  engine.reset();
  if (system)
    ended = await_actors() && ended;
  if (store) {
    std::error_code ignored; // a file that stays is overwritten by the next start
    std::filesystem::remove(url_file(plan.settings.node.data_dir), ignored);
    if (const auto moved = store->database().checkpoint(); !moved)
      spdlog::warn("the database's log was not moved into its file, the next start reads it: {}",
                   moved.error().message);
  }
  return ended;
}

running_node::running_node(std::unique_ptr<inside> parts) : inside_(std::move(parts)) {}

running_node::~running_node() { static_cast<void>(inside_->stop(duration{0})); }

result<std::unique_ptr<running_node>> running_node::start(const node_plan& plan,
                                                          std::function<void(const std::string&)> on_fatal) {
  std::unique_ptr<running_node> node(new running_node(std::make_unique<inside>(plan, std::move(on_fatal))));
  auto& parts = *node->inside_;
  auto ready = parts.prepare();
  if (ready)
    ready = parts.start_engine();
  if (ready)
    ready = parts.start_gateway();
  if (!ready)
    return failure(std::move(ready.error()));
  parts.start_periodic_work();
  if (auto watched = parts.watch_queues(); !watched)
    return failure(std::move(watched.error()));
  if (parts.store->migrations() > 0)
    spdlog::info("the database was migrated: {} step(s)", parts.store->migrations());
  if (parts.store->has_former_key())
    spdlog::warn(
      "a change of the key was interrupted, and the former key still opens secrets: run 'penstock keys rotate' "
      "to finish it");
  return node;
}

const std::string& running_node::url() const noexcept { return inside_->url; }

result<void> running_node::reload_tls() { return inside_->front->reload_tls(); }

void running_node::flush_reports() { inside_->flush_reports(); }

bool running_node::stop() { return inside_->stop(inside_->plan.settings.node.shutdown_timeout); }

} // namespace penstock::node
