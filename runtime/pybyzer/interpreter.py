"""A statement to its effect: one small method for each kind of statement.

Templates are filled here, errors get their place here; everything else is asked of the registries
and the engine.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from pybyzer.assignment import assign
from pybyzer.branches import Branches
from pybyzer.catalog import COMMAND_TABLE
from pybyzer.commands.base import Argument
from pybyzer.connections import STORES
from pybyzer.context import Context
from pybyzer.errors import BadOption, ByzerError, Interrupted, Span, UnknownName, Unsupported
from pybyzer.estimators.base import FitRequest, RegisterRequest
from pybyzer.events import Emit, Failed, Finished, Started
from pybyzer.lang.ast import (
    Command,
    Connect,
    Estimate,
    Execute,
    Include,
    Load,
    Options,
    Predict,
    Quote,
    Register,
    RunPython,
    Save,
    Select,
    Set,
    Statement,
    Text,
    Unregister,
)
from pybyzer.lang.blocks import WORDS, If, nested
from pybyzer.lang.parser import parse
from pybyzer.macros import RUN, Macros, Script
from pybyzer.placing import placed
from pybyzer.python import PythonCell
from pybyzer.registry import did_you_mean
from pybyzer.sources.base import Loaded, LoadRequest, Mode, SaveRequest
from pybyzer.sql import query
from pybyzer.templates import Kind, kind_of

MOST_INSIDE = 25
"""Texts inside one another (files, commands of the user, scripts); more run in a circle."""

OpenContext = Callable[[Emit, Span | None], Context]
ReadCell = Callable[[str, str, str | None], Sequence[Statement]]
"""The statements of a cell in an included file: its text, what to call it, its language if that is known."""

T = TypeVar("T")


class Interpreter:
    """Runs statements one after the other in a context made for each."""

    def __init__(
        self,
        context: Callable[[Emit, Span | None], Context],
        stopped: Callable[[], bool],
        read_cell: ReadCell,
    ) -> None:
        self._context = context
        self._stopped = stopped
        self._read_cell = read_cell
        self._branches = Branches()
        self._macros = Macros()
        self._inside: list[str] = []
        """The texts that are being run, each from the one before it: files, commands of the user."""
        self.place: Span | None = None
        """The statement that ran last: where its result's errors belong."""
        self._runners: Mapping[type[Statement], Callable[[Any, Context], str | None]] = {
            Load: self._run_load,
            Select: self._run_select,
            Save: self._run_save,
            Register: self._run_register,
            Unregister: self._run_unregister,
            Set: self._run_set,
            Connect: self._run_connect,
            Include: self._run_include,
            Execute: self._run_execute,
            Command: self._run_command,
            RunPython: self._run_python,
        }

    def run_all(self, statements: Sequence[Statement], emit: Emit) -> str | None:
        """Run a text's statements in order; the name of the last one's result table."""
        return self._run_each(nested(statements), emit)

    def run_text(self, text: str, emit: Emit) -> str | None:
        """Run a text as a script inside of what runs now."""
        return self._run_script(self._macros.script(text, self._context(emit, None).variables), emit)

    def run(self, statement: Statement, emit: Emit) -> str | None:
        """Run one statement; the name of its result table, None when it has none."""
        if isinstance(statement, If):
            return self._run_block(statement, emit)
        runner = self._runners.get(type(statement), self._run_estimate)
        return self._watched(statement, runner, emit)

    def _watched(self, statement: Any, runner: Callable[[Any, Context], T], emit: Emit) -> T:
        """Run a statement, telling what happens; errors get their place here."""
        label = describe(statement)
        self.place = statement.span
        ctx = self._context(emit, statement.span)
        emit(Started(label, statement.span.line))
        begin = time.perf_counter()
        try:
            result = runner(statement, ctx)
        except ByzerError as error:
            emit(Failed(label, placed(error, statement)))
            raise
        emit(Finished(label, time.perf_counter() - begin, ctx.rows_written, ctx.engine.name))
        return result

    def _run_each(self, statements: Sequence[Statement], emit: Emit) -> str | None:
        result = None
        for statement in statements:
            if self._stopped():
                raise Interrupted("interrupted", span=statement.span)
            result = self.run(statement, emit)
        return result

    def _run_block(self, block: If, emit: Emit) -> str | None:
        """The statements of the first branch whose condition holds; what they leave is the result."""
        with self._branches.block(self._context(emit, block.span).variables):
            for branch in block.branches:
                if not branch.conditional or self._watched(branch.head, self._branches.holds, emit):
                    return self._run_each(branch.body, emit)
        return None

    def _run_script(self, script: Script, emit: Emit) -> str | None:
        """Run a text that was made from another; errors point at what the user wrote."""
        with self._entered(script.name):
            try:
                return self.run_all(parse(script.text, script.name), emit)
            except ByzerError as error:
                raise error.moved(script.text, script.locate) from None

    @contextmanager
    def _entered(self, name: str) -> Iterator[None]:
        """While the text of that name runs, those it leads to are inside it."""
        if len(self._inside) == MOST_INSIDE:
            chain = " -> ".join([*self._inside[-3:], name])
            raise BadOption(
                f"more than {MOST_INSIDE} texts inside one another: ... -> {chain}",
                hint="something that runs itself needs an !if that ends it",
            )
        self._inside.append(name)
        try:
            yield
        finally:
            self._inside.pop()

    # -- tables in and out -----------------------------------------------------------------

    def _run_load(self, statement: Load, ctx: Context) -> str:
        source = _look_up(ctx, "format", statement.format)()
        name = ctx.variables.fill_text(statement.table)
        request = LoadRequest(
            ctx.variables.fill_text(statement.path), _filled(statement.options, ctx), statement.span
        )
        try:
            scan = source.scan(ctx, request)
            if scan is None or not ctx.engine.scan(name, scan):
                found = source.load(ctx, request)
                laid = found if isinstance(found, Loaded) else Loaded(found, 1)
                ctx.engine.ingest(name, laid.data, partitions=laid.partitions)
        except ByzerError as error:
            # What a load complains about, besides an option, is what the path leads to.
            raise (error if isinstance(error, Unsupported) else error.about("path")) from None
        return ctx.named(name, f"load {statement.format.value}")

    def _run_select(self, statement: Select, ctx: Context) -> str:
        sql = ctx.variables.fill_sql(statement.sql, select=True)
        name = ctx.catalog.fresh() if statement.table is None else ctx.variables.fill_text(statement.table)
        query(ctx, sql, name, statement.sql, select=True)
        return ctx.named(name, sql.text, temporary=statement.table is None)

    def _run_execute(self, statement: Execute, ctx: Context) -> None:
        query(ctx, ctx.variables.fill_sql(statement.sql), None, statement.sql)
        # What was created or dropped only the engine knows.
        tables: Callable[[], list[str]] | None = getattr(ctx.engine, "tables", None)
        if tables is not None:
            ctx.catalog.match(tables(), describe(statement))

    def _run_save(self, statement: Save, ctx: Context) -> str:
        source = _look_up(ctx, "format", statement.format)()
        table = self._existing(ctx, statement.table)
        options = _filled(statement.options, ctx)
        request = SaveRequest(
            table=table,
            path=ctx.variables.fill_text(statement.path),
            mode=Mode(statement.mode.value.lower()) if statement.mode else Mode.ERROR,
            options={k: v for k, v in options.items() if k != "fileNum"},
            partition_by=tuple(ctx.variables.fill_text(column) for column in statement.partition_by),
            partitions=_file_count(options.get("fileNum"), statement),
            span=statement.span,
        )
        ctx.rows_written = source.save(ctx, request)
        return ctx.job_row(describe(statement))

    # -- models ----------------------------------------------------------------------------

    def _run_estimate(self, statement: Estimate, ctx: Context) -> str:
        estimator = _look_up(ctx, "ET", statement.algorithm)()
        name = ctx.variables.fill_text(statement.output) if statement.output else ctx.catalog.fresh()
        request = FitRequest(
            table=self._existing(ctx, statement.table),
            path=ctx.variables.fill_text(statement.path),
            output=name,
            options=_filled(statement.options, ctx),
            span=statement.span,
        )
        if isinstance(statement, Predict):
            estimator.predict(ctx, request)
        else:
            estimator.fit(ctx, request)
        return ctx.named(name, describe(statement), [request.table], temporary=statement.output is None)

    def _run_register(self, statement: Register, ctx: Context) -> None:
        estimator = _look_up(ctx, "ET", statement.algorithm)()
        estimator.register(
            ctx,
            RegisterRequest(
                path=ctx.variables.fill_text(statement.path),
                function=ctx.variables.fill_text(statement.function),
                options=_filled(statement.options, ctx),
                span=statement.span,
            ),
        )

    def _run_unregister(self, statement: Unregister, ctx: Context) -> None:
        raise Unsupported("unregister does nothing in Byzer-lang, and is not offered here either")

    # -- the rest --------------------------------------------------------------------------

    def _run_set(self, statement: Set, ctx: Context) -> None:
        key, options = statement.key.value, _filled(statement.options, ctx)
        kind = options.get("type", "text").lower()
        kept = kind == "conf" or (kind == "defaultparam" and ctx.variables.is_set(key))
        assign(ctx, statement, options)
        if not kept:
            self._macros.remember(key, None if kind in ("sql", "shell") else statement.value)

    def _run_connect(self, statement: Connect, ctx: Context) -> None:
        kind = statement.format.value
        if statement.name is None:
            raise BadOption("a connection needs a name", hint=f"connect {kind} where ... as db1")
        if kind.lower() not in STORES:
            _look_up(ctx, "format", statement.format)
        name = ctx.variables.fill_text(statement.name)
        ctx.connections.define(kind, name, _filled(statement.options, ctx))

    def _run_include(self, statement: Include, ctx: Context) -> str | None:
        from pybyzer import includes

        kind, path = statement.format.value, ctx.variables.fill_text(statement.path)
        try:
            includes.check(kind)
        except (UnknownName, Unsupported) as error:
            raise error.at(statement.format.span) from None
        beside = next((name for name in reversed(self._inside) if name.startswith("/")), None)
        found = includes.find(ctx, kind, path, _filled(statement.options, ctx), beside)
        if found is None:
            return None
        if found.name in self._inside:
            chain = " -> ".join([*self._inside[self._inside.index(found.name) :], found.name])
            raise BadOption(f"includes go in a circle: {chain}", option="path")
        for key, value in found.variables.items():
            ctx.variables.set(key, value)
        result = None
        try:
            with self._entered(found.name):
                for cell in [self._read_cell(c.text, c.name(found.name), c.language) for c in found.cells]:
                    result = self.run_all(cell, ctx.emit)
        except ByzerError as error:
            place = f"included from {statement.span.source.name}, line {statement.span.line}"
            raise error.noting(place) from None
        return result

    def _run_command(self, statement: Command, ctx: Context) -> str | None:
        name = statement.name.value
        arguments = tuple(
            Argument(
                a.value if a.quote is Quote.NONE else ctx.variables.fill_text(a),
                a.span,
                a.quote,
            )
            for a in statement.arguments
        )
        body = self._macros.body(name, ctx.variables)
        command = None if body is not None else ctx.registries["command"].find(name)
        if command is not None:
            return command().run(ctx, arguments, statement.span)  # type: ignore[no-any-return]
        if body is None:
            algorithm = self._macros.algorithm(name, ctx.variables)
            if ctx.registries["ET"].find(algorithm) is None:
                raise self._no_command(statement, ctx)
            body = RUN.format(algorithm)
        script = self._macros.expand(name, body, [argument.value for argument in arguments], ctx.variables)
        try:
            return self._run_script(script, ctx.emit)
        except ByzerError as error:
            source = statement.span.source.name
            raise error.noting(f"in !{name}, called in {source}, line {statement.span.line}") from None

    def _no_command(self, statement: Command, ctx: Context) -> UnknownName:
        name = statement.name.value
        if ctx.variables.is_set(name):
            hint: str | None = f"the variable {name} holds no statement"
        else:
            hint = did_you_mean(name, [*ctx.registries["command"].names(), *WORDS, *self._macros.names()])
        return UnknownName(f'no command "{name}"', span=statement.name.span, hint=hint)

    def _run_python(self, statement: RunPython, ctx: Context) -> str | None:
        cell = PythonCell(
            code=ctx.variables.fill_text(statement.code, Kind.CODE),
            inputs=statement.inputs or (COMMAND_TABLE,),
            directives={key: ctx.variables.fill(value) for key, value in statement.directives.items()},
            filename=statement.span.source.name,
        )
        name = statement.output or ctx.catalog.fresh()
        built = cell.run(ctx, name)
        ctx.named(name, "#%python", cell.inputs, temporary=statement.output is None)
        return name if built or statement.output else None

    def _existing(self, ctx: Context, text: Text) -> str:
        """The name of a table that must exist."""
        name = ctx.variables.fill_text(text)
        try:
            ctx.engine.schema(name)
        except UnknownName:
            hint = did_you_mean(name, ctx.catalog.names())
            raise UnknownName(f'no table "{name}"', span=text.span, hint=hint) from None
        return name


