"""A small provider on this machine whose answers a test writes down."""
import http.server
import threading
import time


class LocalProvider:
    """Answers GETs by `answers[path]`: a list of (status, headers) that are used one by one, the last one again and again,
    or HANG for an answer that never comes. A path without any is answered 200. It notes when it was asked, and when the
    one who waits for a hanging answer went away."""

    HANG = "hang"

    def __init__(self):
        self.answers, self.asked, self.left = {}, {}, {}
        self.lock = threading.Lock()
        provider = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                with provider.lock:
                    asked = provider.asked.setdefault(self.path, [])
                    answers = provider.answers.get(self.path.partition("?")[0], [(200, {})])
                    answer = answers[min(len(asked), len(answers) - 1)]
                    asked.append(time.monotonic())
                if answer == provider.HANG:
                    self.rfile.read(1)  # nothing comes: it ends with the connection
                    provider.left[self.path] = time.monotonic()
                    self.close_connection = True
                    return
                status, headers = answer
                body = b'{"access_token": "not to be kept", "items": []}'
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 128

        self.server = Server(("127.0.0.1", 0), Handler)
        self.base = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def times(self, path):
        """When it was asked for the path, in seconds since the first time."""
        with self.lock:
            asked = list(self.asked.get(path, []))
        return [at - asked[0] for at in asked]

    def gaps(self, path):
        at = self.times(path)
        return [round(later - earlier, 2) for earlier, later in zip(at, at[1:])]
