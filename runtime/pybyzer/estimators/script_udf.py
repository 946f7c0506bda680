"""ScriptUDF: a function written in the notebook becomes a SQL function."""

from __future__ import annotations

import json
import weakref
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from pybyzer.context import Context, Parameter
from pybyzer.engines.base import SqlFunction
from pybyzer.errors import BadOption, Unsupported
from pybyzer.estimators import scala_snippets
from pybyzer.estimators.base import ESTIMATORS, Estimator, RegisterRequest
from pybyzer.workers.script import Script, ScriptProcesses

if TYPE_CHECKING:
    import pyarrow as pa


@ESTIMATORS.register("ScriptUDF", "ScalaScriptUDF")
class ScriptUDF(Estimator):
    """Python runs in a process of its own; well-known Scala one-liners run natively."""

    name = "ScriptUDF"
    description = "a function written in Python (or a known line of Scala), callable from SQL"
    example = """
register ScriptUDF.`` as initials where lang="python" and code='''
def apply(name: str) -> str:
    return "".join(word[0] for word in name.split())
''';
select initials("Ada Lovelace") as short as people;
"""
    parameters = (
        Parameter("code", "the text of the function; else the path names a table that holds it"),
        Parameter("lang", "its language", "scala", choices=("scala", "java", "python")),
        Parameter("udfType", "udf; aggregates are not done yet", "udf", choices=("udf", "udaf")),
        Parameter("className", "the class whose method it is"),
        Parameter("methodName", "the function's name in the code", "apply"),
        Parameter("dataType", "python: the result type, when the code has no annotation"),
    )

    def register(self, ctx: Context, request: RegisterRequest) -> None:
        options = ctx.check(self.name, self.parameters, request.options, strict=False)
        code = options.get("code") or _code_of(ctx, request.path)
        if options["udfType"].lower() == "udaf":
            raise Unsupported(
                "ScriptUDF: aggregates (udaf) are not done yet",
                hint="collect_list the values and give the array to a function",
            )
        if options["lang"].lower() == "python":
            ctx.define(_python(ctx, request.function, code, options))
            return
        snippet = scala_snippets.read(code) if options["lang"].lower() == "scala" else None
        known = scala_snippets.function(request.function, snippet) if snippet is not None else None
        if known is None:
            raise Unsupported(
                f"ScriptUDF: this {options['lang']} code needs a JVM, which is not offered yet",
                hint='write it in Python: lang="python", def apply(a: list[str]) -> str',
            )
        ctx.define(known)


def _python(ctx: Context, name: str, code: str, options: dict[str, str]) -> SqlFunction:
    from pybyzer.arrow import parse_type
    from pybyzer.lang.schema import parse_field_type

    script = Script(
        name, code, f"ScriptUDF {name}", options.get("className", ""), options.get("methodName", "apply")
    )
    processes = ScriptProcesses(script)
    ctx.on_cancel.append(_stopping(processes))
    parameters, result = processes.signature()
    declared = options.get("dataType")
    if declared is None and result is None:
        raise BadOption(
            f"ScriptUDF {name}: the type of the result is not known",
            hint=f'annotate it ("def {script.method}(...) -> float:"), or give dataType="double"',
        )
    untyped = [parameter for parameter, kind in parameters if kind is None]
    if untyped:
        raise BadOption(
            f"ScriptUDF {name}: the type of parameter {untyped[0]} is not known",
            hint=f'annotate it: "def {script.method}({untyped[0]}: str) ..."',
        )
    if not parameters:
        raise Unsupported(f"ScriptUDF {name}: a function without parameters", hint="give it one")
    returns = parse_field_type(declared) if declared else parse_type(result or "")
    return SqlFunction(
        name,
        tuple(parameter for parameter, _ in parameters),
        batch=_calling(processes, returns),
        types=tuple(parse_type(kind or "") for _, kind in parameters),
        returns=returns,
    )


def _calling(processes: ScriptProcesses, returns: pa.DataType) -> Callable[..., pa.Array]:
    return partial(processes.call, returns)


def _stopping(processes: ScriptProcesses) -> Callable[[], None]:
    """Stop them while they live; a function that was replaced is forgotten."""
    weak = weakref.ref(processes)

    def stop() -> None:
        alive = weak()
        if alive is not None:
            alive.stop()

    return stop


def _code_of(ctx: Context, table: str) -> str:
    """The code in the first row of a table made by ``load script.`` or ``!pyInclude``."""
    if not table:
        raise BadOption(
            "ScriptUDF: code is required", hint="code='''def apply(...): ...''', or a table's name"
        )
    rows = ctx.engine.stream(table, limit=1).reader.read_all().to_pylist()
    values = [value for value in (rows[0].values() if rows else ()) if isinstance(value, str)]
    if not values:
        raise BadOption(f'ScriptUDF: table "{table}" has no text in its first row')
    try:
        found = json.loads(values[-1])
    except ValueError:
        return values[-1]
    return str(found["content"]) if isinstance(found, dict) and "content" in found else values[-1]
