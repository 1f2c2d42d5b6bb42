"""Packs the static binary and the module for Python into a wheel.

usage: packaging/wheel.py VERSION RECUR LICENCES FOLDER
"""
import base64
import hashlib
import pathlib
import platform
import sys
import zipfile

NAME = "recur_checkpoints"
SUMMARY = "Opens, checks, runs, proves and converts LSTM, GRU and RNN checkpoints without their frameworks"


def main() -> None:
    version, binary, licences, folder = sys.argv[1:]
    root = pathlib.Path(__file__).parent
    machine = platform.machine()
    # A static binary needs no C library, so it runs beside any.
    platforms = [f"manylinux2014_{machine}", f"manylinux_2_17_{machine}", f"musllinux_1_1_{machine}"]
    tag = ".".join(platforms)
    info = f"{NAME}-{version}.dist-info"
    readme = (root / "python" / "README.md").read_text()
    metadata = (
        f"Metadata-Version: 2.1\nName: recur-checkpoints\nVersion: {version}\nSummary: {SUMMARY}\n"
        "License: Apache-2.0\nRequires-Python: >=3.9\n"
        "Classifier: Framework :: Pytest\nClassifier: Operating System :: POSIX :: Linux\n"
        "Classifier: Typing :: Typed\nDescription-Content-Type: text/markdown\n\n" + readme)
    files = {f"{NAME}/{path.name}": path.read_bytes()
             for path in sorted((root / "python" / NAME).iterdir()) if path.suffix in (".py", ".typed")}
    files[f"{NAME}-{version}.data/scripts/recur"] = pathlib.Path(binary).read_bytes()
    files[f"{info}/METADATA"] = metadata.encode()
    files[f"{info}/WHEEL"] = (
        "Wheel-Version: 1.0\nGenerator: recur\nRoot-Is-Purelib: false\n"
        + "".join(f"Tag: py3-none-{name}\n" for name in platforms)).encode()
    files[f"{info}/entry_points.txt"] = f"[pytest11]\nrecur = {NAME}.pytest_plugin\n".encode()
    files[f"{info}/licenses/LICENCES.txt"] = pathlib.Path(licences).read_bytes()
    record = ""
    for name, data in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
        record += f"{name},sha256={digest},{len(data)}\n"
    files[f"{info}/RECORD"] = (record + f"{info}/RECORD,,\n").encode()
    target = pathlib.Path(folder) / f"{NAME}-{version}-py3-none-{tag}.whl"
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as wheel:
        for name, data in files.items():
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.external_attr = (0o100755 if "/scripts/" in name else 0o100644) << 16
            wheel.writestr(entry, data, zipfile.ZIP_DEFLATED, 9)
    print(target)


main()
