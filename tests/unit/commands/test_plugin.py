"""!plugin: built-in names answer, others are unknown."""

from __future__ import annotations

import pytest

from pybyzer.errors import BadOption, UnknownName
from tests.unit.commands.conftest import Notebook


@pytest.mark.parametrize(
    ("words", "end"),
    [
        ('app remove "mlsql-shell-3.0"', "it stays"),
        ('app add - "mlsql-shell-3.0"', "nothing to install"),
        ('app add "tech.mlsql.plugins.shell.app.MLSQLShell" "mlsql-shell-3.3:0.1.0"', "nothing to install"),
        ('app add - "mlsql-shell_2.12" named shell', "nothing to install"),
    ],
)
def test_built_in(notebook: Notebook, words: str, end: str) -> None:
    (row,) = notebook.run(f"!plugin {words};")
    assert row["status"] == f"built in: !sh, !copyFromLocal; {end}"


def test_list(notebook: Notebook) -> None:
    assert "mlsql-assert" in [row["name"] for row in notebook.run("!plugin list;")]
    assert notebook.run("!plugin app list;") == notebook.run("!plugin list;")


def test_unknown(notebook: Notebook) -> None:
    with pytest.raises(UnknownName, match=r'no plug-in "mlsql-shel-3.0"') as caught:
        notebook.run('!plugin app add - "mlsql-shel-3.0";')
    assert "mlsql-shell" in str(caught.value.hint)
    with pytest.raises(BadOption, match='"apps" is no kind of plug-in'):
        notebook.run('!plugin apps add - "mlsql-shell-3.0";')
    with pytest.raises(BadOption, match='"ad" is not add, remove or list'):
        notebook.run('!plugin app ad - "mlsql-shell-3.0";')
