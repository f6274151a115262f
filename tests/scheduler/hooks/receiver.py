"""A receiver of webhooks as a process of its own: `python receiver.py`, which prints the port it listens at.

What it does is told by the path: `/ok`, `/status/503`, `/hang` (never answers), `/drip` (a byte now and then),
`/large`, `/redirect`. `/seen` gives all that it got, `/open` lets whoever hangs go on.
"""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SEEN: list[dict[str, object]] = []
OPEN = threading.Event()
DRIP_SECONDS = 0.2
LARGE_BYTES = 5_000_000


class Receiver(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        SEEN.append({"path": self.path, "headers": {k.lower(): v for k, v in self.headers.items()}, "body": body})
        name, _, status = self.path.strip("/").partition("/")
        if name == "hang":
            OPEN.wait()
        if name == "drip":
            self._drip()
        elif name == "large":
            self._answer(200, b"x" * LARGE_BYTES)
        elif name == "redirect":
            self._answer(302, b"", Location="/ok")
        else:
            self._answer(int(status or 200), b"{}")

    def do_GET(self) -> None:
        if self.path == "/open":
            OPEN.set()
        self._answer(200, json.dumps(SEEN).encode())

    def log_message(self, *_: object) -> None:
        """Quiet."""

    def _answer(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _drip(self) -> None:
        for letter in b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n":
            self.wfile.write(bytes([letter]))
            self.wfile.flush()
            if OPEN.wait(DRIP_SECONDS):
                return


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    print(server.server_address[1], flush=True)  # noqa: T201 - its parent reads it
    server.serve_forever()
