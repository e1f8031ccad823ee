"""Prints the SBOM of a built exporter, as SPDX 2.3 in JSON; scripts/package.sh calls it:

    sbom.py BINARY INSTALLED VERSION REVISION SWIFT-VERSION SOURCE-DATE-EPOCH

BINARY is in the directory of its build; INSTALLED is the file that is packaged, whose checksum the SBOM has. It lists the Swift packages that the build resolved, the C libraries that these contain, Swift's runtime, and the Debian packages of the shared
libraries that the program needs, with the versions installed here. The same inputs give the same bytes: nothing else, such as a time or a
directory, gets into it. A library whose package, version or licence is unknown is an error.
"""

import hashlib
import json
import os
import re
import subprocess
import sys
from datetime import datetime, timezone

CHECKOUT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
# The SPDX names of the licences in deploy/debian/copyright.
LICENCES = {
    "Apache-2.0": "Apache-2.0",
    "Apache-2.0-with-runtime-library-exception": "Apache-2.0 WITH Swift-exception",
    "MIT": "MIT",
    "Expat": "MIT",
}


def output(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True, env={**os.environ, "LC_ALL": "C"}).stdout


def licences():
    """The licence of each library that deploy/debian/copyright names."""
    found = {}
    with open(os.path.join(CHECKOUT, "deploy/debian/copyright"), encoding="utf-8") as file:
        for paragraph in file.read().split("\n\n"):
            files = re.search(r"^Files:((?:.|\n )*)", paragraph, re.MULTILINE)
            licence = re.search(r"^License: *(.*)", paragraph, re.MULTILINE)
            if files and licence:
                found.update((name, LICENCES[licence[1]]) for name in files[1].split() if licence[1] in LICENCES)
    return found


def swift_packages(build):
    """The packages that the build in a directory has resolved: name, location, revision and version of each."""
    state = os.path.join(build, "workspace-state.json")
    if not os.path.exists(state):
        sys.exit(f"sbom.py: error: {state} is missing: without the build's directory its versions are unknown")
    with open(state, encoding="utf-8") as file:
        dependencies = json.load(file)["object"]["dependencies"]
    pins = [(one["packageRef"]["identity"], one["packageRef"]["location"], one["state"]["checkoutState"]) for one in dependencies]
    return sorted((name, location, state["revision"], state.get("version", "")) for name, location, state in pins)


def bundled(build, packages):
    """Libraries in C whose sources these Swift packages contain: the package, the library and its version."""
    for package, library, path, patterns in [
        ("swift-nio-ssl", "boringssl", "Sources/CNIOBoringSSL/hash.txt", [r"\b([0-9a-f]{40})\b"]),
        (
            "swift-nio", "llhttp", "Sources/CNIOLLHTTP/include/c_nio_llhttp.h",
            [rf"LLHTTP_VERSION_{part} ([0-9]+)" for part in ("MAJOR", "MINOR", "PATCH")],
        ),
    ]:
        if package not in packages:
            continue
        file = os.path.join(build, "checkouts", package, path)
        text = ""
        if os.path.exists(file):
            with open(file, encoding="utf-8") as opened:
                text = opened.read()
        parts = [re.search(pattern, text) for pattern in patterns]
        if not all(parts):
            sys.exit(f"sbom.py: error: {file} does not name the version of {library}: adapt bundled()")
        yield package, library, ".".join(part[1] for part in parts)


def debian_packages(binary):
    """The Debian packages of the shared libraries that a program links directly: name, version and architecture of each."""
    needed = re.findall(r"^ +NEEDED +(\S+)", output("objdump", "-p", binary), re.MULTILINE)
    paths = dict(re.findall(r"^\s*(\S+) => (/\S+)", output("ldd", binary), re.MULTILINE))
    if missing := [name for name in needed if name not in paths and not name.startswith("ld-linux")]:
        sys.exit(f"sbom.py: error: {binary} needs {', '.join(missing)}, which ldd does not find: install it")
    found = set()
    for name in needed:
        path = paths.get(name)
        # Swift's runtime is listed as a whole. The loader belongs to the C library, which is listed.
        if not path or "/lib/swift/" in path:
            continue
        for candidate in (path, os.path.realpath(path), "/usr" + path, path.removeprefix("/usr")):
            owner = subprocess.run(["dpkg-query", "--search", candidate], capture_output=True, text=True)
            if owner.returncode == 0:
                package = owner.stdout.partition(": ")[0].split(",")[0]
                found.add(tuple(output("dpkg-query", "--show", "--showformat", "${Package} ${Version} ${Architecture}", package).split()))
                break
        else:
            sys.exit(f"sbom.py: error: {path}, which {binary} needs, belongs to no Debian package: install the library's package")
    return sorted(found)


