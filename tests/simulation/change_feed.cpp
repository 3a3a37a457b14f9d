#include "tests/simulation/change_feed.hpp"

#include <algorithm>
#include <chrono>
#include <stdexcept>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace penstock::simulation {
namespace {

constexpr std::uint64_t different_items = 40;

} // namespace

void change_feed::change_something() {
  changes_.push_back({"item-" + std::to_string(uniform(random_, different_items)),
                      static_cast<std::int64_t>(uniform(random_, 1'000'000))});
}

std::map<std::string, change_feed::version> change_feed::items_at(std::int64_t last) const {
  std::map<std::string, version> items;
  for (std::int64_t number = 1; number <= last; ++number) {
    const auto& each = changes_.at(static_cast<std::size_t>(number - 1));
    items[each.item] = {number, each.value};
  }
  return items;
}

std::string change_feed::page_after(std::int64_t last) const {
  boost::json::array entries;
  for (auto number = last + 1; number <= std::min(last + page_size, this->last()); ++number) {
    const auto& each = changes_[static_cast<std::size_t>(number - 1)];
    entries.push_back(boost::json::object{{"change", number}, {"item", each.item}, {"value", each.value}});
  }
  const bool more = last + page_size < this->last();
  return boost::json::serialize(boost::json::object{{"entries", std::move(entries)}, {"more", more}});
}

net::asio::awaitable<result<net::http_response>> change_feed::send(net::http_request request) {
  co_await sleeper_->sleep(std::chrono::milliseconds(uniform(random_, 1500)));
  const auto at = request.url.find("after=");
  if (at == std::string::npos)
    throw std::logic_error("the feed is asked without 'after'");
  net::http_response answer;
  answer.status = 200;
  answer.body = page_after(std::stoll(request.url.substr(at + 6)));
  if (trouble_one_in_ > 0 && uniform(random_, trouble_one_in_) == 0) {
    switch (uniform(random_, 4)) {
      case 0: co_return failure(error_code::network, "the connection was dropped");
      case 1: answer.body.resize(answer.body.size() / 2); break;
      case 2: answer.status = 503; break;
      default: co_return failure(error_code::timed_out, "no answer in time");
    }
  }
  co_return answer;
}

} // namespace penstock::simulation
