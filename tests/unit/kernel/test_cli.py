"""The command line, as far as it starts no kernel."""

import itertools
import json
import sys
from pathlib import Path

import pytest

import pybyzer
from pybyzer_kernel import launch
from pybyzer_kernel.cli import main


def test_convert_there_and_back(tmp_path, capsys):
    source = tmp_path / "a.mlsqlnb"
    source.write_text(
        '[{"kind":2,"language":"mlsql","value":"select 1 as a;","outputs":[]}]', encoding="utf-8"
    )
    chain = ["a.mlsqlnb", "b.ipynb", "c.bznb", "d.ipynb", "e.mlsqlnb"]
    for one, other in itertools.pairwise(chain):
        assert main(["convert", str(tmp_path / one), str(tmp_path / other)]) == 0
    assert (tmp_path / "e.mlsqlnb").read_bytes() == source.read_bytes()
    assert "a.mlsqlnb -> " in capsys.readouterr().out


def test_convert_to_a_page(tmp_path):
    (tmp_path / "a.mlsql").write_text("select 41 + 1 as answer;", encoding="utf-8")
    assert main(["convert", str(tmp_path / "a.mlsql"), str(tmp_path / "a.html")]) == 0
    assert "<title>a</title>" in (tmp_path / "a.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["convert", "a.txt", "b.ipynb"], 'the extension ".txt" is not known'),
        (["run", "no-such.mlsqlnb"], "cannot read no-such.mlsqlnb"),
        (["run", "x.mlsql", "--param", "a"], "--param must be name=value"),
        (["run", "x.mlsql", "--output", "a.txt"], 'the extension ".txt" is not known'),
        (["run", "x.mlsql", "--output", "a.mlsql"], "a script holds no results"),
        (["run", "x.mlsql", "--output", "no/such/a.ipynb"], "there is no directory"),
        (["serve"], "pybyzer serve is not in this release"),
    ],
)
def test_a_wrong_command_is_told_before_any_work(arguments, words, capsys):
    assert main(arguments) == 2
    assert words in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [[], ["runn"], ["run"], ["convert", "a"]])
def test_usage_errors(arguments, capsys):
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert "usage: pybyzer" in capsys.readouterr().err


def test_version(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"pybyzer {pybyzer.__version__}\n"


def test_our_kernelspec_names_this_interpreter():
    with launch.spec_directory() as directory:
        spec = json.loads(Path(directory, "kernels", "pybyzer", "kernel.json").read_text(encoding="utf-8"))
    assert spec["argv"][0] == sys.executable
    assert spec["language"] == "byzer"
