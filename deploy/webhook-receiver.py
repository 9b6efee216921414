#!/usr/bin/env python3
"""Receives Postmaster's webhooks and prints one line of JSON for each complaint, and one for
each that was taken back: that has "withdrawn_at", and the "id" of the complaint.

    WEBHOOK_SECRET=whsec_... python3 webhook-receiver.py 127.0.0.1 8000

Put a web server that speaks https before it. While two secrets are valid, name both in
WEBHOOK_SECRET with a space between them. Needs nothing but Python 3.8 or later.
"""
import base64
import hashlib
import hmac
import json
import os
import sqlite3
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TOLERANCE = 5 * 60  # seconds between our clock and the request's: an older one may be a replay
LARGEST = 1024 * 1024
REMEMBERED = 30 * 24 * 3600  # an event that is sent again has the same id


def holds(secrets, headers, body, now=None):
    """Whether one of our secrets signed this request, and lately."""
    event, stamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not event or not stamp.isascii() or not stamp.isdigit():
        return False
    if abs((time.time() if now is None else now) - int(stamp)) > TOLERANCE:
        return False
    signed = f"{event}.{stamp}.".encode() + body
    given = [s[3:] for s in headers.get("webhook-signature", "").split(" ") if s.startswith("v1,")]
    for secret in secrets:
        key = base64.b64decode(secret.removeprefix("whsec_") if hasattr(str, "removeprefix") else secret[6:])
        right = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
        if any(hmac.compare_digest(right, one) for one in given):
            return True
    return False


class Seen:
    """The ids that were dealt with: an event may come more than once."""

    def __init__(self, path):
        self.db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self.db.execute("CREATE TABLE IF NOT EXISTS seen (id TEXT PRIMARY KEY, at INTEGER)")

    def first(self, event):
        self.db.execute("DELETE FROM seen WHERE at < ?", (int(time.time()) - REMEMBERED,))
        return self.db.execute("INSERT OR IGNORE INTO seen VALUES (?, ?)", (event, int(time.time()))).rowcount == 1


class Receiver(BaseHTTPRequestHandler):
    secrets, seen = [], None

    def do_POST(self):
        length = int(self.headers.get("Content-Length") or 0)
        if length > LARGEST:
            return self.answer(413)
        body = self.rfile.read(length)
        if not holds(self.secrets, self.headers, body):
            return self.answer(401)
        event = json.loads(body)
        if event.get("type") == "ping":  # prove that we mean it: give the challenge back
            return self.answer(200, json.dumps({"challenge": event["data"]["challenge"]}))
        if self.seen.first(self.headers["webhook-id"]):
            if event.get("type") == "complaint.withdrawn":
                self.withdrawn(event)
            else:
                self.complaint(event)
        self.answer(204)

    def complaint(self, event):
        # Here: take the recipient off every list, at once and without a condition.
        print(json.dumps(event.get("data", event)), flush=True)

    def withdrawn(self, event):
        # Here: note it beside the complaint with the same id. It is no new consent: nobody is put back on a list.
        print(json.dumps(event["data"]), flush=True)

    def answer(self, status, text=""):
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_):
        pass


def main():
    Receiver.secrets = os.environ["WEBHOOK_SECRET"].split()
    Receiver.seen = Seen(os.environ.get("WEBHOOK_SEEN", "webhook-seen.sqlite"))
    ThreadingHTTPServer.request_queue_size = 64
    server = ThreadingHTTPServer((sys.argv[1], int(sys.argv[2])), Receiver)
    print(f"listening on {server.server_address[0]}:{server.server_address[1]}", file=sys.stderr, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
