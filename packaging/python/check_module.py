"""What the module for Python promises; packaging/check runs it against the installed wheel."""
import os
import pathlib

import pytest
import recur_checkpoints as recur

pytest_plugins = ["pytester"]
DATA = pathlib.Path(os.environ["TESTDATA"])
MODEL = DATA / "keras3" / "lstm_last.h5"
GOLDEN = DATA / "keras3" / "lstm_last.golden.npz"
OTHER = DATA / "keras3" / "lstm_unroll_implementation1.golden.npz"


def test_validate():
    report = recur.validate(MODEL, golden=GOLDEN)
    assert report["verdict"] == "PASS"
    assert report["outputs"][0]["matches"]
    assert recur.validate(MODEL, golden=OTHER)["verdict"] == "FAIL"
    with pytest.raises(recur.Failure, match="file.unreadable") as caught:
        recur.validate("nowhere.h5")
    assert caught.value.status == 2
    many = recur.validate(MODEL, "nowhere.h5")
    assert [one["status"] for one in many["files"]] == [0, 2]
    with pytest.raises(recur.Failure):
        recur.validate(MODEL, no_such_option=True)


def test_convert_and_inspect(tmp_path):
    target = tmp_path / "m.pt"
    recur.convert(MODEL, target, module=tmp_path / "m.py")
    assert "torch" in (tmp_path / "m.py").read_text()
    assert recur.inspect(target)["tensors"]
    with pytest.raises(recur.Failure, match="file.exists"):
        recur.convert(MODEL, target)
    recur.convert(MODEL, target, force=True)


def test_fixture_passes(assert_checkpoint):
    assert_checkpoint(MODEL, golden=GOLDEN)


def test_fixture_fails_with_the_text_of_the_command(pytester):
    pytester.makepyfile(f"""
        def test_model(assert_checkpoint):
            assert_checkpoint({str(MODEL)!r}, golden={str(OTHER)!r})
    """)
    result = pytester.runpytest_subprocess()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*error[[]verify.mismatch[]]*"])
