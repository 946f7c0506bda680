"""UniqueIdentifier: numbers the rows of a table, without gaps."""

from __future__ import annotations

import json

from pybyzer.context import BOOLEAN, Context, Parameter
from pybyzer.errors import BadOption
from pybyzer.estimators.base import ESTIMATORS, Estimator, FitRequest, quoted
from pybyzer.estimators.inputs import whole

_MODES = ("data", "inferSchema")


@ESTIMATORS.register("UniqueIdentifier")
class UniqueIdentifier(Estimator):
    """``new`` puts a ``bigint`` column first; ``replace`` puts the numbers into a column that is there."""

    name = "UniqueIdentifier"
    description = "numbers the rows in a new first column, or in place of a column"
    example = """
select explode(array("ant", "bee")) as animal as animals;
run animals as UniqueIdentifier.`` where columnName="id" as numbered;
"""
    parameters = (
        Parameter("source", "new (a further column) or replace", "new"),
        Parameter("columnName", "the column of numbers", "Unique_ID"),
        Parameter("startIndex", "the first number", "1"),
        Parameter("mode", "inferSchema: only tell the names and types of the result", "data", choices=_MODES),
        Parameter(
            "inputSchema", "inferSchema: the input's columns, as JSON of names and types; else its own"
        ),
        Parameter("onlyInferSchema", "true: the same as inferSchema", "false", choices=BOOLEAN),
    )

    def fit(self, ctx: Context, request: FitRequest) -> None:
        options = ctx.check(self.name, self.parameters, request.options, strict=False)
        source, name = options["source"].lower(), options["columnName"]
        if source not in ("new", "replace"):
            raise BadOption(
                f"Illegal source parameter: {options['source']}", option="source", hint="new or replace"
            )
        names = ctx.engine.schema(request.table).names
        there = name.lower() in (own.lower() for own in names)
        asked = next((value for key, value in request.options.items() if key.lower() == "mode"), "")
        infer = asked.lower() == "inferschema" or (not asked and options["onlyInferSchema"].lower() == "true")
        if infer:
            _infer(ctx, request, options, add=source == "new" or not there)
            return
        if source == "new" and there:
            raise BadOption(
                f"The newly created column name `{name}` already exists.",
                option="columnName",
                hint='another columnName, or source="replace"',
            )
        start = whole(options, "startIndex")
        number = f"row_number() over (order by __order__) + {start - 1}L"
        if there:
            chosen = [
                f"{number} as {quoted(own)}" if own.lower() == name.lower() else quoted(own) for own in names
            ]
        else:
            chosen = [f"{number} as {quoted(name)}", *(quoted(own) for own in names)]
        rows = f"select *, monotonically_increasing_id() as __order__ from {quoted(request.table)}"
        ctx.engine.query(f"select {', '.join(chosen)} from ({rows}) as t", request.output)

    predict = fit


def _infer(ctx: Context, request: FitRequest, options: dict[str, str], *, add: bool) -> None:
    """Name and type of each column that there would be."""
    import pyarrow as pa

    from pybyzer.arrow import type_name

    text = options.get("inputSchema")
    if text is None:
        found = {field.name: type_name(field.type) for field in ctx.engine.schema(request.table)}
    else:
        found = _given(text)
    if add:
        found = {options["columnName"]: "bigint", **found}
    elif text is None:
        found = {
            name: "bigint" if name.lower() == options["columnName"].lower() else kind
            for name, kind in found.items()
        }
    rows = {"col_name": list(found), "data_type": list(found.values())}
    schema = pa.schema([("col_name", pa.string()), ("data_type", pa.string())])
    ctx.engine.ingest(request.output, pa.table(rows, schema))


def _given(text: str) -> dict[str, str]:
    try:
        found = json.loads(text)
    except ValueError as error:
        raise BadOption(f"inputSchema is not JSON: {error}", option="inputSchema") from None
    if not isinstance(found, dict) or not all(isinstance(kind, str) for kind in found.values()):
        raise BadOption(
            "inputSchema must be a JSON object", option="inputSchema", hint='as in {"age": "bigint"}'
        )
    return found
