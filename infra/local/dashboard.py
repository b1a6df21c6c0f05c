"""The dashboard's distribution on a port of its own, compressed as CloudFront compresses it."""

import gzip
import http.client
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

COMPRESSED = ("text/", "application/javascript", "application/json", "image/svg+xml")
HOP_BY_HOP = {"connection", "content-length", "date", "keep-alive", "server", "transfer-encoding"}


class Dashboard(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, port, gateway_port, distribution_host):
        super().__init__(("127.0.0.1", port), Viewer)
        self.gateway_port = gateway_port
        self.distribution_host = distribution_host

    def __enter__(self):
        threading.Thread(target=self.serve_forever, name="dashboard", daemon=True).start()
        return self

    def __exit__(self, *_):
        self.shutdown()
        self.server_close()

    def handle_error(self, *request):
        # A browser may leave while it is answered.
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(*request)


class Viewer(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        origin = http.client.HTTPConnection("127.0.0.1", self.server.gateway_port, timeout=30)
        asked = {k: v for k, v in self.headers.items() if k.lower() not in HOP_BY_HOP | {"host", "accept-encoding"}}
        origin.request(self.command, self.path, headers={**asked, "Host": self.server.distribution_host})
        answer = origin.getresponse()
        body = answer.read()
        headers = [(k, v) for k, v in answer.getheaders() if k.lower() not in HOP_BY_HOP]
        if self.compresses(answer, body):
            body = gzip.compress(body)
            headers += [("Content-Encoding", "gzip"), ("Vary", "Accept-Encoding")]
        self.send_response_only(answer.status, answer.reason)
        for header in headers:
            self.send_header(*header)
        self.send_header("Content-Length", answer.getheader("Content-Length", "0") if self.command == "HEAD" else len(body))
        self.end_headers()
        self.wfile.write(body)

    do_HEAD = do_GET

    def compresses(self, answer, body):
        return (
            1_000 <= len(body) <= 10_000_000
            and "gzip" in self.headers.get("Accept-Encoding", "")
            and answer.getheader("Content-Type", "").startswith(COMPRESSED)
        )

    def log_message(self, *_):
        pass
