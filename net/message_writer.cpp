#include "net/message_writer.hpp"

#include <array>
#include <charconv>

namespace penstock::net {

namespace {

void append_number(std::string& out, std::size_t number) {
  std::array<char, 24> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), end);
}

void append_field(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ").append(value).append("\r\n");
}

void append_length(std::string& out, std::size_t length) {
  out.append("Content-Length: ");
  append_number(out, length);
  out.append("\r\n");
}

bool is_framing(std::string_view name) noexcept {
  return equals_ignoring_case(name, "content-length") || equals_ignoring_case(name, "transfer-encoding") ||
         equals_ignoring_case(name, "connection");
}

} // namespace

std::string_view reason_phrase(int status) noexcept {
  switch (status) {
    case 100: return "Continue";
    case 101: return "Switching Protocols";
    case 200: return "OK";
    case 201: return "Created";
    case 202: return "Accepted";
    case 204: return "No Content";
    case 206: return "Partial Content";
    case 301: return "Moved Permanently";
    case 302: return "Found";
    case 303: return "See Other";
    case 304: return "Not Modified";
    case 307: return "Temporary Redirect";
    case 308: return "Permanent Redirect";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 406: return "Not Acceptable";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 410: return "Gone";
    case 412: return "Precondition Failed";
    case 413: return "Content Too Large";
    case 415: return "Unsupported Media Type";
    case 422: return "Unprocessable Content";
    case 425: return "Too Early";
    case 426: return "Upgrade Required";
    case 428: return "Precondition Required";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 501: return "Not Implemented";
    case 502: return "Bad Gateway";
    case 503: return "Service Unavailable";
    case 504: return "Gateway Timeout";
    default: return "";
  }
}

bool write_reply_head(std::string& out, const http_reply& reply, const reply_framing& framing) {
  if (reply.status < 100 || reply.status > 999)
    return false;
  const bool switches = reply.status == 101;
  out.append("HTTP/1.1 ");
  append_number(out, static_cast<std::size_t>(reply.status));
  out.append(" ").append(reason_phrase(reply.status)).append("\r\n");
  for (const auto field : reply.headers) {
    if (!is_valid_field(field.name, field.value))
      return false;
    const bool ours = switches ? false : is_framing(field.name);
    if (!ours && !(equals_ignoring_case(field.name, "date") && !framing.date.empty()))
      append_field(out, field.name, field.value);
  }
  out.append(framing.always);
  if (!framing.date.empty())
    append_field(out, "Date", framing.date);
  if (framing.content_length)
    append_length(out, *framing.content_length);
  if (framing.chunked)
    append_field(out, "Transfer-Encoding", "chunked");
  if (!switches && !framing.keep_alive)
    append_field(out, "Connection", "close");
  else if (!switches && !framing.http_1_1)
    append_field(out, "Connection", "keep-alive");
  out.append("\r\n");
  return true;
}

bool write_request_head(std::string& out, const http_request& request, const url& target, std::string_view user_agent,
                        const outgoing_proxy* via) {
  // A method is a token, as a field name is.
  if (!is_valid_field(request.method, {}))
    return false;
  out.append(request.method).append(" ").append(via != nullptr ? target.origin() : "").append(target.target());
  out.append(" HTTP/1.1\r\n");
  append_field(out, "Host", target.authority());
  if (via != nullptr && !via->authorization.empty())
    append_field(out, "Proxy-Authorization", via->authorization);
  for (const auto field : request.headers) {
    if (!is_valid_field(field.name, field.value))
      return false;
    if (!is_framing(field.name) && !equals_ignoring_case(field.name, "host") &&
        !equals_ignoring_case(field.name, "proxy-authorization"))
      append_field(out, field.name, field.value);
  }
  if (!user_agent.empty() && !request.headers.contains("User-Agent"))
    append_field(out, "User-Agent", user_agent);
  if (!request.headers.contains("Accept"))
    append_field(out, "Accept", "*/*");
  // RFC 9110, 8.6: said also when empty, by methods that give a body a meaning.
  if (!request.body.empty() || request.method == "POST" || request.method == "PUT" || request.method == "PATCH")
    append_length(out, request.body.size());
  out.append("\r\n");
  return true;
}

} // namespace penstock::net
