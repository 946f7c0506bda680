"""Ray: runs Python code over a table, and serves a user's predict function to SQL from a pool of workers."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from pybyzer.context import Context, Parameter
from pybyzer.engines.base import SqlFunction
from pybyzer.errors import BadOption, UnknownName
from pybyzer.estimators.base import ESTIMATORS, Estimator, FitRequest, RegisterRequest
from pybyzer.python import PythonCell, included_code
from pybyzer.registry import did_you_mean
from pybyzer.workers.base import FunctionJob

if TYPE_CHECKING:
    import pyarrow as pa

ADDRESS = "127.0.0.1:10001"
"""What templates read as ``context.conf["rayAddress"]``: the session's own Ray, unless conf says another."""


@ESTIMATORS.register("Ray")
class Ray(Estimator):
    """``run command as Ray.`` `` where inputTable, outputTable, code``; ``register Ray.`model` as f``."""

    name = "Ray"
    description = "Python code over a table; a predict function as a SQL function"
    example = """
select id from range(3) as numbers;
run command as Ray.`` where inputTable="numbers" and outputTable="squares" and code='''
from pyjava.api.mlsql import RayContext

ray_context = RayContext.connect(globals(), None)
ray_context.build_result([{"n": row["id"] ** 2} for row in ray_context.collect()])
''' as squares;
"""
    parameters = (
        Parameter("inputTable", "run: the table the code reads"),
        Parameter("outputTable", "run: a further name of the result; empty for none"),
        Parameter("code", "run: the Python code, or py.name of a !pyInclude table"),
        Parameter("confTable", "a table of key, value that context.conf gets for this run"),
        Parameter("model", "run: the table behind context.conf['modelServers']"),
        Parameter("registerCode", "register: makes the pool with UDFBuilder.build"),
        Parameter("predictCode", "register: runs for each call, unless it is the usual template"),
        Parameter("maxConcurrency", "register: workers of the pool; else conf maxConcurrency, else 3"),
        Parameter("sourceSchema", "register: one value of the argument", "st(field(value,array(double)))"),
        Parameter("outputSchema", "register: the result", "st(field(value,array(array(double))))"),
        Parameter("reconnect", "register: use a pool that is there", "false", choices=("true", "false")),
        Parameter("debugMode", "register: print how long each batch took"),
    )

    def fit(self, ctx: Context, request: FitRequest) -> None:
        options = ctx.check(self.name, self.parameters, request.options, strict=False)
        for key in ("inputTable", "outputTable", "code"):
            if key not in options:
                raise BadOption(f"Ray: {key} is required (key not found: {key})", option=key)
        directives = {key: options[key] for key in ("model", "confTable") if options.get(key)}
        cell = PythonCell(
            code=included_code(ctx, options["code"]),
            inputs=tuple(name.strip() for name in options["inputTable"].split(",")),
            directives=directives,
            filename="code",
        )
        cell.run(ctx, request.output)
        further = options["outputTable"]
        if further and further.lower() != request.output.lower():
            ctx.engine.query(f"select * from `{request.output}`", further)
            ctx.named(further, "run command as Ray")

    predict = fit

    def register(self, ctx: Context, request: RegisterRequest) -> None:
        import pyarrow as pa

        options = ctx.check(self.name, self.parameters, request.options, strict=False)
        code = included_code(ctx, options.get("registerCode", ""))
        reconnect = options["reconnect"].lower() == "true"
        if not reconnect and not code.strip():
            raise BadOption(
                "Ray: registerCode is required", hint='or reconnect="true" for a pool that is already there'
            )
        _check_table(ctx, request)
        source = pa.list_(_one_type(options["sourceSchema"], "sourceSchema"))
        result = _one_type(options["outputSchema"], "outputSchema")
        directives = {"model": request.path} if request.path and not reconnect else {}
        if options.get("confTable"):
            directives["confTable"] = options["confTable"]
        extra = {"UDF_CLIENT": request.function}
        if "rayAddress" not in ctx.python.conf:
            extra["rayAddress"] = ctx.settings.ray_address or ADDRESS
        if "maxConcurrency" in options:
            extra["maxConcurrency"] = str(_count(options["maxConcurrency"]))
        if options.get("debugMode"):
            extra["debugMode"] = options["debugMode"]
        cell = PythonCell(
            code=code, inputs=(), directives=directives, filename=f"registerCode of {request.function}"
        )
        job = FunctionJob(
            request.function,
            _without_schema(cell.job(ctx, extra)),
            predict_code=options.get("predictCode", ""),
            workers=int(extra.get("maxConcurrency") or ctx.python.conf.get("maxConcurrency") or 3),
            source=source,
            result=result,
            reconnect=reconnect,
        )
        serve = ctx.workers.serve(job, ctx.lasting_emit)
        stop = getattr(serve, "stop", None)
        if stop is not None:
            ctx.on_cancel.append(_weakly(stop))
        ctx.define(
            SqlFunction(
                request.function,
                ("values",),
                batch=serve,
                types=(source,),
                returns=result,
                costly=True,
                description="served by a pool of Python workers",
            )
        )


def _check_table(ctx: Context, request: RegisterRequest) -> None:
    """The model's table must be there before any code runs."""
    if request.path:
        try:
            ctx.engine.schema(request.path)
        except UnknownName:
            hint = did_you_mean(request.path, ctx.catalog.names())
            raise UnknownName(f'Ray: no table "{request.path}" for the model', hint=hint) from None


def _weakly(method: Callable[[], None]) -> Callable[[], None]:
    """Call it while its function lives; one that was replaced is forgotten."""
    weak = weakref.WeakMethod(method)

    def call() -> None:
        alive: Any = weak()
        if alive is not None:
            alive()

    return call


def _without_schema(job: Any) -> Any:
    """The result of registerCode is empty; a schema left from an earlier cell is not meant for it."""
    import dataclasses

    return dataclasses.replace(job, schema=None)


def _one_type(text: str, option: str) -> pa.DataType:
    """The type of the first field of a schema."""

    from pybyzer.lang.schema import FileSchema, parse_schema

    schema = parse_schema(text)
    if isinstance(schema, FileSchema) or not len(schema):
        raise BadOption(f'Ray: {option} "{text}" must be a schema with one field', option=option)
    kind: pa.DataType = schema.field(0).type
    return kind


def _count(text: str) -> int:
    if not text.strip().isdigit() or int(text) < 1:
        raise BadOption(
            f'maxConcurrency must be a whole number from 1, not "{text}"', option="maxConcurrency"
        )
    return int(text)
