"""testssl.sh."""

import json
import os
import re
import subprocess

import certificates
import programs
from outcome import Outcome

# Findings about the certificate that the script creates for localhost, about the resolver and about the tool itself.
NOT_OURS = {"engine_problem", "cert_revocation", "DNS_CAArecord", "scanTime", "cert_expirationStatus", "cert_validityPeriod"}

CBC = ("The suites with CBC are for clients without AEAD, and only TLS 1.2 uses them; they are the same as Go's, and BoringSSL checks their padding in "
       "constant time. `cipher_suites` of the web configuration leaves them out.")
REASONS = {
    "cipherlist_AVERAGE": CBC,
    "LUCKY13": CBC,
    "cipher_order": "The client's order counts, as in the exporter-toolkit since Go 1.17: every suite that is offered has forward secrecy, and clients without "
                    "AES in hardware choose ChaCha20.",
}
PASSED = {"OK", "INFO"}


def testssl(directory):
    """Everything except the lists of cipher suites by version, with a certificate from an authority created for the run."""
    command = next(name for name in ("testssl", "testssl.sh") if subprocess.run(["which", name], capture_output=True).returncode == 0)
    text = subprocess.run([command, "--version"], capture_output=True, text=True, check=False).stdout
    version = re.search(r"testssl(?:\.sh)?\s+([\d.]+)", re.sub(r"\x1b\[[0-9;]*m", "", text)).group(1)
    result = Outcome("testssl.sh", version, "TLS of the listener, with a certificate of a known authority and HSTS configured; a case is a finding")
    authority = certificates.web_configurations(directory)
    report = os.path.join(directory, "report.json")
    flags = ["--web.config.file", f"{directory}/web-headers.yml"]
    with programs.Simulator() as api, programs.Exporter(api.url, *flags, token=programs.TOKEN) as exporter:
        subprocess.run(
            [command, "--quiet", "--color", "0", "--warnings", "off", "--nodns", "none", "--openssl-timeout", "20", "--add-ca", authority,
             "--protocols", "--standard", "--fs", "--server-preference", "--server-defaults", "--headers", "--vulnerable",
             "--client-simulation", "--jsonfile", report, f"localhost:{exporter.port}"],
            capture_output=True, check=False, stdin=subprocess.DEVNULL)
    with open(report, encoding="utf-8") as file:
        findings = json.load(file)
    for finding in findings:
        name, severity = finding["id"], finding["severity"]
        if name.split(" ")[0] in NOT_OURS:
            continue
        result.count(name, severity in PASSED, f"{severity}: {finding['finding']}", REASONS.get(name.split(" ")[0]))
    return result
