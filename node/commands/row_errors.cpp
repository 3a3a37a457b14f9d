#include "node/commands/row_errors.hpp"

#include <iterator>
#include <utility>

#include <boost/json/serialize.hpp>

#include "node/commands/show.hpp"

namespace penstock::node {

api_client::reply get_row_errors(api_client& node, const std::string& path, net::query_parameters query,
                                 std::int64_t wanted) {
  constexpr int most_pages = 20;
  boost::json::array items;
  std::string cursor;
  for (int page = 0; page < most_pages; ++page) {
    auto page_query = query;
    page_query.emplace_back("limit", std::to_string(wanted - std::ssize(items)));
    if (!cursor.empty())
      page_query.emplace_back("cursor", cursor);
    const auto answer = node.get(path + "/row-errors", page_query);
    if (!answer)
      return tl::unexpected(answer.error());
    for (const auto& each : items_of(answer->json))
      items.push_back(each);
    cursor = shown(answer->json, "next_cursor");
    if (cursor.empty() || std::ssize(items) >= wanted)
      break;
  }
  boost::json::object list{{"items", std::move(items)}, {"next_cursor", nullptr}};
  if (!cursor.empty())
    list["next_cursor"] = cursor;
  api_reply whole;
  whole.json = std::move(list);
  whole.body = boost::json::serialize(whole.json);
  return whole;
}

} // namespace penstock::node