def describe(statement: Statement) -> str:
    """A few words for a statement: its label in progress lines and lists of jobs."""
    match statement:
        case Load():
            return f"load {statement.format.value} as {statement.table.value}"
        case Select():
            return f"select as {statement.table.value}" if statement.table else "select"
        case Save():
            return f"save {statement.table.value} as {statement.format.value}"
        case Estimate():
            verb = type(statement).__name__.lower()
            return f"{verb} {statement.table.value} as {statement.algorithm.value}"
        case Register():
            return f"register {statement.algorithm.value} as {statement.function.value}"
        case If():
            return "!if"
        case Set():
            return f"set {statement.key.value}"
        case Command():
            return f"!{statement.name.value}"
        case Execute():
            return statement.keyword
        case RunPython():
            return "#%python"
        case _:
            return type(statement).__name__.lower()


def _look_up(ctx: Context, family: str, text: Text) -> Any:
    """A plug-in by the name the user wrote; the error points at that name."""
    try:
        return ctx.registries[family].get(text.value)
    except UnknownName as error:
        raise error.at(text.span) from None


def _filled(options: Options, ctx: Context) -> dict[str, str]:
    return {o.key: ctx.variables.fill_text(o.value, kind_of(o.key)) for o in options}


def _file_count(text: str | None, statement: Save) -> int | None:
    if text is None:
        return None
    if not text.strip().isdigit() or int(text) < 1:
        raise BadOption(f'fileNum must be a whole number from 1, not "{text}"', option="fileNum")
    return int(text)
