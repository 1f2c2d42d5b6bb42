"""Validators from PyPI judge the reports of `recur`.

usage: judge_reports.py RECUR TESTDATA [JUNIT_XSD]

Needs jsonschema, junitparser and sarif-pydantic, with the schema also xmlschema. JUNIT_XSD is the schema of the
Jenkins plugin xUnit, which the source distribution of pytest holds (testing/example_scripts/junit-10.xsd).

Judged are the reports of single files, of every folder of TESTDATA at once, of wrong usage and of a file whose
name and tensors have quotes, control characters and the delimiters of every format in them.
"""
import json
import os
import struct
import subprocess
import sys
import tempfile

import jsonschema
from junitparser import JUnitXml
from sarif_pydantic import Sarif

recur, testdata = (os.path.abspath(p) for p in sys.argv[1:3])
xsd = sys.argv[3] if len(sys.argv) > 3 else None
docs = os.path.join(os.path.dirname(testdata), "docs", "schema")
REPORT = json.load(open(os.path.join(docs, "report.json")))
BASELINE = json.load(open(os.path.join(docs, "baseline.json")))
for schema in (REPORT, BASELINE):
    jsonschema.Draft202012Validator.check_schema(schema)
LINE = {"$ref": "#/$defs/line", "$defs": REPORT["$defs"]}


def hostile(folder):
    name = "a\"b'<c>&]]>|::error title=x::%0A,\a\x1b[31m\n`\u00e9\u202e"
    header, data = {}, b""
    for leaf, shape in (("weight", [2, 2]), ("bias", [2])):
        count = 4 * int(shape[0] * (shape[1] if len(shape) > 1 else 1))
        header[name + "." + leaf] = {"dtype": "F32", "shape": shape, "data_offsets": [len(data), len(data) + count]}
        data += b"\x00\x00\xc0\x7f" * (count // 4)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    path = os.path.join(folder, "we|ird ::warning::,a=%25\n]]>&`<\u00e9>.safetensors")
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + data)
    return path


def report(form, arguments):
    run = subprocess.run([recur] + arguments + ["--format", form], capture_output=True, text=True, cwd=testdata)
    return run.stdout, run.returncode


def judge(arguments):
    text, status = report("json", arguments)
    value = json.loads(text)
    jsonschema.validate(value, REPORT)
    assert value["status"] == status
    lines, _ = report("ndjson", arguments)
    for line in lines.splitlines():
        jsonschema.validate(json.loads(line), LINE)
    text, _ = report("junit", arguments)
    suites = JUnitXml.fromstring(text.encode())
    assert suites.tests == sum(1 for suite in suites for _ in suite)
    if xsd:
        import xmlschema
        xmlschema.XMLSchema(xsd).validate(text)
    text, _ = report("sarif", arguments)
    log = Sarif.model_validate_json(text)
    return len(log.runs[0].results), suites.tests


with tempfile.TemporaryDirectory() as scratch:
    baseline = os.path.join(scratch, "known.json")
    runs = [["validate", "keras3/lstm_last.h5"], ["validate", "broken/all_problems_at_once.h5"], ["validate"],
            ["validate", "missing.h5"], ["validate", hostile(scratch)], ["validate", scratch],
            ["inspect", "keras3/lstm_last.h5"], ["summary", "keras3/lstm_last.h5"], ["formats"], ["explain", "--list"],
            ["validate", "keras3", "--goldens"], ["validate", ".", "--strict", "--write-baseline", baseline]]
    for arguments in runs:
        results, cases = judge(arguments)
        print("%-60s %5d results %5d cases" % (" ".join(arguments).replace(scratch, "HOSTILE")[:60], results, cases))
    jsonschema.validate(json.load(open(baseline)), BASELINE)
print("all reports are valid")
