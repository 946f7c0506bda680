"""Whatever words follow a command: it answers, or says what is wrong and where."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from pybyzer import Session, Settings
from pybyzer.commands.base import COMMANDS
from pybyzer.errors import ByzerError

RUNS_PROGRAMS = ("eval", "python", "ray", "runScript", "sh")
"""Commands whose words are programs."""

BARE = """
t db.t none a s named x _ -i -o -num -source 1 0 99 by with from as in on valued true json session conf
compact history desc delete vacuum info show tables explain sql table build range list proxy add remove
drop app - project local utils rename getmerge -ls -F __set__ .. / et params log jobs progress
"""
QUOTED = ("0.5", "a,b", "", "select 1 as a", "k=v", "a > 0", ":a == 1", "é", "../x", "${none}", "(", "*")
WORDS = [*BARE.split(), *(f"'{text}'" for text in QUOTED)]


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    place = tmp_path_factory.mktemp("words")
    settings = Settings(
        lake=str(place / "lake"), home=str(place / "home"), libraries=str(place / "libraries")
    )
    with Session(settings) as session:
        yield session


@pytest.mark.parametrize("name", [name for name in COMMANDS.names() if name not in RUNS_PROGRAMS])
def test_any_words(opened: Session, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    opened.run_text("select 1 as a, 'x' as s as t; save overwrite t as delta.`db.t`;")
    draw = random.Random(name)
    for _ in range(15):
        text = " ".join([f"!{name}", *draw.choices(WORDS, k=draw.randint(0, 5))])
        try:
            opened.run_text(f"{text};")
        except ByzerError as error:
            assert error.span is not None, text
            assert error.message, text
