"""JsonExpandExt: the keys of JSON objects become columns, or one typed struct."""

from __future__ import annotations

import tempfile

from pybyzer.context import BOOLEAN, Context, Parameter
from pybyzer.errors import BadOption
from pybyzer.estimators.base import ESTIMATORS, Estimator, FitRequest, quoted
from pybyzer.estimators.inputs import ask, column, flag, is_text, literal, number, require, typed

_REQUIRED = "inputCol is required. e.g. inputCol = 'col_1'"


@ESTIMATORS.register("JsonExpandExt")
class JsonExpandExt(Estimator):
    """The other columns, then one string column for each key of the objects, in the order of the alphabet.

    ``structColumn``: one struct in their place, of the name of the input, with the types that the values
    have. A value that is an object or an array stays JSON text in a string column.
    """

    name = "JsonExpandExt"
    description = "a column of JSON objects as columns, or as a struct"
    example = """
select '{"key": "a", "n": 1}' as doc, "x" as other as docs;
run docs as JsonExpandExt.`` where inputCol="doc" as expanded;
"""
    parameters = (
        Parameter("inputCol", "the column of JSON texts", required=True),
        Parameter("samplingRatio", "part of the rows looked at for the keys", "1.0"),
        Parameter("structColumn", "true: one struct column", "false", choices=BOOLEAN),
    )

    def fit(self, ctx: Context, request: FitRequest) -> None:
        name = require(request.options, "inputCol", _REQUIRED)
        options = ctx.check(self.name, self.parameters, request.options, strict=False)
        ratio = number(options, "samplingRatio")
        if not 0 < ratio <= 1:
            raise BadOption(
                f"samplingRatio must be above 0 and at most 1, not {ratio:g}", option="samplingRatio"
            )
        field = typed(column(ctx, request.table, name, "inputCol"), is_text, "texts of JSON", "inputCol")
        table, doc = quoted(request.table), quoted(field.name)
        others = [quoted(own) for own in ctx.engine.schema(request.table).names if own != field.name]
        sample = "" if ratio == 1 else f" where rand() < {ratio}d"
        docs = f"select {doc} as doc from {table}{sample}"
        keys = _keys(ctx, docs, field.name)
        if not keys:
            made = [doc] if flag(options, "structColumn") else []
        elif flag(options, "structColumn"):
            made = [f"from_json({doc}, {literal(_struct(ctx, docs))}) as {doc}"]
        else:
            names = ", ".join(quoted(key) for key in keys)
            made = [f"json_tuple({doc}, {', '.join(map(literal, keys))}) as ({names})"]
        if not others and not made:
            raise BadOption(f"the objects in column {field.name} have no keys", option="inputCol")
        ctx.engine.query(f"select {', '.join([*others, *made])} from {table}", request.output)

    predict = fit


def _keys(ctx: Context, docs: str, column: str) -> list[str]:
    """The keys of all objects; an error if some text is not an object."""
    keys = "explode(coalesce(json_object_keys(doc), array(cast(null as string)))) as key"
    found = ask(ctx, f"select distinct {keys} from ({docs}) as docs where doc is not null")
    names = found.column("key").to_pylist()
    if None in names:
        raise BadOption(
            f"Corrupted JSON in column {column}", option="inputCol", hint="every text must be one JSON object"
        )
    return sorted(names)


def _struct(ctx: Context, docs: str) -> str:
    """The schema of all objects together, as DDL: what reading them as JSON lines finds."""
    from pybyzer.arrow import type_name

    name = ctx.catalog.fresh("documents")
    ctx.engine.query(f"select regexp_replace(doc, '[\\\\r\\\\n]', ' ') as doc from ({docs}) as docs", name)
    loaded = ctx.catalog.fresh("objects")
    try:
        with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as file:
            for batch in ctx.engine.stream(name).reader:
                file.writelines(f"{doc}\n" for doc in batch.column(0).drop_null().to_pylist())
            file.flush()
            ctx.run(f"load json.`file://{file.name}` as `{loaded}`;")
            schema = ctx.engine.schema(loaded)
    finally:
        for made in (name, loaded):
            ctx.engine.drop(made)
            ctx.catalog.remove(made)
    return ", ".join(f"{quoted(field.name)} {type_name(field.type)}" for field in schema)
