"""CacheExt: computes a table once and keeps its rows; ``!cache`` as an ET."""

from __future__ import annotations

from pybyzer.context import BOOLEAN, Context, Parameter
from pybyzer.errors import BadOption
from pybyzer.estimators.base import ESTIMATORS, Estimator, FitRequest, quoted


@ESTIMATORS.register("CacheExt")
class CacheExt(Estimator):
    """The table stays as it is, under both names. Every lifetime is the session's here."""

    name = "CacheExt"
    description = "computes a table once and keeps its rows"
    example = """
select id, rand() as r from range(3) as numbers;
run numbers as CacheExt.`` where execute="cache" and lifeTime="session" and isEager="true" as kept;
"""
    parameters = (
        Parameter("execute", "cache or uncache", "cache", choices=("cache", "uncache")),
        Parameter("lifeTime", "script, session or application", "script"),
        Parameter("isEager", "accepted; tables are computed at once", "false", choices=BOOLEAN),
    )

    def fit(self, ctx: Context, request: FitRequest) -> None:
        options = ctx.check(self.name, self.parameters, request.options, strict=False)
        if options["lifeTime"].lower() not in ("script", "session", "application"):
            raise BadOption(
                f'"{options["lifeTime"]}" is no lifetime',
                option="lifeTime",
                hint="script, session or application",
            )
        if options["execute"].lower() == "cache":
            stream = ctx.engine.stream(request.table)
            ctx.engine.ingest(request.table, stream.reader, partitions=stream.layout)
        if request.output.lower() != request.table.lower():
            ctx.engine.query(f"select * from {quoted(request.table)}", request.output)

    predict = fit
