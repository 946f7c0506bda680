"""What a query says of itself and where it runs: versions, names, checks, errors on purpose."""

from __future__ import annotations

from pybyzer.engines.sparksql.call import Call, rule
from pybyzer.engines.sparksql.expr import Expr
from pybyzer.engines.sparksql.glot import exp
from pybyzer.engines.sparksql.types import BIGINT, BINARY, BOOLEAN, INT, STRING, VOID, text
from pybyzer.errors import EngineError, Unsupported

VERSION = "4.3.0 98bc0212c94705434471627068f41e374ccab143"
"""The Spark whose answers we give."""

_COLLATIONS = {"UTF8_BINARY", "UTF8_LCASE", "UNICODE", "UNICODE_CI", "UNICODE_AI", "UNICODE_CI_AI"}


@rule("version")
def _version(call: Call) -> Expr:
    call.arity(0)
    return call.result(text(VERSION), STRING)


@rule("current_path")
def _current_path(call: Call) -> Expr:
    call.arity(0)
    return call.result("'system.builtin,system.session,spark_catalog.default'", STRING)


_NOWHERE = {
    "input_file_name": ("''", STRING),
    "input_file_block_start": ("CAST(-1 AS BIGINT)", BIGINT),
    "input_file_block_length": ("CAST(-1 AS BIGINT)", BIGINT),
    "spark_partition_id": ("0", INT),
}


@rule(*_NOWHERE)
def _nowhere(call: Call) -> Expr:
    """Of rows that come from no file; which file (and task) a table's row is from is not known here."""
    call.arity(0)
    if call.scope.sources:
        raise Unsupported(f"the function {call.name} of a table")
    sql, kind = _NOWHERE[call.name]
    name = call.name.upper() if call.name == "spark_partition_id" else call.name
    return Expr(sql, kind, f"{name}()")


@rule("raise_error")
def _raise_error(call: Call) -> Expr:
    call.arity(1)
    return call.result(f"error({call.as_(0, STRING)})", VOID)


@rule("assert_true")
def _assert_true(call: Call) -> Expr:
    call.arity(1, 2)
    shown = call.args[0].label
    default = f"'{shown}' is not true!"
    message = call.as_(1, STRING) if len(call.args) == 2 else text(default)
    label = f"assert_true({shown}, {call.args[1].label if len(call.args) == 2 else default})"
    sql = f"CASE WHEN {call.as_(0, BOOLEAN)} THEN CAST(NULL AS VARCHAR) ELSE error({message}) END"
    return Expr(sql, VOID, label)


@rule("collate")
def _collate(call: Call) -> Expr:
    call.arity(2)
    name = str(call.constant(1)).upper()
    if name != "UTF8_BINARY":
        raise Unsupported(f"the collation {name}", hint="compare lower(a) with lower(b)")
    return call.result(call.as_(0, STRING), STRING)


@rule("collation")
def _collation(call: Call) -> Expr:
    call.arity(1)
    node, name = call.nodes[0], "UTF8_BINARY"
    if isinstance(node, exp.Collate):
        name = node.expression.name.upper()
        if name not in _COLLATIONS:
            raise Unsupported(f"the collation {name}")
        inner = call.translator.expression(node.this, call.scope)
        label = f"collate({inner.label}, {node.expression.name})"
    else:
        inner = call.args[0]
        label = inner.label
    if inner.type not in (STRING, VOID):
        raise EngineError(f"collation needs a text, but {inner.label} is {inner.type.spark}")
    return Expr(text(f"SYSTEM.BUILTIN.{name}"), STRING, f"collation({label})")


@rule("elt")
def _elt(call: Call) -> Expr:
    call.arity(2, -1)
    kind = BINARY if all(arg.type == BINARY for arg in call.args[1:]) else STRING
    branches = " ".join(f"WHEN {place} THEN {call.as_(place, kind)}" for place in range(1, len(call.args)))
    return call.result(f"CASE {call.as_(0, INT)} {branches} END", kind)
