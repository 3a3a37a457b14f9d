"""Peers on this machine that repeat what they were sent in all that they answer, as some do in their errors."""
import http.server
import json
import socketserver
import threading
import urllib.parse


class JsonHandler(http.server.BaseHTTPRequestHandler):
    """Answers with JSON, and logs nothing."""

    protocol_version = "HTTP/1.1"

    def answer(self, status, body):
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        pass


class Repeater:
    """An API with lists, a place that gives tokens, and one that takes Sentry's envelopes. `status` is what lists answer
    with: 200 and an item, or an error that holds the whole request. `granted`: tokens that it gave; `seen`: all requests."""

    def __init__(self):
        self.status, self.grants, self.granted, self.seen, self.envelopes = 200, True, [], [], []
        peer = self

        class Handler(JsonHandler):
            def repeated(self, body=""):
                # Both as a header's value stands in base64 and as text.
                whole = f"{self.command} {self.path}\n{self.headers}\n{body}"
                peer.seen.append(whole)
                return {"error": "invalid_request", "error_description": f"refused: {whole}", "message": whole,
                        "access_token": self.headers.get("Authorization", "")}

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode(errors="replace")
                repeated = self.repeated(body + urllib.parse.unquote_plus(body))
                if "/envelope" in self.path:
                    peer.envelopes.append(body)
                    return self.answer(200 if len(peer.envelopes) > 1 else 500, repeated)
                if not peer.grants:
                    return self.answer(400, repeated)
                peer.granted.append(f"plantedgrant{len(peer.granted)}6b0c")
                self.answer(200, {"access_token": peer.granted[-1], "token_type": "Bearer", "expires_in": 3600})

            def do_GET(self):
                repeated = self.repeated()
                self.answer(peer.status, {"items": [{"id": "1", "title": "a thing"}]} if peer.status == 200 else repeated)

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.address = f"127.0.0.1:{self.server.server_address[1]}"
        self.base = f"http://{self.address}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


class RefusingProxy:
    """Lets nobody through, and says again who asked."""

    def __init__(self):
        self.seen, peer = [], self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self):
                head = b""
                while not head.endswith(b"\r\n\r\n") and (line := self.rfile.readline()):
                    head += line
                peer.seen.append(head.decode(errors="replace"))
                body = head.replace(b"\r\n", b" ")
                self.wfile.write(b"HTTP/1.1 407 " + body[:200] + b"\r\nX-Said: " + body + b"\r\nContent-Length: " +
                                 str(len(body)).encode() + b"\r\nConnection: close\r\n\r\n" + body)

        self.server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.address = f"127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
