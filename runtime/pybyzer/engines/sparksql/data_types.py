"""Types as Spark SQL writes them: in casts, and as DDL in texts."""

from __future__ import annotations

from typing import Any

from pybyzer.engines.sparksql.glot import exp, expression
from pybyzer.engines.sparksql.intervals import spanning
from pybyzer.engines.sparksql.types import INTERVAL, NAMES, SqlType, array, map_of, struct
from pybyzer.errors import EngineError, ParseError, Unsupported

_NAMES = {
    "TINYINT": "tinyint", "SMALLINT": "smallint", "INT": "int", "BIGINT": "bigint", "FLOAT": "float",
    "DOUBLE": "double", "BOOLEAN": "boolean", "TEXT": "string", "VARCHAR": "string", "CHAR": "string",
    "BINARY": "binary", "VARBINARY": "binary", "DATE": "date", "TIMESTAMPTZ": "timestamp",
    "TIMESTAMPLTZ": "timestamp", "TIMESTAMP": "timestamp_ntz", "TIMESTAMPNTZ": "timestamp_ntz",
    "NULL": "void", "VARIANT": "variant",
}  # fmt: skip


def of_node(node: Any) -> SqlType:
    """The type of a parsed type name."""
    if isinstance(node.this, exp.Interval):
        unit = node.this.args.get("unit")
        if isinstance(unit, exp.IntervalSpan):
            return spanning([unit.this.name.lower(), unit.expression.name.lower()])
        return spanning([str(unit).lower()]) if unit is not None else INTERVAL
    name = str(getattr(node.this, "value", node.this))
    if name in ("ARRAY", "LIST"):
        return array(of_node(node.expressions[0]))
    if name == "MAP":
        return map_of(of_node(node.expressions[0]), of_node(node.expressions[1]))
    if name == "STRUCT":
        fields = [(part.name, of_node(part.args["kind"])) for part in node.expressions]
        return struct(tuple(n for n, _ in fields), tuple(k for _, k in fields))
    if name == "DECIMAL":
        sizes = [int(part.name) for part in node.expressions]
        precision, scale = (*sizes, 0)[:2] if sizes else (10, 0)
        if not 0 < precision <= 38 or scale > precision:
            raise EngineError(f"decimal({precision},{scale}) is not a type", hint="at most 38 digits")
        return SqlType("decimal", precision=precision, scale=scale)
    if name == "INTERVAL":
        return INTERVAL
    if name == "TIME":
        return SqlType(f"time({node.expressions[0].name if node.expressions else 6})")
    if name in _NAMES:
        return NAMES[_NAMES[name]]
    raise Unsupported(f"the type {name.lower()}")


def of_ddl(ddl: str) -> SqlType:
    """The type of a DDL text: a type (``array<int>``), or fields (``a int, b string``, ``a: int``)."""
    for attempt in (ddl, f"struct<{ddl}>"):
        try:
            tree = expression(f"cast(x as {attempt})")
        except ParseError:
            continue
        if isinstance(tree, exp.Cast):
            return of_node(tree.to)
    raise EngineError(f"cannot read the schema {ddl}", hint="a int, b string")
