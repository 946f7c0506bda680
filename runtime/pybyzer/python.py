"""A Python cell as a job for the workers: sticky conf and env, schema, inputs, result table."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from pybyzer.arrow import Stream
from pybyzer.context import Context
from pybyzer.errors import BadOption, UnknownName
from pybyzer.lang.schema import FileSchema, parse_schema
from pybyzer.registry import did_you_mean
from pybyzer.workers.base import NOTHING, PythonJob

if TYPE_CHECKING:
    import pyarrow as pa

STICKY = ("schema", "dataMode", "runIn", "pythonExec", "pythonOutputEncoding", "cacheStr")
"""Directives that become session conf, so that later cells inherit them; as in the original."""

DIRECTIVES = ("input", "output", "cache", "env", "model", "confTable", *STICKY)
"""Every directive of a ``#%python`` cell."""


@dataclass(frozen=True, slots=True)
class PythonCell:
    """User code with its inputs and directives, templates filled."""

    code: str
    inputs: tuple[str, ...]
    directives: Mapping[str, str] = field(default_factory=dict)
    filename: str = "cell"

    def run(self, ctx: Context, output: str) -> bool:
        """Run it in a worker and name the result ``output``; False when the code built none."""
        result = ctx.workers.run(self.job(ctx), ctx.emit)
        ctx.engine.ingest(output, result.again or result.reader, partitions=result.partitions)
        return bool(result.schema.metadata != NOTHING)

    def job(self, ctx: Context, extra: Mapping[str, str] | None = None) -> PythonJob:
        """What the workers are asked; also makes the sticky directives the session's."""
        self._stick(ctx)
        model = self.directives.get("model")
        return PythonJob(
            code=self.code,
            filename=self.filename,
            inputs={name: _opener(ctx, name) for name in self.inputs},
            model=_opener(ctx, model, "model") if model else None,
            conf=self._conf(ctx) | dict(extra or {}),
            env=dict(ctx.python.env),
            schema=self._schema(ctx),
        )

    def _stick(self, ctx: Context) -> None:
        unknown = [key for key in self.directives if key not in DIRECTIVES]
        if unknown:
            hint = did_you_mean(unknown[0], DIRECTIVES)
            raise BadOption(f'no directive "{unknown[0]}"', option=unknown[0], hint=hint)
        for key in STICKY:
            if key in self.directives:
                ctx.python.conf[key] = self.directives[key]
        if "env" in self.directives:
            ctx.python.env["PYTHON_ENV"] = self.directives["env"]

    def _conf(self, ctx: Context) -> dict[str, str]:
        """``context.conf``: later wins, in the original's order."""
        base = {"HOME": ctx.settings.home, "OWNER": ctx.settings.owner, "pythonMode": "ray"}
        conf = base | ctx.python.conf
        table = self.directives.get("confTable")
        if table:
            rows = _opener(ctx, table, "confTable")().reader.read_all()
            if rows.num_columns < 2:
                raise BadOption(f'confTable "{table}" needs two columns, key and value', option="confTable")
            keys, values = rows.column(0).to_pylist(), rows.column(1).to_pylist()
            conf |= {str(key): str(value) for key, value in zip(keys, values, strict=True)}
        return conf | {"timezone": ctx.settings.timezone}

    def _schema(self, ctx: Context) -> pa.Schema | None:
        text = ctx.python.conf.get("schema", "").strip()
        if not text:
            return None
        try:
            schema = parse_schema(text)
            return schema.schema if isinstance(schema, FileSchema) else schema
        except BadOption as error:
            error.option = error.option or "schema"
            raise


def included_code(ctx: Context, text: str) -> str:
    """The code itself, or that of a table made by ``!pyInclude`` (``py.name``)."""
    if not text.startswith("py.") or "\n" in text:
        return text
    table = text.rpartition(".")[2]
    try:
        rows = ctx.engine.stream(table, limit=1).reader.read_all().to_pylist()
    except UnknownName as error:
        raise error.about("code") from None
    values = [value for value in (rows[0].values() if rows else ()) if isinstance(value, str)]
    try:
        return str(json.loads(values[-1])["content"])
    except (IndexError, ValueError, TypeError, KeyError):
        raise BadOption(
            f'table "{table}" holds no Python code', option="code", hint="!pyInclude makes such tables"
        ) from None


def _opener(ctx: Context, name: str, directive: str = "input") -> Callable[[], Stream]:
    """Open a table when the worker asks; a missing one fails now, before any code runs."""
    try:
        ctx.engine.schema(name)
    except UnknownName:
        hint = did_you_mean(name, ctx.catalog.names())
        error = UnknownName(f'no table "{name}" for #%{directive}', hint=hint)
        error.option = directive
        raise error from None
    return partial(ctx.engine.stream, name)
