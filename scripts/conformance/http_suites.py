"""h2spec (HTTP/2) and httplint (responses)."""

import importlib.metadata
import os
import re
import subprocess
import sys
import xml.etree.ElementTree

import certificates
import programs
from outcome import Outcome


def h2spec(directory):
    """All cases, including the strict ones."""
    command = os.environ["H2SPEC"]
    version = subprocess.run([command, "--version"], capture_output=True, text=True, check=True).stdout.split()[1]
    result = Outcome("h2spec", version, "HTTP/2 of the listener, with TLS")
    certificates.web_configurations(directory)
    report = os.path.join(directory, "report.xml")
    flags = ["--web.config.file", f"{directory}/web.yml"]
    with programs.Simulator() as api, programs.Exporter(api.url, *flags, token=programs.TOKEN) as exporter:
        # The exit status reflects the worst case.
        subprocess.run(
            [command, "--strict", "--tls", "--insecure", "--host", "127.0.0.1", "--port", str(exporter.port), "--path", "/metrics",
             "--timeout", "10", "--junit-report", report], capture_output=True, check=False)
    for case in xml.etree.ElementTree.parse(report).getroot().iter("testcase"):
        problem = next((child for child in case if child.tag in ("failure", "error", "skipped")), None)
        name = f"{case.get('package')}: {case.get('classname')}"
        result.count(name, problem is None, " ".join((problem.text or "").split()) if problem is not None else "")
    return result


# The requests whose responses are checked, and the required statuses.
EXCHANGES = [
    (["/metrics"], 200),
    (["--head", "/metrics"], 200),
    (["--header", "Accept-Encoding: gzip", "/metrics"], 200),
    (["--header", "Accept: application/openmetrics-text;version=1.0.0", "/metrics"], 200),
    (["/metrics?collect[]=buckets"], 200),
    (["/metrics?collect[]=nothing"], 400),
    (["/"], 200),
    (["/?bucket=1"], 200),
    (["/discovery"], 200),
    (["/probe?target=nothing"], 404),
    (["/-/healthy"], 200),
    (["--head", "/-/healthy"], 200),
    (["/-/ready"], 200),
    (["/nothing"], 404),
    (["--request", "POST", "/metrics"], 405),
    (["--request", "DELETE", "/"], 405),
    (["/-/reload"], 405),
    (["--request", "POST", "/-/reload"], 403),
    (["--header", "Host:", "/metrics"], 400),
    (["--header", f"X: {'x' * 70_000}", "/metrics"], 431),
    (["--data", "body", "/metrics"], 413),
]

NOTES = re.compile(r"^\s*\* \[(WARN|BAD|ERROR)\] (.*)$", re.MULTILINE)


def httplint(directory):
    """The responses to valid and invalid requests. A case with a warning has not passed."""
    del directory
    result = Outcome("httplint", importlib.metadata.version("httplint"), "responses of every path, also to invalid requests")
    with programs.Simulator() as api, programs.Exporter(api.url, "--probe.enabled", token=programs.TOKEN) as exporter:
        for arguments, expected in EXCHANGES:
            *options, path = arguments
            response = subprocess.run(
                ["curl", "-q", "--silent", "--noproxy", "*", "--globoff", "--include", "--max-time", "60", *options,
                 f"http://127.0.0.1:{exporter.port}{path}"], capture_output=True, check=True).stdout
            name = " ".join(argument[:40] for argument in arguments)
            status = int(response.split(b" ", 2)[1])
            if status != expected:
                result.count(name, False, f"status {status} instead of {expected}")
                continue
            if "--head" in options:
                # httplint would complain about the missing body.
                response = re.sub(rb"(?im)^content-length:.*\r\n", b"", response)
            # In this interpreter, which has the package.
            script = "import sys; from httplint.cli import main; sys.argv = ['httplint', '--now']; main()"
            lint = subprocess.run([sys.executable, "-c", script], input=response, capture_output=True, check=False)
            text = lint.stdout.decode("utf-8", "replace")
            if lint.returncode or "###" not in text:
                raise RuntimeError(f"httplint failed: {lint.stderr.decode()[-500:]}")
            notes = [f"{kind}: {note}" for kind, note in NOTES.findall(text) if not (status == 400 and "didn't understand" in note)]
            result.count(name, not notes, "; ".join(notes))
    return result
