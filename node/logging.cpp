#include "node/logging.hpp"

#include <chrono>
#include <condition_variable>
#include <cstring>
#include <memory>
#include <mutex>
#include <string_view>
#include <utility>

#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>
#include <boost/json/value.hpp>
#include <spdlog/details/null_mutex.h>
#include <spdlog/formatter.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/rotating_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include "core/failure_field.hpp"
#include "core/rfc3339.hpp"

namespace penstock::node {
namespace {

/// Files are written behind at most this much time.
constexpr auto flush_interval = std::chrono::seconds(1);

std::string_view level_name(spdlog::level::level_enum level) {
  switch (level) {
    case spdlog::level::trace:
    case spdlog::level::debug: return "debug";
    case spdlog::level::info: return "info";
    case spdlog::level::warn: return "warn";
    default: return "error";
  }
}

std::string json_text(std::string_view text) {
  return boost::json::serialize(boost::json::value(boost::json::string(text.data(), text.size())));
}

/// "retried" or "permanent" of a line that tells of a failure of work; null for all others.
const char* failure_of(const spdlog::details::log_msg& message) {
  const auto& place = message.source;
  return place.filename != nullptr && std::strcmp(place.filename, failure_field) == 0 ? place.funcname : nullptr;
}

/// One line a message, whatever stands in it.
class line_formatter final : public spdlog::formatter {
public:
  line_formatter(config::log_format format, std::string node) : format_(format), node_(std::move(node)) {}

  void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& out) override {
    const auto time = format_rfc3339(std::chrono::floor<duration>(message.time));
    const std::string_view text(message.payload.data(), message.payload.size());
    const auto level = level_name(message.level);
    std::string line;
    if (format_ == config::log_format::json) {
      line.append(R"({"time":")").append(time).append(R"(","level":")").append(level);
      line.append(R"(","node":)").append(json_text(node_));
      if (const auto* failure = failure_of(message))
        line.append(R"(,"failure":)").append(json_text(failure));
      line.append(R"(,"message":)").append(json_text(text)).append("}");
    } else {
      line.append(time).append(" ").append(level).append(5 - level.size(), ' ').append(" ").append(node_).append(": ");
      for (const char c : text)
        line += static_cast<unsigned char>(c) < ' ' ? ' ' : c;
    }
    line += '\n';
    out.append(line.data(), line.data() + line.size());
  }

  [[nodiscard]] std::unique_ptr<spdlog::formatter> clone() const override {
    return std::make_unique<line_formatter>(format_, node_);
  }

private:
  config::log_format format_;
  std::string node_;
};

/// Hands on the lines of errors that nobody else tells of. The listener may write to the log itself, and a warning flushes
/// all sinks: no lock is held while it is called.
class error_tap final : public spdlog::sinks::base_sink<spdlog::details::null_mutex> {
public:
  /// Waits until nobody calls the former one any more.
  void set(error_listener listener) {
    std::unique_lock lock(guard_);
    listener_ = listener ? std::make_shared<const error_listener>(std::move(listener)) : nullptr;
    idle_.wait(lock, [this] { return calls_ == 0; });
  }

protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    if (failure_of(message) != nullptr)
      return;
    const auto listener = begin_call();
    if (!listener)
      return;
    (*listener)(std::string(message.payload.data(), message.payload.size()), message.level == spdlog::level::critical);
    end_call();
  }
  void flush_() override {}

private:
  std::shared_ptr<const error_listener> begin_call() {
    const std::lock_guard lock(guard_);
    if (listener_)
      ++calls_;
    return listener_;
  }
  void end_call() {
    const std::lock_guard lock(guard_);
    if (--calls_ == 0)
      idle_.notify_all();
  }

  std::mutex guard_;
  std::condition_variable idle_;
  std::shared_ptr<const error_listener> listener_;
  int calls_ = 0;
};

std::shared_ptr<error_tap> make_tap() {
  auto tap = std::make_shared<error_tap>();
  tap->set_level(spdlog::level::err);
  return tap;
}

/// One for the process, as the log is.
const std::shared_ptr<error_tap>& tap() {
  static const auto one = make_tap();
  return one;
}

spdlog::sink_ptr make_sink(const config::log_settings& settings) {
  if (settings.file.empty())
    return std::make_shared<spdlog::sinks::stderr_sink_mt>();
  return std::make_shared<spdlog::sinks::rotating_file_sink_mt>(settings.file.string(),
                                                                static_cast<std::size_t>(settings.file_size),
                                                                static_cast<std::size_t>(settings.files_kept));
}

} // namespace

result<void> start_logging(const config::log_settings& settings, const std::string& node_name) {
  try {
    const auto sinks = {make_sink(settings), std::static_pointer_cast<spdlog::sinks::sink>(tap())};
    auto logger = std::make_shared<spdlog::logger>("penstock", sinks);
    logger->set_formatter(std::make_unique<line_formatter>(settings.format, node_name));
    logger->flush_on(spdlog::level::warn);
    spdlog::set_default_logger(std::move(logger));
    set_log_level(settings.level);
    if (!settings.file.empty())
      spdlog::flush_every(flush_interval);
    return {};
  } catch (const spdlog::spdlog_ex& problem) {
    return failure(error_code::bad_configuration, std::string("log.file: ") + problem.what());
  }
}

void set_log_level(config::log_level level) {
  switch (level) {
    case config::log_level::debug: return spdlog::set_level(spdlog::level::debug);
    case config::log_level::info: return spdlog::set_level(spdlog::level::info);
    case config::log_level::warn: return spdlog::set_level(spdlog::level::warn);
    case config::log_level::error: return spdlog::set_level(spdlog::level::err);
  }
}

void set_error_listener(error_listener listener) { tap()->set(std::move(listener)); }

void flush_log() { spdlog::default_logger()->flush(); }

} // namespace penstock::node
