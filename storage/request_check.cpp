#include "storage/request_check.hpp"

#include <string_view>

#include <simdjson.h>

#include "core/group_path.hpp"

namespace penstock::storage {
namespace {

/// Empty: the kind's queue.
bool is_queue_name(const std::string& name) {
  constexpr std::size_t longest = 100;
  constexpr std::string_view allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
  return name.size() <= longest && name.find_first_not_of(allowed) == std::string::npos;
}

} // namespace

struct request_check::json {
  simdjson::dom::parser parser{max_args_bytes};

  std::string padded; // the parser reads some bytes past the end of its text

  bool is_object(const std::string& text) {
    padded.reserve(text.size() + simdjson::SIMDJSON_PADDING);
    padded.assign(text);
    simdjson::dom::element parsed;
    return parser.parse(padded.data(), padded.size(), false).get(parsed) == simdjson::SUCCESS && parsed.is_object();
  }
};

request_check::request_check(const job_kind_catalogue& kinds) : kinds_(kinds), json_(std::make_unique<json>()) {}

request_check::~request_check() = default;

result<const job_kind*> request_check::operator()(const job_request& request) {
  if (!last_ || last_->name != request.kind) {
    const auto* kind = kinds_.find(request.kind);
    if (!kind)
      return failure(error_code::invalid_argument,
                     "no job kind '" + request.kind.substr(0, 80) +
                       "' is known: check its spelling and whether its connector is enabled");
    last_ = kind;
  }
  if (request.args.size() > max_args_bytes)
    return failure(error_code::invalid_argument, "the args of " + request.kind + " have " +
                                                   std::to_string(request.args.size()) + " bytes, at most " +
                                                   std::to_string(max_args_bytes) + " are allowed: use a payload");
  if (!is_queue_name(request.queue))
    return failure(error_code::invalid_argument,
                   "'" + request.queue.substr(0, 80) +
                     "' is no name of a queue: letters, digits, '.', '_' and '-', at most 100");
  if (request.priority > 9)
    return failure(error_code::invalid_argument,
                   "priority " + std::to_string(request.priority) + " is beyond 0 (first) to 9 (last)");
  if (auto fits = group_path::check(request.group_key); !fits)
    return failure(std::move(fits).error());
  if (request.args != "{}" && !json_->is_object(request.args))
    return failure(error_code::invalid_argument, "the args of " + request.kind + " are not a JSON object");
  return last_;
}

} // namespace penstock::storage
