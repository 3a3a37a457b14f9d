#include "net/problem.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "net/message_writer.hpp"

namespace penstock::net {

namespace json = boost::json;

std::string to_json(const problem& value) {
  const auto text = [](std::string_view v) { return json::string_view(v.data(), v.size()); };
  json::object out;
  out["type"] = text(value.type);
  out["title"] = text(value.title.empty() ? reason_phrase(value.status) : value.title);
  out["status"] = value.status;
  out["detail"] = text(value.detail);
  out["code"] = text(value.code);
  return json::serialize(out);
}

http_reply problem_reply(const problem& value) {
  http_reply out;
  out.status = value.status;
  out.headers.add("Content-Type", "application/problem+json");
  out.body = to_json(value);
  return out;
}

} // namespace penstock::net
