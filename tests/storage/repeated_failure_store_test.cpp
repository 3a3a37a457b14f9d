#include <boost/json.hpp>

#include "tests/storage/run_fixture.hpp"

// What is told of a stream that fails in one run after the other.
namespace penstock::storage {
namespace {

using std::chrono::hours;

class repeated_failure : public run_store {};
PENSTOCK_ON_EVERY_STORE(repeated_failure);

TEST_P(repeated_failure, OfAStreamByTheSameErrorIsNoNews) {
  const auto fails_with = [this](error_code code) {
    clock.advance(hours{25});
    begin_run();
    unit_of_work unit;
    unit.ends.emplace();
    unit.ends->job = first_fetch;
    unit.ends->outcome = attempt_outcome::failed;
    unit.ends->failure = error{code, "as before"};
    EXPECT_TRUE(commit(std::move(unit)).ok());
  };
  /// Whether what was told of the fetch job is marked.
  const auto is_repeated = [this] {
    const auto failures = reader->events().list({.type_glob = "job.failed"}, 1000).value();
    for (const auto& each : failures)
      if (each.subject == "executions/" + to_string(first_fetch))
        return boost::json::parse(each.data).as_object().contains("repeated");
    ADD_FAILURE() << "nothing was told";
    return false;
  };
  fails_with(error_code::forbidden);
  EXPECT_FALSE(is_repeated());
  fails_with(error_code::forbidden);
  EXPECT_TRUE(is_repeated());
  fails_with(error_code::not_found);
  EXPECT_FALSE(is_repeated()) << "another one";
  clock.advance(hours{25});
  begin_run();
  end(first_fetch, attempt_outcome::succeeded);
  fails_with(error_code::not_found);
  EXPECT_FALSE(is_repeated()) << "it went well between";
}

} // namespace
} // namespace penstock::storage
