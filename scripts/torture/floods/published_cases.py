"""Published requests that parsers of HTTP/1.1 disagree on: the cases of nodejs/llhttp and of uNetworking/h1spec."""

import glob
import json
import os
import re
import socket

# Cases of h1spec that get a different status here, and the reasons.
REASONS = {
    "Valid POST request with body": "the exporter reads no bodies: 413",
    "Chunked Transfer-Encoding": "the exporter reads no bodies: 413",
}


def llhttp():
    """Yields name, request, and the parser's output. Raises ValueError for a case without these parts."""
    for path in sorted(glob.glob(os.path.join(os.environ["LLHTTP"], "test", "request", "*.md"))):
        with open(path, encoding="utf-8", newline="") as file:
            text = file.read()
        cases = list(re.finditer(r"<!--\s*meta=(\{.*?\})\s*-->", text))
        for case, following in zip(cases, [*cases[1:], None]):
            # The other types are for parsers in a lenient mode, or that pause.
            meta = json.loads(case[1])
            if meta.get("type") != "request" or "pause" in meta:
                continue
            name = f"{os.path.basename(path)}: {re.findall(r'^#+ (.*)$', text[:case.start()], re.MULTILINE)[-1]}"
            rest = text[case.end():following.start() if following else len(text)]
            blocks = [re.search(rf"^```{language}\n(.*?)\n```$", rest, re.DOTALL | re.MULTILINE) for language in ("http", "log")]
            if None in blocks:
                raise ValueError(f"llhttp {name}: no request or no log")
            yield name, unescaped(blocks[0][1]), blocks[1][1]


def unescaped(text):
    """Parses like llhttp's own test/md-test.ts: the newline before the end of the block is not part of the text."""
    text = re.sub(r"\\(\r\n|\r|\n)", "", text)
    text = re.sub(r"\r\n|\r|\n", "\r\n", text)
    for name, byte in {"r": "\r", "n": "\n", "t": "\t", "f": "\f"}.items():
        text = text.replace("\\" + name, byte)
    text = re.sub(r"\\x([0-9a-fA-F]+)", lambda match: chr(int(match.group(1), 16)), text)
    text = re.sub(r"\\([0-7]{1,3})", lambda match: chr(int(match.group(1), 8)), text)
    return text.encode("latin-1", "replace")


def h1spec():
    """Yields name, request, and the ranges of the status; no range if the server must wait for more.

    Raises ValueError if it has cases of another form.
    """
    with open(os.path.join(os.environ["H1SPEC"], "http_test.ts"), encoding="utf-8") as file:
        text = file.read()
    cases = re.findall(r'request: "(.*?)",\s+description: "(.*?)",\s+expectedStatus: (\[\[.*?\]\])', text)
    if len(cases) != text.count("expectedStatus: [["):
        raise ValueError(f"h1spec: only {len(cases)} of {text.count('expectedStatus: [[')} requests can be read")
    for request, name, ranges in cases:
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
    while match := re.match(rb"HTTP/1\.1 (\d{3}) [^\r\n]*\r\n((?:[^\r\n]+\r\n)*)\r\n", data):
        statuses.append(int(match.group(1)))
        length = re.search(rb"content-length: (\d+)", match.group(2), re.IGNORECASE)
        data = data[match.end() + (int(length.group(1)) if length else 0):]
    return [status for status in statuses if status >= 200], closed


def judge_llhttp(name, log, statuses, closed):
    """The problems of the responses to a request of llhttp."""
    begun, messages, is_refused = log.count("message begin"), log.count("message complete"), " error code=" in log
    # After a request for another protocol, which the exporter ignores, the rest counts as HTTP, and is malformed.
    if "pgrade" in log or "CONNECT" in name:
        statuses = statuses[:begun] + [status for status in statuses[begun:] if status < 400]
    # A request whose body has not arrived may have been rejected for that reason.
    if len(statuses) > begun:
        yield f"{len(statuses)} responses to {begun} requests"
    if is_refused and any(status < 400 for status in statuses[messages:]):
        yield f"an invalid request got {statuses}"
    if is_refused and not closed:
        yield "the connection was kept after an invalid request"
    if not is_refused and messages and not statuses:
        yield "a valid request got no response"


def judge_h1spec(name, expected, statuses, closed):
    """The problems of the responses to a request of h1spec."""
    if expected:
        matches = bool(statuses) and any(low <= statuses[0] <= high for low, high in expected)
    else:
        matches = not statuses and not closed
    if not matches and name not in REASONS:
        yield f"{statuses}, {'closed' if closed else 'open'}"
    elif matches and name in REASONS:
        yield "the reason for a deviation is no longer needed"


def run(exporter, wait=1.0):
    """Sends all cases. Returns their numbers and the problems."""
    problems, counts = [], {}
    for suite, cases, judge in (("llhttp", llhttp(), judge_llhttp), ("h1spec", h1spec(), judge_h1spec)):
        counts[suite] = 0
        for name, request, expectation in cases:
            counts[suite] += 1
            found = judge(name, expectation, *responses(exporter.port, request, wait))
            problems += [f"{suite} {name}: {problem}" for problem in found]
    if exporter.process.poll() is not None:
        problems.append("published cases: the exporter ended")
    for suite, count in counts.items():
        print(f"| published cases | {count} requests of {suite} | | | | | |")
        if count < 30:
            problems.append(f"published cases: only {count} of {suite} were found")
    return sum(counts.values()), problems
