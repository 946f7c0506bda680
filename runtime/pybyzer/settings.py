"""One frozen dataclass of settings: file, then environment, then ``set ... where type="conf"``.

The file is ``pybyzer.toml`` in the working directory or a parent; ``.mlsql.config`` of VS Code projects
is read too (``engine.home``, ``user.owner``). Each field is documented in ``docs/settings.md``.
"""

from __future__ import annotations

import dataclasses
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from pybyzer.errors import BadOption
from pybyzer.registry import did_you_mean

PREFIX = "PYBYZER_"
CHOICES = {"dialect": ("spark", "duckdb")}
"""Settings that are one of a few words."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How one session behaves. Paths are as the user wrote them; sizes in bytes, times in seconds."""

    engine: str = "duckdb"
    """Which SQL engine: ``duckdb`` or ``spark``."""
    dialect: str = "spark"
    """What selects are written in: ``spark``, or ``duckdb`` for the SQL of that engine."""
    home: str = ""
    """Prefix of every path; empty means a path is what it says."""
    owner: str = ""
    """Who runs this; ``owner="x"`` in an option and ``${OWNER}`` use it."""
    lake: str = "./.pybyzer/lake"
    """Directory of the tables called ``delta.`db.table```."""
    libraries: str = "./.pybyzer/libraries"
    """Directory of the repositories of ``include lib``."""
    ray_address: str = ""
    """A Ray cluster to join; empty means an own local one, started when first needed."""
    env_aliases: Mapping[str, str] = field(default_factory=dict)
    """Environment name in ``#%env`` to a prefix directory, or ``current``."""
    conda: str = "auto"
    """How ``conda.yaml`` becomes an environment: ``auto``, ``current`` or ``venv``."""
    preview_rows: int = 200
    """Rows shown of a result table."""
    timezone: str = "UTC"
    """Session time zone for timestamps, an IANA name."""
    memory_limit: str = ""
    """Memory of the embedded engine, as ``4GB``; empty means its own default."""
    threads: int = 0
    """Threads of the embedded engine; 0 means all cores."""
    log_lines: int = 2000
    """Lines of worker output kept in a cell; the rest goes to a file that is named."""
    conf: Mapping[str, str] = field(default_factory=dict)
    """Engine settings passed through (``spark.sql.shuffle.partitions`` ...)."""

    @classmethod
    def load(cls, directory: Path | None = None, environ: Mapping[str, str] | None = None) -> Self:
        """Settings of a directory and an environment (by default, this process's)."""
        values: dict[str, Any] = _from_files(directory or Path.cwd())
        env = os.environ if environ is None else environ
        for item in dataclasses.fields(cls):
            text = env.get(PREFIX + item.name.upper())
            if text is not None:
                values[item.name] = _convert(item.name, text)
        return cls(**values)

    def changed(self, key: str, text: str) -> Self:
        """These settings with one field (or, for a dotted or unknown key, one engine setting) changed."""
        if any(key == item.name for item in dataclasses.fields(self)):
            return dataclasses.replace(self, **{key: _convert(key, text)})
        return dataclasses.replace(self, conf={**self.conf, key: text})


def _convert(name: str, text: object) -> Any:
    """A field's value from text; pairs as ``a=b,c=d``."""
    default = getattr(_DEFAULTS, name)
    if isinstance(default, int):
        try:
            return int(str(text))
        except ValueError:
            raise BadOption(f'setting {name} must be a whole number, not "{text}"') from None
    if isinstance(default, Mapping):
        if isinstance(text, Mapping):
            return {str(k): str(v) for k, v in text.items()}
        pairs = [pair.partition("=") for pair in str(text).split(",") if pair.strip()]
        return {key.strip(): value.strip() for key, _, value in pairs}
    if name in CHOICES and str(text) not in CHOICES[name]:
        hint = did_you_mean(str(text), CHOICES[name]) or "one of " + ", ".join(CHOICES[name])
        raise BadOption(f'setting {name} cannot be "{text}"', hint=hint)
    return str(text)


def _from_files(directory: Path) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for folder in (directory, *directory.parents):
        vscode = folder / ".mlsql.config"
        if vscode.is_file():
            values |= _from_vscode(vscode)
        own = folder / "pybyzer.toml"
        if own.is_file():
            return values | _from_toml(own)
        if values:
            return values
    return values


def _from_toml(path: Path) -> dict[str, Any]:
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise BadOption(f"{path}: {error}") from None
    known = {item.name for item in dataclasses.fields(Settings)}
    values: dict[str, Any] = {}
    for key, value in data.items():
        if key == "spark" and isinstance(value, dict):
            values["conf"] = {f"spark.{k}": str(v) for k, v in value.items()}
        elif key in known:
            values[key] = _convert(key, value)
        else:
            raise BadOption(f'{path}: no setting "{key}"', hint=did_you_mean(key, known))
    return values


def _from_vscode(path: Path) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        key, _, value = (part.strip() for part in line.partition("="))
        if key == "engine.home" and value:
            values["home"] = value
        elif key == "user.owner" and value:
            values["owner"] = value
    return values


_DEFAULTS = Settings()
