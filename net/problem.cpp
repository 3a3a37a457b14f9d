#include "net/problem.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "net/message_writer.hpp"
#include "net/utf8_text.hpp"

namespace penstock::net {

namespace json = boost::json;

std::string to_json(const problem& value) {
  const auto text = [](std::string_view v) { return json::string_view(v.data(), v.size()); };
  json::object out;
  out["type"] = text(value.type);
  // What callers sent is quoted in details, whatever it was.
  const auto detail = well_formed_utf8(value.detail);
  out["title"] = text(value.title.empty() ? reason_phrase(value.status) : value.title);
  out["status"] = value.status;
  out["detail"] = text(detail);
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
