"""Runs third-party test suites against the programs; see scripts/conformance.sh."""

import os
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "harness"))

import configuration  # noqa: E402
import documents  # noqa: E402
import http_suites  # noqa: E402
import load  # noqa: E402
import outcome  # noqa: E402
import tls  # noqa: E402

SUITES = {
    "h2spec": http_suites.h2spec,
    "h2load": load.h2load,
    "slowhttptest": load.slowhttptest,
    "httplint": http_suites.httplint,
    "testssl.sh": tls.testssl,
    "exporter-toolkit": configuration.exporter_toolkit,
    "JSONTestSuite": documents.json_test_suite,
    "Schemathesis": documents.schemathesis,
}


def main(names):
    unknown = [name for name in names if name not in SUITES]
    if unknown:
        sys.exit(f"conformance.sh: error: there is no suite {unknown[0]!r}; there are {', '.join(SUITES)}")
    outcomes = []
    for name in names or SUITES:
        print(f"Running {name}.", file=sys.stderr, flush=True)
        with tempfile.TemporaryDirectory(prefix="conformance-") as directory:
            result = SUITES[name](directory)
        result.suite = name
        outcomes.append(result)
        print(result.row(), flush=True)
        for row in result.reasons():
            print(row)
        for failure in result.failures[:40]:
            print(f"not passed: {failure}", file=sys.stderr)
    failed = [result.suite for result in outcomes if result.failures or not result.cases]
    if failed:
        sys.exit(f"conformance.sh: error: {', '.join(failed)} found what docs/conformance.md does not list; it was not changed")
    outcome.write("docs/conformance.md", outcomes, list(SUITES))


if __name__ == "__main__":
    main(sys.argv[1:])
