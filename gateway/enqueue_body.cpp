#include "gateway/enqueue_body.hpp"

#include <algorithm>
#include <string_view>

#include <simdjson.h>

#include "core/id_text.hpp"
#include "core/quotable.hpp"
#include "core/rfc3339.hpp"

namespace penstock::gateway {
namespace {

namespace ondemand = simdjson::ondemand;

constexpr std::int64_t longest_delay_ms = 366LL * 24 * 3600 * 1000;
constexpr std::int64_t longest_timeout_ms = 7LL * 24 * 3600 * 1000;
constexpr std::size_t longest_text = 1000;

/// Reads one job's object, field by field, into a request. The first thing that is wrong ends it.
class job_reader {
public:
  explicit job_reader(timestamp now) : now_(now) {}

  result<job_request> read(ondemand::object object) {
    job_ = {};
    job_.triggered_by = "api";
    delayed_ = dated_ = false;
    problem_.clear();
    for (auto each : object) {
      std::string_view name;
      ondemand::value value;
      if (each.unescaped_key().get(name) != simdjson::SUCCESS || each.value().get(value) != simdjson::SUCCESS)
        return failure(error_code::invalid_argument, "the JSON is broken");
      bool is_null = false;
      if (value.is_null().get(is_null) == simdjson::SUCCESS && is_null)
        continue;
      take(name, value);
      if (!problem_.empty())
        return failure(error_code::invalid_argument, std::move(problem_));
    }
    if (delayed_ && dated_)
      return failure(error_code::invalid_argument, "give delay_ms or run_at, not both");
    if (job_.kind.empty())
      return failure(error_code::invalid_argument, "kind is missing: name the kind of job");
    return std::move(job_);
  }

private:
  void take(std::string_view name, ondemand::value& value) {
    if (name == "kind")
      text(name, value, job_.kind);
    else if (name == "args")
      args(value);
    else if (name == "queue")
      name_text(name, value, job_.queue);
    else if (name == "priority")
      job_.priority = static_cast<std::uint8_t>(integer(name, value, 0, 9));
    else if (name == "delay_ms")
      delay(name, value);
    else if (name == "run_at")
      moment(name, value);
    else if (name == "unique_key")
      name_text(name, value, job_.unique_key);
    else if (name == "unique_for_ms")
      job_.unique_for = std::chrono::milliseconds(integer(name, value, 1, longest_delay_ms));
    else if (name == "once_more")
      job_.once_more = boolean(name, value);
    else if (name == "group_key")
      name_text(name, value, job_.group_key);
    else if (name == "organisation_id")
      organisation(name, value);
    else if (name == "keep_bodies")
      job_.keep_bodies = boolean(name, value);
    else if (name == "max_attempts")
      job_.max_attempts = static_cast<std::uint16_t>(integer(name, value, 1, 1000));
    else if (name == "timeout_ms")
      job_.timeout = std::chrono::milliseconds(integer(name, value, 1, longest_timeout_ms));
    else if (name == "backoff")
      backoff(name, value);
    else
      problem_ = "there is no field '" + quotable(name, 40) +
                 "' (kind, args, queue, priority, delay_ms, run_at, unique_key, unique_for_ms, once_more, group_key, "
                 "organisation_id, keep_bodies, max_attempts, timeout_ms, backoff)";
  }

  void text(std::string_view name, ondemand::value& value, std::string& into) {
    std::string_view given;
    if (value.get_string().get(given) != simdjson::SUCCESS || given.size() > longest_text)
      problem_ = std::string(name) + " is a string of at most " + std::to_string(longest_text) + " bytes";
    else
      into = given;
  }

  /// Names stand in logs and on terminals, and are typed by people.
  void name_text(std::string_view name, ondemand::value& value, std::string& into) {
    text(name, value, into);
    const auto is_control = [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 127; };
    if (problem_.empty() && std::any_of(into.begin(), into.end(), is_control))
      problem_ = std::string(name) + " holds a control character: leave it out";
  }

  void args(ondemand::value& value) {
    ondemand::object object;
    std::string_view given;
    if (value.get_object().get(object) != simdjson::SUCCESS || object.raw_json().get(given) != simdjson::SUCCESS)
      problem_ = "args is a JSON object";
    else
      job_.args = given;
  }

