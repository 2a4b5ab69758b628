#!/usr/bin/env python3
"""range_server.py DIRECTORY LOG: serves a directory on the loopback interface, with ranges; prints its port.

A line per request goes to LOG: path, range or "-", status.
"""
import http.server
import os
import sys

directory, log = sys.argv[1], open(sys.argv[2], "a", buffering=1)


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        wanted = self.headers.get("Range", "-")
        path = os.path.join(directory, http.server.urllib.parse.unquote(self.path).lstrip("/"))
        try:
            data = open(path, "rb").read()
        except OSError:
            return self.answer(404, wanted, b"")
        start = int(wanted[len("bytes="):].split("-")[0]) if wanted != "-" else 0
        if start >= len(data) > 0:
            return self.answer(416, wanted, b"")
        where = "bytes %d-%d/%d" % (start, len(data) - 1, len(data)) if wanted != "-" else None
        self.answer(206 if where else 200, wanted, data[start:], where)

    def answer(self, status, wanted, data, where=None):
        print(self.path, wanted, status, file=log)
        self.send_response(status)
        if where:
            self.send_header("Content-Range", where)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *args):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_port, flush=True)
sys.stdout.close()
os.close(1)
server.serve_forever()
