#include "gateway/html_page.hpp"

namespace penstock::gateway {

std::string escape_html(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text)
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\'': out += "&#39;"; break;
      default: out += c;
    }
  return out;
}

net::http_reply html_page(int status, std::string_view title, std::string_view text) {
  const auto shown_title = escape_html(title);
  net::http_reply reply;
  reply.status = status;
  reply.headers.add("Content-Type", "text/html; charset=utf-8");
  reply.headers.add("Content-Security-Policy",
                    "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'");
  reply.headers.add("Cache-Control", "no-store");
  reply.body = "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>" + shown_title +
               "</title><style>body{font:1rem/1.5 sans-serif;max-width:36rem;margin:4rem auto;padding:0 1rem}</style>"
               "</head><body><h1>" +
               shown_title + "</h1><p>" + escape_html(text) + "</p></body></html>\n";
  return reply;
}

} // namespace penstock::gateway
