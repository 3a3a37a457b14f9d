#pragma once

#include <string>
#include <utility>

#include "gateway/json_writer.hpp"
#include "net/http_handler.hpp"

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

/// With the version of what it shows as its ETag, for If-Match.
[[nodiscard]] inline net::http_reply with_version_of(net::http_reply reply, std::int64_t version) {
  reply.headers.add("ETag", '"' + std::to_string(version) + '"');
  return reply;
}

} // namespace penstock::gateway