def licence_of(name, known):
    """The licence of a library that is part of the program."""
    if name not in known:
        sys.exit(f"sbom.py: error: deploy/debian/copyright does not name {name}: add its copyright and licence")
    return known[name]


def package(name, version, *, location="NOASSERTION", licence="NOASSERTION", purl=None, purpose="LIBRARY"):
    described = {
        "SPDXID": "SPDXRef-Package-" + re.sub(r"[^A-Za-z0-9.-]", "-", name),
        "name": name,
        "supplier": "NOASSERTION",
        "downloadLocation": location,
        "filesAnalyzed": False,
        "licenseConcluded": "NOASSERTION",
        "licenseDeclared": licence,
        "copyrightText": "NOASSERTION",
        "primaryPackagePurpose": purpose,
    }
    if version:
        described["versionInfo"] = version
    if purl:
        described["externalRefs"] = [{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": purl}]
    return described


def distribution():
    with open("/etc/os-release", encoding="utf-8") as file:
        fields = dict(line.rstrip("\n").split("=", 1) for line in file if "=" in line)
    return fields.get("ID", "debian").strip('"'), fields.get("VERSION_ID", "").strip('"')


def document(binary, installed, version, revision, swift, epoch):
    # A program is two directories below the build's directory.
    build = os.path.abspath(os.path.join(binary, "../../.."))
    known = licences()
    exporter = package("flashback-exporter", version, purpose="APPLICATION", licence="NONE")
    with open(installed, "rb") as file:
        exporter["checksums"] = [{"algorithm": "SHA256", "checksumValue": hashlib.file_digest(file, "sha256").hexdigest()}]
    exporter["sourceInfo"] = "built from revision " + revision
    packages = [exporter]
    relationships = []

    def add(added, relation, origin=exporter):
        packages.append(added)
        relationships.append((origin["SPDXID"], relation, added["SPDXID"]))

    for name, location, commit, tag in swift_packages(build):
        repository = location.removesuffix(".git")
        purl = "pkg:swift/" + repository.removeprefix("https://") + "@" + (tag or commit)
        licence = licence_of(name, known)
        add(package(name, tag or commit, location=f"git+{repository}.git@{commit}", licence=licence, purl=purl), "DEPENDS_ON")
    by_name = {one["name"]: one for one in packages}
    for container, library, library_version in bundled(build, by_name):
        add(package(library, library_version, licence=licence_of(library, known)), "CONTAINS", by_name[container])
    add(package("swift", swift, licence=licence_of("swift", known), location="https://www.swift.org/install"), "DEPENDS_ON")
    system, release = distribution()
    for name, installed, architecture in debian_packages(binary):
        purl = f"pkg:deb/{system}/{name}@{installed.replace('+', '%2B').replace(':', '%3A')}?arch={architecture}&distro={system}-{release}"
        add(package(name, installed, purl=purl), "DYNAMIC_LINK")
    content = {
        "packages": packages,
        "relationships": [
            {"spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES", "relatedSpdxElement": exporter["SPDXID"]},
            *(
                {"spdxElementId": origin, "relationshipType": relation, "relatedSpdxElement": target}
                for origin, relation, target in relationships
            ),
        ],
    }
    # Different for different contents, as SPDX requires, and the same for the same contents.
    digest = hashlib.sha256(json.dumps([version, revision, content]).encode()).hexdigest()
    return {
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": f"flashback-exporter-{version}",
        "documentNamespace": f"https://spdx.org/spdxdocs/flashback-exporter-{version}-{digest}",
        "creationInfo": {
            "created": datetime.fromtimestamp(int(epoch), timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "creators": ["Tool: flashback-exporter-sbom"],
        },
        **content,
    }


if __name__ == "__main__":
    if len(sys.argv) != 7:
        sys.exit(__doc__)
    json.dump(document(*sys.argv[1:]), sys.stdout, indent=2)
    print()
