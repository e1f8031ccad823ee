"""The tests of prometheus/exporter-toolkit for files of web configuration."""

import os
import re
import subprocess

import programs
from outcome import Outcome

# Errors in the toolkit's tests that a server reports at its start; the others are reported to clients.
START_ERRORS = {
    "No such file", "YAML error", "Invalid Cert or CertPath", "Invalid Key or KeyPath", "ClientCA set without policy", "Bad password",
    "Unknown cipher", "Unknown curve", "Unknown TLS version", "No HTTP2 cipher", "Invalid value", "Invalid header", "Invalid ClientAuth",
}
# Go's names of cipher suites with OpenSSL's.
CIPHERS = {
    "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256": "ECDHE-RSA-AES128-GCM-SHA256",
    "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384": "ECDHE-RSA-AES256-GCM-SHA384",
    "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA": "ECDHE-RSA-AES256-SHA",
}
CURVES = {"tls.CurveP256": "P-256", "tls.CurveP384": "P-384", "tls.CurveP521": "P-521", "tls.X25519": "X25519"}


def cases(source):
    """The entries of the tables in web/tls_config_test.go."""
    for entry in re.findall(r"\n\t\t\{\n(\t\t\tName: .*?)\n\t\t\},", source, re.DOTALL):
        fields = dict(re.findall(r"^\t\t\t(\w+):\s+(.*?),?$", entry, re.MULTILINE))
        fields["Name"] = fields["Name"].strip("`\"")
        suites = re.search(r"CipherSuites:\s+\[\]uint16\{(.*?)\}", entry, re.DOTALL)
        fields["CipherSuites"] = [CIPHERS[name] for name in re.findall(r"tls\.(\w+)", suites.group(1))] if suites else []
        curves = re.search(r"CurvePreferences:\s+\[\]tls\.CurveID\{(.*?)\}", entry, re.DOTALL)
        fields["CurvePreferences"] = [CURVES[name.strip()] for name in curves.group(1).split(",")] if curves else []
        error = re.search(r'ErrorMap\["(.*?)"\]', fields.get("ExpectedError", ""))
        fields["ExpectedError"] = error.group(1) if error else None
        yield fields


def request(case, port, folder):
    """Makes the request of the case's client. Returns whether the answer was 200, and the output."""
    secure = case.get("UseTLSClient") == "true"
    arguments = ["curl", "-q", "--silent", "--show-error", "--verbose", "--noproxy", "*", "--max-time", "600", "--insecure", "--output", "/dev/null",
                 "--write-out", "%{http_code}"]
    suites = ":".join(case["CipherSuites"])
    if suites:
        # The suites of TLS 1.3 cannot be chosen in Go either.
        arguments += ["--ciphers", suites, "--tls-max", "1.2"]
    if case.get("ClientMaxTLSVersion") == "tls.VersionTLS11":
        # Otherwise curl itself would refuse the version.
        arguments += ["--tls-max", "1.1", "--tlsv1.0", "--ciphers", "DEFAULT@SECLEVEL=0"]
    if case["CurvePreferences"]:
        arguments += ["--curves", ":".join(case["CurvePreferences"])]
    if "ClientCertificate" in case:
        name = case["ClientCertificate"].strip('"')
        arguments += ["--cert", f"{folder}/testdata/{name}.pem", "--key", f"{folder}/testdata/{name}.key"]
    if "Username" in case:
        arguments += ["--user", ":".join(case[key].strip('"') for key in ("Username", "Password"))]
    # The toolkit's test counts from zero.
    for _ in range(int(case.get("Requests", 0)) + 1):
        curl = subprocess.run(
            [*arguments, f"{'https' if secure else 'http'}://127.0.0.1:{port}/metrics"], capture_output=True, text=True, check=False)
        if curl.stdout != "200":
            return False, f"status {curl.stdout} {curl.stderr.strip().splitlines()[-1]}"
        actual = CIPHERS.get(case.get("ActualCipher", "").removeprefix("tls."))
        if actual and actual not in curl.stderr:
            return False, "another cipher suite"
    return True, "200"


def matches(error, said):
    """Whether a client was rejected as expected."""
    status = {"Unauthorized": "status 401", "Too Many Requests": "status 429"}.get(error)
    return status in said if status else "status 000" in said or "status 400" in said


def exporter_toolkit(directory):
    """The entries of its tables, each with a server that starts with the file, and the table's client."""
    del directory
    folder = os.path.join(os.environ["EXPORTER_TOOLKIT"], "web")
    with open(f"{folder}/tls_config_test.go", encoding="utf-8") as file:
        entries = list(cases(file.read()))
    result = Outcome("exporter-toolkit", os.environ["EXPORTER_TOOLKIT_VERSION"], "files of web configuration, and clients of servers with them")
    with programs.Simulator() as api:
        for case in entries:
            path, error = case["YAMLConfigPath"].strip('"'), case["ExpectedError"]
            flags = ["--web.config.file", f"{folder}/{path}"] if path else []
            check = subprocess.run(
                [programs.path("flashback-exporter"), "--config.check", *flags], capture_output=True, text=True, check=False,
                env={**programs.environment(), "FLASHBACK_TOKEN": programs.TOKEN})
            said = check.stderr.strip()
            if error in START_ERRORS or check.returncode:
                result.count(case["Name"], error in START_ERRORS and check.returncode == 2 and said.count("\n") == 0, said or "accepted")
                continue
            with programs.Exporter(api.url, *flags, token=programs.TOKEN) as exporter:
                answered, said = request(case, exporter.port, folder)
            result.count(case["Name"], answered if error is None else not answered and matches(error, said), said)
    return result
