// penstock-bench-client produce|work JSON: the client that a benchmark harness drives; see bench/README.md.
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <string>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include "bench/harness/client_options.hpp"

namespace penstock::bench {

bool wait_for_word(const char* word) {
  for (std::string line; std::getline(std::cin, line);)
    if (line == word)
      return true;
  return false;
}

namespace {

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr)
    throw std::runtime_error(std::string("set ") + name);
  return value;
}

client_options read_options(const char* text) {
  const auto given = boost::json::parse(text).as_object();
  const auto number = [&](const char* name, auto otherwise) {
    const auto* found = given.if_contains(name);
    return found == nullptr ? otherwise : found->to_number<decltype(otherwise)>();
  };
  const auto word = [&](const char* name, std::string otherwise) {
    const auto* found = given.if_contains(name);
    return found == nullptr ? otherwise : std::string(found->as_string());
  };
  client_options read;
  read.data = variable("PQ_DATA");
  read.port = static_cast<std::uint16_t>(std::stoi(variable("PQ_SERVER_PORT")));
  read.mode = word("mode", read.mode);
  read.jobs = number("n", read.jobs);
  read.batch = number("batch", read.batch);
  read.parallel = number("par", read.parallel);
  read.in_flight = number("conc", read.in_flight);
  read.pipelined = number("pipelined", read.pipelined);
  read.per_second = number("rate", read.per_second);
  read.seconds = number("secs", read.seconds);
  if (given.contains("due_ms"))
    read.due_ms = number("due_ms", 0.0);
  // A harness says what kind of work it is; benchmarks of ours name the job kind itself.
  const auto kind = word("kind", "");
  if (kind == "fetch")
    read.kind = "bench.fetch";
  else if (kind.find('.') != std::string::npos)
    read.kind = kind;
  read.path = word("path", read.path);
  read.dump = word("dump", "");
  return read;
}

} // namespace
} // namespace penstock::bench

int main(int count, char** words) {
  using namespace penstock::bench;
  const std::string role = count > 1 ? words[1] : "";
  if (role != "produce" && role != "work") {
    std::fprintf(stderr, "usage: penstock-bench-client produce|work JSON\n");
    return 2;
  }
  try {
    const auto wanted = read_options(count > 2 ? words[2] : "{}");
    role == "produce" ? produce_over_http(wanted) : work_over_http(wanted);
  } catch (const std::exception& problem) {
    std::fprintf(stderr, "penstock-bench-client: %s\n", problem.what());
    return 1;
  }
}
