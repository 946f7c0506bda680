"""EmptyTable, EmptyTableWithSchema, AutoIncrementKeyExt: a table of nothing, and rows with a number."""

from __future__ import annotations

from pybyzer.context import Context, Parameter
from pybyzer.errors import BadOption
from pybyzer.estimators.base import ESTIMATORS, Estimator, FitRequest, quoted


@ESTIMATORS.register("EmptyTable")
class EmptyTable(Estimator):
    """No rows, and no columns but one named ``value``: an engine cannot hold a table without any."""

    name = "EmptyTable"
    description = "a table without rows"
    example = """
run command as EmptyTable.`` as nothing;
"""

    def fit(self, ctx: Context, request: FitRequest) -> None:
        ctx.engine.query("select cast(null as string) as value where 1 = 0", request.output)


@ESTIMATORS.register("EmptyTableWithSchema")
class EmptyTableWithSchema(Estimator):
    """No rows, the columns of a schema."""

    name = "EmptyTableWithSchema"
    description = "a table without rows, of a given schema"
    example = """
run command as EmptyTableWithSchema.`` where schema="st(field(name,string),field(age,integer))" as people;
"""
    parameters = (Parameter("schema", "st(field(a,integer),...), DDL, JSON or file", required=True),)

    def fit(self, ctx: Context, request: FitRequest) -> None:
        from pybyzer.lang.schema import FileSchema, parse_schema

        options = ctx.check(self.name, self.parameters, request.options, strict=False)
        found = parse_schema(options["schema"])
        schema = found.schema if isinstance(found, FileSchema) else found
        ctx.engine.ingest(request.output, schema.empty_table())


@ESTIMATORS.register("AutoIncrementKeyExt")
class AutoIncrementKeyExt(Estimator):
    """Adds ``id bigint``: unique, in the order of the rows."""

    name = "AutoIncrementKeyExt"
    description = "adds a unique number for each row in the column id"
    example = """
select explode(array("ant", "bee")) as animal as animals;
run animals as AutoIncrementKeyExt.`` as numbered;
"""

    def fit(self, ctx: Context, request: FitRequest) -> None:
        if "id" in (name.lower() for name in ctx.engine.schema(request.table).names):
            raise BadOption(f'AutoIncrementKeyExt: table "{request.table}" has a column "id" already')
        ctx.engine.query(
            f"select *, monotonically_increasing_id() as id from {quoted(request.table)}", request.output
        )
