"""A server that is told how runs end."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Hook:
    """A server that keeps what it is sent."""

    def __init__(self) -> None:
        self.got: list[dict[str, str]] = []
        self.status = 200
        self.answer_slowly = False
        self.answer_length = 0
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                hook.got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(hook.status)
                if hook.answer_slowly:
                    self._drip()
                self.send_header("Content-Length", str(hook.answer_length))
                self.end_headers()

            def _drip(self) -> None:
                self.flush_headers()
                for number in range(100):
                    self.wfile.write(f"X-Header-{number}: slow\r\n".encode())
                    time.sleep(0.05)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self._server.server_port}/hooks/T0/B0"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        """Stop the server."""
        self._server.shutdown()
        self._server.server_close()
