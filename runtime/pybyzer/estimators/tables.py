"""Small ETs over tables: RateSampler, EmptyTable, EmptyTableWithSchema, AutoIncrementKeyExt."""

from __future__ import annotations

from pybyzer.context import Context, Parameter
from pybyzer.errors import BadOption
from pybyzer.estimators.base import ESTIMATORS, Estimator, FitRequest, quoted


@ESTIMATORS.register("RateSampler")
class RateSampler(Estimator):
    """Marks each row for one of two samples in a new column ``__split__``."""

    name = "RateSampler"
    description = "splits a table in two by rates, in the column __split__ (0 or 1)"
    example = """
select id as label, id * 2 as feature from range(100) as numbers;
train numbers as RateSampler.`` where labelCol="label" and sampleRate="0.8,0.2" as marked;
select * from marked where __split__ = 0 as training;
"""
    parameters = (
        Parameter("labelCol", "a column of numbers; rates hold for each of its values", "label"),
        Parameter("sampleRate", "two rates whose sum is 1", "0.9,0.1"),
        Parameter("isSplitWithSubLabel", "true: exact for each label", "false", choices=("true", "false")),
    )

    def fit(self, ctx: Context, request: FitRequest) -> None:
        import pyarrow as pa

        options = ctx.check(self.name, self.parameters, request.options, strict=False)
        rate = _first_rate(options["sampleRate"])
        schema = ctx.engine.schema(request.table)
        label = options["labelCol"]
        field = next((f for f in schema if f.name.lower() == label.lower()), None)
        if field is None or not (pa.types.is_integer(field.type) or pa.types.is_floating(field.type)):
            raise BadOption(
                f'RateSampler: labelCol "{label}" must be a column of numbers of {request.table}',
                option="labelCol",
            )
        table, by = quoted(request.table), quoted(field.name)
        if options["isSplitWithSubLabel"].lower() == "true":
            numbered = (
                f"select * except (__draw__), row_number() over (partition by {by} order by __draw__)"
                f" as __row__, count(*) over (partition by {by}) as __rows__"
                f" from (select *, rand() as __draw__ from {table}) as drawn"
            )
            split = f"if(__row__ <= round(__rows__ * {rate}), 0, 1) as __split__"
            sql = f"select * except (__row__, __rows__), {split} from ({numbered}) as numbered"
        else:
            sql = f"select *, if(rand() < {rate}, 0, 1) as __split__ from {table}"
        ctx.engine.query(sql, request.output)


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


def _first_rate(text: str) -> float:
    try:
        rates = [float(part) for part in text.split(",")]
    except ValueError:
        rates = []
    if len(rates) != 2 or abs(sum(rates) - 1) > 0.001 or min(rates) < 0:
        raise BadOption(
            "Sum of sampleRates should equal to 1 and number of elements should be 2",
            option="sampleRate",
            hint='as in sampleRate="0.9,0.1"',
        )
    return rates[0]