  bool boolean(std::string_view name, ondemand::value& value) {
    bool given = false;
    if (value.get_bool().get(given) != simdjson::SUCCESS)
      problem_ = std::string(name) + " is true or false";
    return given;
  }

  void organisation(std::string_view name, ondemand::value& value) {
    std::string given;
    text(name, value, given);
    if (!problem_.empty())
      return;
    const auto parsed = parse_id<organisation_id>(given);
    if (!parsed)
      problem_ = std::string(name) + ": " + parsed.error().message;
    else
      job_.organisation = *parsed;
  }

  void backoff(std::string_view name, ondemand::value& value) {
    std::string given;
    text(name, value, given);
    if (!problem_.empty())
      return;
    auto parsed = backoff_policy::parse(given);
    if (!parsed)
      problem_ = std::move(parsed.error().message);
    else
      job_.backoff = std::move(*parsed);
  }

  void delay(std::string_view name, ondemand::value& value) {
    delayed_ = true;
    job_.run_at = now_ + std::chrono::milliseconds(integer(name, value, 0, longest_delay_ms));
  }

  void moment(std::string_view name, ondemand::value& value) {
    dated_ = true;
    std::string given;
    text(name, value, given);
    if (!problem_.empty())
      return;
    const auto parsed = parse_rfc3339(given);
    if (!parsed)
      problem_ = std::string(name) + ": " + parsed.error().message;
    else
      job_.run_at = *parsed;
  }

  std::int64_t integer(std::string_view name, ondemand::value& value, std::int64_t least, std::int64_t most) {
    std::int64_t given = 0;
    if (value.get_int64().get(given) == simdjson::SUCCESS && given >= least && given <= most)
      return given;
    problem_ = std::string(name) + " is a whole number from " + std::to_string(least) + " to " + std::to_string(most);
    return least;
  }

  const timestamp now_;
  job_request job_;
  std::string problem_;
  bool delayed_ = false, dated_ = false;
};

auto broken() {
  return failure(error_code::invalid_argument, "the body is neither a job's JSON object nor an array of them");
}

auto in_item(std::size_t number, error what) {
  what.message = "item " + std::to_string(number) + ": " + what.message;
  return failure(std::move(what));
}

result<void> read_array(ondemand::array array, job_reader& reader, std::vector<job_request>& jobs) {
  for (auto each : array) {
    const auto number = jobs.size() + 1;
    if (number > most_jobs_at_once)
      return failure(error_code::invalid_argument,
                     "at most " + std::to_string(most_jobs_at_once) + " jobs fit into one request: send several");
    ondemand::object object;
    if (each.get_object().get(object) != simdjson::SUCCESS)
      return in_item(number, {error_code::invalid_argument, "this is not a JSON object"});
    auto job = reader.read(object);
    if (!job)
      return in_item(number, std::move(job.error()));
    jobs.push_back(std::move(*job));
  }
  return {};
}

} // namespace

result<enqueue_body> read_enqueue_body(std::string& body, timestamp now) {
  // A parser keeps its buffers from one body to the next.
  thread_local ondemand::parser parser;
  body.reserve(body.size() + simdjson::SIMDJSON_PADDING);
  ondemand::document document;
  ondemand::json_type type{};
  const simdjson::padded_string_view padded(body.data(), body.size(), body.capacity());
  if (parser.iterate(padded).get(document) != simdjson::SUCCESS || document.type().get(type) != simdjson::SUCCESS)
    return broken();
  enqueue_body read;
  job_reader reader(now);
  if (type == ondemand::json_type::array) {
    read.is_array = true;
    ondemand::array array;
    if (document.get_array().get(array) != simdjson::SUCCESS)
      return broken();
    if (auto all = read_array(array, reader, read.jobs); !all)
      return failure(std::move(all.error()));
    if (read.jobs.empty())
      return failure(error_code::invalid_argument, "the array is empty: send at least one job");
  } else {
    ondemand::object object;
    if (document.get_object().get(object) != simdjson::SUCCESS)
      return broken();
    auto job = reader.read(object);
    if (!job)
      return failure(std::move(job.error()));
    read.jobs.push_back(std::move(*job));
  }
  if (document.current_location().error() != simdjson::OUT_OF_BOUNDS)
    return failure(error_code::invalid_argument, "something stands behind the end of the JSON");
  return read;
}

} // namespace penstock::gateway
