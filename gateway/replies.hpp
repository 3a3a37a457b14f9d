#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "gateway/json_writer.hpp"
#include "net/http_handler.hpp"
#include "net/problem.hpp"

namespace penstock::gateway {

[[nodiscard]] inline net::http_reply json_reply(std::string body, int status = 200) {
  net::http_reply reply;
  reply.status = status;
  reply.headers.add("Content-Type", "application/json");
  // What the node says is of the moment, and for the asker alone.
  reply.headers.add("Cache-Control", "no-store");
  reply.body = std::move(body);
  return reply;
}

[[nodiscard]] inline net::http_reply json_reply(json_writer& body, int status = 200) {
  return json_reply(body.take(), status);
}

[[nodiscard]] inline net::http_reply no_content() {
  net::http_reply reply;
  reply.status = 204;
  return reply;
}

/// What a reader is told who asks for what came behind a place, of which a part was swept. `detail` says how to go on.
[[nodiscard]] inline net::http_reply position_gone(std::string_view detail) {
  return net::problem_reply({.status = 410, .code = "position_gone", .detail = detail});
}

/// With the version of what it shows as its ETag, for If-Match.
[[nodiscard]] inline net::http_reply with_version_of(net::http_reply reply, std::int64_t version) {
  reply.headers.add("ETag", '"' + std::to_string(version) + '"');
  return reply;
}

} // namespace penstock::gateway
