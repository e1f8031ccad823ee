"""Published requests that parsers of HTTP/1.1 disagree on: the cases of nodejs/llhttp and of uNetworking/h1spec."""

import glob
import json
import os
import re
import socket

# Cases of h1spec that get another status here, and why.
REASONS = {
    "Valid POST request with body": "the exporter reads no bodies: 413",
    "Chunked Transfer-Encoding": "the exporter reads no bodies: 413",
}


def llhttp():
    """Yields name, request, and what the parser says of it."""
    for path in sorted(glob.glob(os.path.join(os.environ["LLHTTP"], "test", "request", "*.md"))):
        with open(path, encoding="utf-8", newline="") as file:
            text = file.read()
        pattern = r"^#+ ([^\n]*)\n(?:(?!^#).)*?<!-- meta=(\{[^\n]*\}) -->\n```http\n(.*?)\n```\n+```log\n(.*?)\n```"
        for title, meta, request, log in re.findall(pattern, text, re.DOTALL | re.MULTILINE):
            # The other types are of parsers that are told to be lenient, or to pause.
            if json.loads(meta).get("type") != "request" or "pause" in json.loads(meta):
                continue
            yield f"{os.path.basename(path)}: {title}", unescaped(request), log


def unescaped(text):
    """As llhttp's own test/md-test.ts reads it; the newline before the end of the block is not part of the text."""
    text = re.sub(r"\\(\r\n|\r|\n)", "", text)
    text = re.sub(r"\r\n|\r|\n", "\r\n", text)
    for name, byte in {"r": "\r", "n": "\n", "t": "\t", "f": "\f"}.items():
        text = text.replace("\\" + name, byte)
    text = re.sub(r"\\x([0-9a-fA-F]+)", lambda match: chr(int(match.group(1), 16)), text)
    text = re.sub(r"\\([0-7]{1,3})", lambda match: chr(int(match.group(1), 8)), text)
    return text.encode("latin-1", "replace")


def h1spec():
    """Yields name, request, and the ranges of the status; no range where the server must wait for more."""
    with open(os.path.join(os.environ["H1SPEC"], "http_test.ts"), encoding="utf-8") as file:
        text = file.read()
    for request, name, ranges in re.findall(r'request: "(.*?)",\s+description: "(.*?)",\s+expectedStatus: (\[\[.*?\]\])', text):
        expected = [tuple(pair) for pair in json.loads(ranges) if pair[0] >= 0]
        yield name, request.encode("latin-1").decode("unicode_escape").encode("latin-1"), expected


def responses(port, request, wait):
    """The statuses that a request gets until the connection is closed, or nothing more comes for a while; and whether it was closed."""
    data = b""
    with socket.create_connection(("127.0.0.1", port), 20) as connection:
        connection.sendall(request)
        connection.settimeout(wait)
        closed = False
        try:
            while piece := connection.recv(1 << 20):
                data += piece
            closed = True
        except TimeoutError:
            pass
        except ConnectionResetError:
            closed = True
    statuses = []
    while match := re.match(rb"HTTP/1\.1 (\d{3}) [^\r\n]*\r\n(.*?)\r\n\r\n", data, re.DOTALL):
        statuses.append(int(match.group(1)))
        length = re.search(rb"content-length: (\d+)", match.group(2), re.IGNORECASE)
        data = data[match.end() + (int(length.group(1)) if length else 0):]
    return [status for status in statuses if status >= 200], closed


def run(exporter, wait=1.0):
    """Sends all cases. Returns how many there are, and what was wrong."""
    problems, counts = [], {"llhttp": 0, "h1spec": 0}
    for name, request, log in llhttp():
        begun, messages, is_refused = log.count("message begin"), log.count("message complete"), " error code=" in log
        counts["llhttp"] += 1
        statuses, closed = responses(exporter.port, request, wait)
        # One whose body has not come yet may have been refused because of it.
        # After a request for another protocol, which the exporter ignores, the rest is that of HTTP, and malformed.
        if "pgrade" in log or "CONNECT" in name:
            statuses = statuses[:begun] + [status for status in statuses[begun:] if status < 400]
        if len(statuses) > begun:
            problems.append(f"llhttp {name}: {len(statuses)} responses to {begun} requests")
        if is_refused and any(status < 400 for status in statuses[messages:]):
            problems.append(f"llhttp {name}: an invalid request got {statuses}")
        if is_refused and not closed:
            problems.append(f"llhttp {name}: the connection was kept after an invalid request")
        if not is_refused and messages and not statuses:
            problems.append(f"llhttp {name}: a valid request got no response")
    for name, request, expected in h1spec():
        counts["h1spec"] += 1
        statuses, closed = responses(exporter.port, request, wait)
        matches = not statuses and not closed if not expected else bool(statuses) and any(
            low <= statuses[0] <= high for low, high in expected)
        if not matches and name not in REASONS:
            problems.append(f"h1spec {name}: {statuses}, {'closed' if closed else 'open'}")
        elif matches and name in REASONS:
            problems.append(f"h1spec {name}: the reason for a deviation is no longer needed")
    if exporter.process.poll() is not None:
        problems.append("published cases: the exporter ended")
    for suite, count in counts.items():
        print(f"| published cases | {count} requests of {suite} | | | | | |")
        if count < 30:
            problems.append(f"published cases: only {count} of {suite} were found")
    return sum(counts.values()), problems
