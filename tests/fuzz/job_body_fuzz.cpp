// Bodies of POST /api/v1/executions.
#include <cstdint>
#include <cstdlib>
#include <string>

#include <boost/json/parse.hpp>

#include "gateway/enqueue_body.hpp"
#include "messages/job_kind.hpp"
#include "storage/request_check.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace penstock;
  if (size > 65'536)
    return 0;
  const std::string sent(reinterpret_cast<const char*>(data), size);
  std::string body = sent;
  auto read = gateway::read_enqueue_body(body, timestamp(std::chrono::sys_days(std::chrono::year(2026) / 6 / 1)));
  if (body != sent)
    std::abort(); // its text stays
  if (!read) {
    if (read.error().code != error_code::invalid_argument || read.error().message.empty() ||
        read.error().message.find('\n') != std::string::npos)
      std::abort(); // one line that says what to change
    return 0;
  }
  if (read->jobs.size() > gateway::most_jobs_at_once || (!read->is_array && read->jobs.size() != 1))
    std::abort();
  // The args go on as they came: whether they are JSON is the store's to say, and what it lets in must be.
  static const job_kind_catalogue kinds = [] {
    job_kind_catalogue made;
    job_kind kind;
    kind.name = "a.b";
    made.add(std::move(kind));
    return made;
  }();
  static storage::request_check check(kinds);
  for (auto& job : read->jobs) {
    if (job.kind.empty())
      std::abort();
    job.kind = "a.b";
    if (!check(job))
      continue;
    boost::system::error_code wrong;
    const auto args = boost::json::parse(job.args, wrong);
    if (!wrong && !args.is_object())
      std::abort();
    if (job.priority > 9 || job.args.size() > max_args_bytes)
      std::abort();
  }
  return 0;
}
