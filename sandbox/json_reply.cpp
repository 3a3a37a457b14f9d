#include "sandbox/json_reply.hpp"

#include <utility>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace penstock::sandbox {

net::http_reply json_text_reply(int status, std::string body) {
  net::http_reply reply;
  reply.status = status;
  reply.headers.add("Content-Type", "application/json");
  reply.body = std::move(body);
  return reply;
}

net::http_reply json_reply(int status, const boost::json::object& body) {
  return json_text_reply(status, boost::json::serialize(body));
}

net::http_reply code_reply(int status, std::string_view code, std::string_view message) {
  return json_reply(status, {{"code", code}, {"message", message}});
}

net::http_reply code_reply(int status, std::string_view code, std::string_view message, std::string_view oauth_error) {
  return json_reply(status,
                    {{"code", code}, {"error", oauth_error}, {"error_description", message}, {"message", message}});
}

result<boost::json::object> json_body(std::string_view body) {
  if (body.empty())
    return boost::json::object{};
  boost::system::error_code broken;
  auto parsed = boost::json::parse(body, broken);
  if (broken || !parsed.is_object())
    return failure(error_code::invalid_argument, "the body must be a JSON object");
  return std::move(parsed.get_object());
}

} // namespace penstock::sandbox
