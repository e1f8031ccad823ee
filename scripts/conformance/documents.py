"""JSONTestSuite (answers of the API) and Schemathesis (the simulator)."""

import concurrent.futures
import http.server
import importlib.metadata
import os
import re
import subprocess
import sys
import threading
import urllib.parse

import programs
from outcome import Outcome


class Documents(http.server.ThreadingHTTPServer):
    """An API whose bucket list contains the document that the path names."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, bodies):
        self.bodies = bodies
        super().__init__(("127.0.0.1", 0), Answer)
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Answer(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        name, form = urllib.parse.unquote(self.path).split("/")[1:3]
        body = self.server.bodies[name, form]
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


def collected(url):
    """The result of a collection of the bucket list: the exit status, and the values of some series."""
    run = subprocess.run(
        [programs.path("flashback-exporter"), "collect", "--flashback.url", url, "--collector.disable-defaults", "--collector.buckets"],
        capture_output=True, check=False, env={**programs.environment(), "FLASHBACK_TOKEN": programs.TOKEN}, timeout=60)
    text = run.stdout.decode("utf-8", "strict")
    value = lambda series: float(match.group(1)) if (match := re.search(rf"^{series} (\S+)$", text, re.MULTILINE)) else 0.0  # noqa: E731
    return {
        "status": run.returncode,
        "said": run.stderr.decode("utf-8", "replace").strip().splitlines()[-1:],
        "up": value("flashback_up"),
        "malformed": value(r'flashback_exporter_dropped_rows_total\{reason="malformed_field"\}')
        + value(r'flashback_exporter_dropped_rows_total\{reason="malformed_row"\}'),
        "buckets": len(re.findall(r"^flashback_bucket_info\{", text, re.MULTILINE)),
        "isNotJSON": b"not JSON" in run.stderr,
    }


def json_test_suite(directory):
    """Each document as the answer for the bucket list, and as a field of a bucket."""
    del directory
    folder = os.path.join(os.environ["JSON_TEST_SUITE"], "test_parsing")
    result = Outcome("JSONTestSuite", os.environ["JSON_TEST_SUITE_VERSION"],
                     "answers of the API, read by the program: each document as the answer, and as a field of it")
    bodies = {}
    for name in sorted(os.listdir(folder)):
        with open(os.path.join(folder, name), "rb") as file:
            document = file.read()
        bodies[name, "answer"] = document
        # The field `name` must be a text, so valid JSON that is not a text also counts as malformed.
        bodies[name, "field"] = b'[{"id":"1","name":' + document + b"}]"
    server = Documents(bodies)
    try:
        url = f"http://127.0.0.1:{server.server_address[1]}"
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            outcomes = pool.map(lambda key: collected(f"{url}/{urllib.parse.quote(key[0])}/{key[1]}"), bodies)
            for (name, form), outcome in zip(bodies, outcomes):
                judge(result, name, form, outcome)
    finally:
        server.shutdown()
    return result


def judge(result, name, form, outcome):
    said = f"status {outcome['status']}, {outcome['said']}"
    # Neither a signal nor any other status.
    if outcome["status"] not in (0, 1):
        return result.count(f"{name} as {form}", False, said)
    if name.startswith("y_"):
        # The document may lack a list of buckets, but it is JSON.
        passed = not outcome["isNotJSON"] and (form == "answer" or outcome["buckets"] == 1)
    elif name.startswith("n_"):
        passed = outcome["up"] == 0 or (outcome["malformed"] > 0 and (form == "field" or outcome["buckets"] == 0))
    else:
        # Either result is correct, but not an end by a signal.
        passed = True
    result.count(f"{name} as {form}", passed, said)
    return None


EMPTY_PARAMETER = ("An empty parameter counts as missing in the simulator, whatever its type. What the API makes of one is not documented, and the exporter sends "
                   "none.")

DIALECTS = [
    [],
    ["--dialect.latency=latencyMs", "--dialect.bucket-id=unitId", "--dialect.totals=number", "--dialect.list=array",
     "--dialect.available=envelope", "--dialect.optional-fields=null", "--dialect.times=seconds", "--dialect.client-fields",
     "--dialect.node-id=identifier-and-address", "--dialect.nodes=array", "--dialect.traffic=string", "--dialect.amounts=string"],
]


def schemathesis(directory):
    """Requests derived from the description of the API, sent to the simulator in two of its dialects."""
    del directory
    result = Outcome("Schemathesis", importlib.metadata.version("schemathesis"), "the simulator, with requests derived from docs/api.yaml")
    for flags in DIALECTS:
        with programs.Simulator(*flags) as api:
            # `positive_data_acceptance`: a name may already be in use, which a description cannot express.
            run = subprocess.run(
                [sys.executable, "-m", "schemathesis.cli", "run", "docs/api.yaml", "--url", api.url, "--header",
                 f"Authorization: Bearer {programs.TOKEN}", "--phases", "examples,coverage,fuzzing", "--exclude-checks",
                 "positive_data_acceptance", "--max-examples", "100", "--generation-deterministic", "--continue-on-failure", "--no-color"],
                capture_output=True, text=True, check=False)
        match = re.search(r"(\d+) generated(?:, (\d+) found)?", run.stdout)
        if not match:
            raise RuntimeError(f"Schemathesis failed: {run.stdout[-2000:]}{run.stderr[-2000:]}")
        cases, found = int(match.group(1)), int(match.group(2) or 0)
        result.cases += cases
        result.passed += cases - found
        requests = re.findall(r"^ +curl .*", run.stdout, re.MULTILINE)
        unknown = [request for request in requests if not request.endswith("/node?nodeServices='")]
        if unknown or len(requests) != found:
            result.failures.append(run.stdout[-3000:])
        result.deviations += [("GET /node?nodeServices= gets 200 instead of an error", EMPTY_PARAMETER)] * found
    return result
