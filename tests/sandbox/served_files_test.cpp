#include "tests/sandbox/small_sandbox.hpp"

#include <filesystem>
#include <fstream>

#include <unistd.h>

namespace penstock::sandbox::testing {
namespace {

namespace fs = std::filesystem;

/// A folder that goes with the test.
class served_folder : public ::testing::Test {
protected:
  served_folder() {
    std::string pattern = (fs::temp_directory_path() / "sandbox_served_XXXXXX").string();
    if (!::mkdtemp(pattern.data()))
      throw std::runtime_error("no folder for the test");
    folder = pattern;
    setup.served_folder = folder.string();
  }
  ~served_folder() override { fs::remove_all(folder); }
  void put(const std::string& name, const std::string& text) {
    fs::create_directories((folder / name).parent_path());
    std::ofstream(folder / name, std::ios::binary) << text;
  }

  fs::path folder;
  small_sandbox::setup setup;
};

TEST_F(served_folder, FileComesBeforeWhatIsMadeToTheByte) {
  const std::string recorded = "{ \"accounts\": [ {\"id\": \"acc_1\", \"x\": 2.50} ] }\n";
  put("GET/accounts.json", recorded);
  small_sandbox sandbox(setup);
  EXPECT_EQ(sandbox.get("/accounts").body, recorded);
  EXPECT_EQ(sandbox.get("/monzo/accounts").body, recorded) << "also below the stand-in's mount";
  EXPECT_EQ(sandbox.get("/monzo/balance?account_id=x").status, 401) << "the rest is made as always";
}

TEST_F(served_folder, WholePathBeatsThePathBelowTheMount) {
  put("GET/accounts.json", "{}");
  put("GET/monzo/accounts.json", R"({"which":"whole"})");
  small_sandbox sandbox(setup);
  EXPECT_EQ(sandbox.get("/monzo/accounts").body, R"({"which":"whole"})");
}

TEST_F(served_folder, MethodsAndDeepPathsAreFolders) {
  put("POST/oauth2/token.json", R"({"access_token":"recorded"})");
  put("GET/transactions/tx_1.json", R"({"transaction":{}})");
  small_sandbox sandbox(setup);
  EXPECT_EQ(sandbox.token_request({}).body, R"({"access_token":"recorded"})");
  EXPECT_EQ(sandbox.get("/transactions/tx_1?expand%5B%5D=merchant").body, R"({"transaction":{}})");
}

TEST_F(served_folder, StatusAndHeadersStandBesideIt) {
  put("GET/balance.json", R"({"code":"rate_limited"})");
  put("GET/balance.json.status", "429\n");
  put("GET/balance.json.headers", "Retry-After: 4\nX-Odd: a b\n");
  small_sandbox sandbox(setup);
  const auto reply = sandbox.get("/balance");
  EXPECT_EQ(reply.status, 429);
  EXPECT_EQ(reply.headers.value_or("Retry-After", ""), "4");
  EXPECT_EQ(reply.headers.value_or("X-Odd", ""), "a b");
}

TEST_F(served_folder, NameWithParametersNeedsThemAll) {
  put("GET/transactions.json", R"({"of":"anybody"})");
  put("GET/transactions@account_id=acc_1.json", R"({"of":"acc_1"})");
  put("GET/transactions@account_id=acc_1&limit=5.json", R"({"of":"acc_1, five"})");
  small_sandbox sandbox(setup);
  EXPECT_EQ(sandbox.get("/transactions?account_id=acc_2").body, R"({"of":"anybody"})");
  EXPECT_EQ(sandbox.get("/transactions?limit=30&account_id=acc_1").body, R"({"of":"acc_1"})");
  EXPECT_EQ(sandbox.get("/transactions?limit=5&account_id=acc_1").body, R"({"of":"acc_1, five"})");
}

TEST_F(served_folder, RecordedListIsPagedByTheIdsInIt) {
  put("GET/transactions.json", R"({"transactions":[{"id":"a"},{"id":"b"},{"id":"c"}]})");
  small_sandbox sandbox(setup);
  const auto ids = [&](const std::string& query) {
    std::string out;
    for (const auto& each : transactions_of(sandbox.get("/transactions?" + query)))
      out += text_at(each.as_object(), "id");
    return out;
  };
  EXPECT_EQ(ids("limit=2"), "ab");
  EXPECT_EQ(ids("limit=2&since=b"), "c");
  EXPECT_EQ(ids("limit=2&since=c"), "") << "who pages comes to an end";
  EXPECT_EQ(ids("since=2015-01-01T00%3A00%3A00Z"), "abc") << "a time says nothing about a recording";
}

TEST_F(served_folder, NothingOutsideTheFolderIsReached) {
  put("secret.json", "{}");
  put("GET/here.json", "{}");
  small_sandbox sandbox(setup);
  for (const auto* path : {"/../secret", "/%2e%2e/secret", "/x/../../secret", "/./here", "/here%00"})
    EXPECT_EQ(sandbox.get(path).status, 404) << path;
  EXPECT_EQ(sandbox.ask("..", "/secret").status, 404);
  EXPECT_EQ(sandbox.get("/here").status, 200);
}

TEST_F(served_folder, FaultsStrikeFilesToo) {
  put("GET/accounts.json", R"({"accounts":[]})");
  small_sandbox sandbox(setup);
  sandbox.ask("POST", "/sandbox/faults", R"({"error_500":1})");
  EXPECT_EQ(sandbox.get("/accounts").status, 500);
}

TEST(served_list, OtherShapesStayAsTheyAre) {
  const net::query_parameters query{{"since", "a"}, {"limit", "1"}};
  for (const auto* body :
       {"not json", "[1,2,3]", R"({"a":[{"id":"a"},{"id":"b"}],"b":[]})", R"({"a":[{"id":1},{"x":2}]})"})
    EXPECT_EQ(page_of_list(body, query), body);
}

} // namespace
} // namespace penstock::sandbox::testing
