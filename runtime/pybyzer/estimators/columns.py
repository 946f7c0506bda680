"""ColumnsExt: drops columns; ``!columns`` as an ET."""

from __future__ import annotations

from pybyzer.context import Context, Parameter
from pybyzer.errors import BadOption
from pybyzer.estimators.base import ESTIMATORS, Estimator, FitRequest, quoted
from pybyzer.estimators.inputs import columns, require


@ESTIMATORS.register("ColumnsExt")
class ColumnsExt(Estimator):
    """The result, and the input table too, are without these columns, as in the original."""

    name = "ColumnsExt"
    description = "drops columns of a table"
    example = """
select 1 as a, 2 as b as numbers;
run numbers as ColumnsExt.`` where action="drop" and fields="b" as fewer;
"""
    parameters = (
        Parameter("action", "drop or remove: the same", "drop", choices=("drop", "remove")),
        Parameter("fields", "the columns, separated by commas", required=True),
    )

    def fit(self, ctx: Context, request: FitRequest) -> None:
        fields = require(request.options, "fields")
        ctx.check(self.name, self.parameters, request.options, strict=False)
        gone = [field.name for field in columns(ctx, request.table, fields, "fields")]
        kept = [name for name in ctx.engine.schema(request.table).names if name not in gone]
        if not kept:
            raise BadOption("a table needs at least one column", option="fields")
        ctx.engine.query(f"select {', '.join(map(quoted, kept))} from {quoted(request.table)}", request.table)
        if request.output.lower() != request.table.lower():
            ctx.engine.query(f"select * from {quoted(request.table)}", request.output)

    predict = fit
