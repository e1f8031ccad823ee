"""Makes authorities and certificates with openssl, for the servers of tests."""

import pathlib
import subprocess

KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
# testssl.sh's requirements on a server's certificate, besides names.
USAGE = "keyUsage=critical,digitalSignature\nextendedKeyUsage=serverAuth\n"


def authority(directory, name="ca"):
    """Makes an authority, NAME.pem and NAME.key. Returns the path of its certificate."""
    _openssl(directory, "req", "-x509", *KEY, "-days", "90", "-subj", f"/CN=authority {name} of tests", "-keyout", f"{name}.key",
             "-out", f"{name}.pem", "-addext", "keyUsage=critical,keyCertSign,cRLSign")  # fmt: skip
    return f"{directory}/{name}.pem"


def certificate(directory, name, names, signer="ca"):
    """Makes a server's certificate, NAME.crt and NAME.key, for names such as DNS:localhost. Returns the paths of both."""
    extensions = pathlib.Path(directory, f"{name}.ext")
    extensions.write_text(f"subjectAltName={names}\n{USAGE}", "ascii")
    _openssl(directory, "req", *KEY, "-subj", f"/CN={names.split(',')[0].partition(':')[2]}", "-keyout", f"{name}.key", "-out", f"{name}.csr")
    _openssl(directory, "x509", "-req", "-in", f"{name}.csr", "-CA", f"{signer}.pem", "-CAkey", f"{signer}.key", "-CAcreateserial",
             "-days", "90", "-extfile", extensions.name, "-out", f"{name}.crt")  # fmt: skip
    return f"{directory}/{name}.crt", f"{directory}/{name}.key"


def web_configurations(directory):
    """Makes an authority, a certificate of localhost, and two web configurations with it: web.yml, and web-headers.yml with the
    header that makes browsers insist on TLS. Returns the path of the authority."""
    trusted = authority(directory)
    certificate(directory, "server", "DNS:localhost,IP:127.0.0.1")
    tls = "tls_server_config: {cert_file: server.crt, key_file: server.key}\n"
    pathlib.Path(directory, "web.yml").write_text(tls, "ascii")
    pathlib.Path(directory, "web-headers.yml").write_text(
        tls + "http_server_config: {headers: {Strict-Transport-Security: max-age=31536000}}\n", "ascii")
    return trusted


def _openssl(directory, *arguments):
    subprocess.run(["openssl", *arguments], check=True, capture_output=True, cwd=directory)
