"""Opens, checks and converts checkpoints of recurrent networks, by the command ``recur``.

Every function runs the binary of this package and returns its report: the JSON that
``--format json`` prints. An option is given by its name on the command line, with ``_`` for ``-``:
``validate("m.h5", golden="g.npz", atol=1e-5, strict=True)``.
"""
from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
from typing import Any, Dict, List, Sequence, Union

__all__ = ["Failure", "assert_checkpoint", "convert", "executable", "inspect", "run", "validate"]

PathLike = Union[str, "os.PathLike[str]"]
Report = Dict[str, Any]


class Failure(RuntimeError):
    """The command could not do what it was asked for; ``report`` is what it said, ``status`` its exit status."""

    def __init__(self, status: int, report: Report, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.report = report


def executable() -> str:
    """The path of the binary: where this package was installed to, or else on ``PATH``."""
    folders = [sysconfig.get_path("scripts"), os.path.dirname(sys.executable)]
    if hasattr(sysconfig, "get_preferred_scheme"):
        folders.append(sysconfig.get_path("scripts", sysconfig.get_preferred_scheme("user")))
    # pip install --target puts scripts beside the package.
    folders.append(os.path.join(os.path.dirname(os.path.dirname(__file__)), "bin"))
    for folder in folders:
        path = os.path.join(folder, "recur")
        if os.access(path, os.X_OK):
            return path
    found = shutil.which("recur")
    if found is None:
        raise FileNotFoundError("the command 'recur' is not where this package was installed to")
    return found


def run(arguments: Sequence[PathLike]) -> "subprocess.CompletedProcess[str]":
    """Runs the command with ``arguments``; nothing is raised whatever its status is."""
    return subprocess.run(
        [executable(), *[os.fspath(argument) for argument in arguments]],
        capture_output=True, text=True, errors="replace", check=False)


def validate(*paths: PathLike, **options: Any) -> Report:
    """Checks checkpoints: shapes, finite numbers, and with ``golden=`` recorded outputs.

    The report has ``verdict``: PASS, READ, or FAIL where something does not hold. A file that can't be read
    raises ``Failure`` when it is the only one.
    """
    return _report("validate", paths, options, accepted=(0, 1) if len(paths) == 1 else (0, 1, 2))


def convert(source: PathLike, target: PathLike, **options: Any) -> Report:
    """Writes the model in ``source`` to ``target``, whose ending names the format.

    Raises ``Failure`` when nothing was written.
    """
    return _report("convert", (source, target), options, accepted=(0,))


def inspect(path: PathLike, **options: Any) -> Report:
    """Lists what is in a file: format, version, layers, tensors."""
    return _report("inspect", (path,), options, accepted=(0,))


def assert_checkpoint(path: PathLike, **options: Any) -> None:
    """Fails with the text of ``recur validate`` unless the checkpoint holds."""
    __tracebackhide__ = True
    result = run(["validate", path, *_words(options)])
    if result.returncode != 0:
        raise AssertionError((result.stdout + result.stderr).rstrip())


def _report(
    command: str, paths: Sequence[PathLike], options: Dict[str, Any], accepted: Sequence[int]
) -> Report:
    arguments: List[PathLike] = [command, *paths, *_words(options)]
    result = run([*arguments, "--format", "json"])
    try:
        report: Report = json.loads(result.stdout)
    except ValueError:
        raise Failure(result.returncode, {}, result.stderr or result.stdout) from None
    if result.returncode not in accepted:
        text = "\n".join(
            f"{found['severity']}[{found['code']}]: {found['message']}"
            for found in report.get("diagnostics", []))
        raise Failure(result.returncode, report, text or result.stderr)
    return report


def _words(options: Dict[str, Any]) -> List[str]:
    """The options as words of a command line."""
    words: List[str] = []
    for name, value in options.items():
        option = "--" + name.replace("_", "-")
        values = value if isinstance(value, (list, tuple)) else [value]
        for one in values:
            if one is None or one is False:
                continue
            if one is True:
                words.append(option)
            else:
                words.append(f"{option}={os.fspath(one) if isinstance(one, os.PathLike) else one}")
    return words
