"""Lists what is linked into the static binary, as CycloneDX.

usage: packaging/sbom.py VERSION
"""
import json
import pathlib
import re
import subprocess
import sys


def debian(package: str) -> str:
    return subprocess.run(
        ["dpkg-query", "-W", "-f", "${Version}", package], capture_output=True, text=True, check=True
    ).stdout


def component(name: str, version: str, licence: str, purl: str) -> dict:
    return {
        "type": "library", "name": name, "version": version, "purl": purl, "bom-ref": purl,
        "licenses": [{"license": {"id": licence}}],
    }


def main() -> None:
    version = sys.argv[1]
    root = pathlib.Path(__file__).parent.parent
    pins = json.loads((root / "Package.resolved").read_text())["pins"]
    parser = next(pin for pin in pins if pin["identity"] == "swift-argument-parser")
    parser_version = parser["state"]["version"]
    swift_text = subprocess.run(
        ["swiftc", "--version"], capture_output=True, text=True, check=True).stdout
    swift = re.search(r"Swift version (\S+)", swift_text).group(1)
    hdf5 = subprocess.run(
        ["pkg-config", "--modversion", "hdf5"], capture_output=True, text=True, check=True
    ).stdout.strip()
    zlib, libc = debian("zlib1g-dev"), debian("libc6-dev")
    parts = [
        component("swift", swift, "Apache-2.0", f"pkg:github/swiftlang/swift@swift-{swift}-RELEASE"),
        component("swift-argument-parser", parser_version, "Apache-2.0",
                  f"pkg:github/apple/swift-argument-parser@{parser_version}"),
        component("hdf5", hdf5, "BSD-3-Clause", f"pkg:generic/hdf5@{hdf5}"),
        component("zlib", zlib, "Zlib", f"pkg:deb/debian/zlib1g-dev@{zlib}"),
        component("glibc", libc, "LGPL-2.1-or-later", f"pkg:deb/debian/libc6-dev@{libc}"),
    ]
    print(json.dumps({
        "bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1,
        "metadata": {"component": {"type": "application", "name": "recur", "version": version}},
        "components": parts,
    }, indent=1))


main()
