"""``pybyzer run`` with real kernels: output as it comes, parameters, failures, the stop key."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from pybyzer_kernel.cli import main
from pybyzer_kernel.launch import environment, spec_directory
from pybyzer_kernel.notebooks.formats import read_notebook


def written(folder: Path, name: str, *cells: str) -> str:
    path = folder / name
    path.write_text("\n-- %%\n".join(cells), encoding="utf-8")
    return str(path)


def test_results_and_streams_are_shown(tmp_path, capsys):
    path = written(
        tmp_path,
        "a.mlsql",
        "select 41 + 1 as answer as t;",
        '#%ipython\nprint("from here")',
        "!println '''there''';",
    )
    assert main(["run", path]) == 0
    shown = capsys.readouterr().out
    assert "[1/3] select 41 + 1 as answer as t;\n" in shown
    assert "answer\n" in shown
    assert "\nfrom here\n" in shown
    assert "there" in shown
    assert "a.mlsql: 3 cells, " in shown


def test_the_working_directory_need_not_be_the_notebooks(tmp_path, capsys, monkeypatch):
    notebooks, elsewhere = tmp_path / "notebooks", tmp_path / "elsewhere"
    notebooks.mkdir()
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    assert main(["run", written(notebooks, "a.mlsql", "!sh pwd;")]) == 0
    assert str(notebooks) in capsys.readouterr().out


def test_parameters_reach_the_cells_and_only_the_executed_copy(tmp_path, capsys):
    path = written(tmp_path, "a.mlsql", 'set name = "nobody";', "select '${name}' as hello as t;")
    before = Path(path).read_bytes()
    executed = str(tmp_path / "b.mlsqlnb")
    assert main(["run", path, "--param", 'name=O"Hara', "--output", executed]) == 0
    assert Path(path).read_bytes() == before
    assert 'O"Hara' in capsys.readouterr().out
    nb = read_notebook(executed)
    assert [cell.source for cell in nb.cells][1] == "set name='''O\"Hara''';"
    assert nb.cells[1].metadata.tags == ["injected-parameters"]
    table = json.loads(nb.cells[2].outputs[0].data["x-application/mlsql-notebook"])
    assert table["data"] == [{"hello": 'O"Hara'}]
    assert main(["run", executed, "--param", "name=you", "--output", str(tmp_path / "c.html")]) == 0
    assert len(read_notebook(executed).cells) == 3
    assert ">you</td>" in (tmp_path / "c.html").read_text(encoding="utf-8")


def test_the_first_error_ends_the_run_and_is_kept(tmp_path, capsys):
    path = written(
        tmp_path, "a.mlsql", "select 1 as a as t;", "select b from t as u;", "select 3 as never as v;"
    )
    executed = str(tmp_path / "a.ipynb")
    assert main(["run", path, "--output", executed]) == 1
    shown = capsys.readouterr().out
    assert "EngineError" in shown or "UnknownName" in shown
    assert "--> cell 1:8" in shown
    assert "never" not in shown
    kinds = [[output.output_type for output in cell.outputs] for cell in read_notebook(executed).cells]
    assert kinds == [["display_data"], ["error"], []]


def test_a_cell_that_takes_too_long(tmp_path, capsys):
    path = written(tmp_path, "a.mlsql", "#%ipython\nimport time; time.sleep(60)")
    assert main(["run", path, "--timeout", "1"]) == 1
    assert "cell 1 took longer than 1 s" in capsys.readouterr().err


def test_a_kernel_that_dies(tmp_path, capsys):
    path = written(tmp_path, "a.mlsql", "select 1 as a;", "#%ipython\nimport os; os._exit(3)")
    assert main(["run", path]) == 1
    assert "the kernel died in cell 2" in capsys.readouterr().err


def test_ctrl_c_stops_the_cell_and_what_it_started(tmp_path):
    marker = tmp_path / "pid"
    path = written(tmp_path, "a.mlsql", f"!sh script '''echo $$ > {marker}; echo started; exec sleep 600''';")
    run = subprocess.Popen(
        [sys.executable, "-m", "pybyzer_kernel.cli", "run", path],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, **environment()},
        start_new_session=True,
    )
    assert run.stdout is not None
    for line in run.stdout:
        if line == "started\n":
            break
    run.send_signal(signal.SIGINT)
    rest, _ = run.communicate(timeout=30)
    assert run.returncode == 130
    assert "Interrupted" in rest
    with pytest.raises(ProcessLookupError):
        os.kill(int(marker.read_text()), 0)


@pytest.mark.parametrize(
    ("exporter", "extension"), [("MlsqlnbExporter", ".mlsqlnb"), ("ByzerHTMLExporter", ".html")]
)
def test_nbconvert_executes_our_files(exporter, extension, tmp_path):
    source = tmp_path / "a.mlsqlnb"
    source.write_text(
        '[{"kind":2,"language":"mlsql","value":"select 41 + 1 as b as t;","outputs":[]}]', encoding="utf-8"
    )
    with spec_directory() as directory:
        env = {**os.environ, **environment(), "JUPYTER_PATH": directory}
        to = f"pybyzer_kernel.notebooks.exporters.{exporter}"
        command = [sys.executable, "-m", "nbconvert", "--to", to, "--execute", str(source), "--output", "b"]
        done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "42" in (tmp_path / f"b{extension}").read_text(encoding="utf-8")
