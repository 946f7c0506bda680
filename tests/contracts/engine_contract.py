"""What every SQL engine keeps: inherit ``EngineContract``, give it ``make_engine``."""

from __future__ import annotations

import datetime
import threading
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

from pybyzer.engines.base import Engine, FindFunction, Scan, SqlFunction
from pybyzer.errors import EngineError, Interrupted, ParseError, UnknownName, Unsupported
from pybyzer.settings import Settings

MANY = 200_000


class EngineContract:
    """The nine methods and ``settle``, seen from outside."""

    @pytest.fixture
    def functions(self) -> dict[str, SqlFunction]:
        """Functions of the session; a test adds its own."""
        return {}

    @pytest.fixture
    def engine(self, functions: dict[str, SqlFunction]) -> Iterator[Engine]:
        made = self.make_engine(Settings(), lambda name: functions.get(name.lower()))
        yield made
        made.close()

    def make_engine(self, settings: Settings, find_function: FindFunction) -> Engine:
        raise NotImplementedError

    def rows(self, engine: Engine, name: str) -> list[dict[str, Any]]:
        return list(engine.stream(name).reader.read_all().to_pylist())

    def answer(self, engine: Engine, sql: str) -> list[dict[str, Any]]:
        engine.query(sql, "answer")
        return self.rows(engine, "answer")

    # -- names -----------------------------------------------------------------------------

    def test_a_table_can_be_defined_from_its_earlier_self(self, engine: Engine) -> None:
        engine.query("select 1 as a", "t")
        engine.query("select a + 1 as a from t", "t")
        engine.query("select a * 10 as a from t", "t")
        assert self.rows(engine, "t") == [{"a": 20}]

    def test_later_definitions_do_not_change_earlier_tables(self, engine: Engine) -> None:
        engine.query("select 1 as a", "base")
        engine.query("select a from base", "early")
        engine.query("select 99 as a", "base")
        assert self.rows(engine, "early") == [{"a": 1}]

    def test_names_have_no_case(self, engine: Engine) -> None:
        engine.query("select 1 as Value", "MyTable")
        assert self.answer(engine, "select VALUE as v from mytable") == [{"v": 1}]

    @pytest.mark.parametrize("name", ["order", "select", "my table", "täble", "fav+cart", "group"])
    def test_any_name_can_be_a_table(self, engine: Engine, name: str) -> None:
        engine.query("select 1 as a", name)
        assert self.answer(engine, f"select a from `{name}`") == [{"a": 1}]

    def test_a_dropped_name_is_unknown_but_tables_made_from_it_stay(self, engine: Engine) -> None:
        engine.query("select 1 as a", "base")
        engine.query("select a from base", "derived")
        engine.drop("base")
        engine.drop("base")
        with pytest.raises(UnknownName):
            engine.schema("base")
        assert self.rows(engine, "derived") == [{"a": 1}]

    def test_columns_may_share_a_name(self, engine: Engine) -> None:
        engine.query("select 1 as a, 2 as a", "t")
        read = engine.stream("t").reader.read_all()
        assert (read.column_names, [column.to_pylist() for column in read.columns]) == (
            ["a", "a"],
            [[1], [2]],
        )

    # -- mistakes --------------------------------------------------------------------------

    def test_an_unknown_table_is_an_error_at_once_with_its_place(self, engine: Engine) -> None:
        engine.query("select 1 as a", "orders")
        with pytest.raises(UnknownName) as caught:
            engine.query("select a from ordres", "x")
        assert (caught.value.offset, caught.value.length) == (14, 6)
        assert caught.value.hint == 'did you mean "orders"?'

    def test_an_unknown_column_is_an_error_at_once_with_its_place(self, engine: Engine) -> None:
        engine.query("select 1 as price", "orders")
        with pytest.raises(EngineError) as caught:
            engine.query("select\n  prise from orders", "x")
        assert (caught.value.offset, caught.value.length) == (9, 5)
        assert caught.value.hint == 'did you mean "price"?'

    def test_a_syntax_error_has_a_place(self, engine: Engine) -> None:
        with pytest.raises(ParseError) as caught:
            engine.query("select 1 as a\nfrom t t t", "x")
        assert (caught.value.offset, caught.value.length) == (23, 1)

    def test_an_unknown_function_is_named(self, engine: Engine) -> None:
        with pytest.raises(UnknownName, match="frobnicate"):
            engine.query("select frobnicate(1)", "x")

    def test_what_is_not_done_is_named(self, engine: Engine) -> None:
        with pytest.raises(Unsupported, match="sentences"):
            engine.query("select sentences('Hi there.') as s", "x")

    def test_a_failed_definition_leaves_the_table_as_it_was(self, engine: Engine) -> None:
        engine.query("select 1 as a", "t")
        with pytest.raises(EngineError):
            engine.query("select nope from t", "t")
        assert self.rows(engine, "t") == [{"a": 1}]

    # -- Arrow in and out ------------------------------------------------------------------

    def test_types_survive_the_way_in_and_out(self, engine: Engine) -> None:
        instant = datetime.datetime(2024, 2, 29, 1, 2, 3, 4, datetime.UTC)
        schema = pa.schema(
            {
                "b": pa.bool_(), "i8": pa.int8(), "i16": pa.int16(), "i32": pa.int32(), "i64": pa.int64(),
                "f": pa.float32(), "d": pa.float64(), "dec": pa.decimal128(10, 2), "s": pa.string(),
                "bin": pa.binary(), "day": pa.date32(), "ts": pa.timestamp("us", "UTC"),
                "ntz": pa.timestamp("us"), "l": pa.list_(pa.int32()), "m": pa.map_(pa.string(), pa.int64()),
                "st": pa.struct({"x": pa.int32(), "y": pa.list_(pa.string())}),
            }
        )  # fmt: skip
        row = {
            "b": True, "i8": 1, "i16": 2, "i32": 3, "i64": 4, "f": 0.5, "d": 1.5, "dec": Decimal("1.20"),
            "s": "text", "bin": b"\0\xff", "day": instant.date(), "ts": instant,
            "ntz": instant.replace(tzinfo=None), "l": [1, None], "m": [("k", 1)], "st": {"x": 1, "y": ["a"]},
        }  # fmt: skip
        table = pa.Table.from_pylist([row, dict.fromkeys(row)], schema=schema)
        engine.ingest("t", table)
        assert [field.type for field in engine.schema("t")] == schema.types
        assert engine.stream("t").reader.read_all().to_pylist() == table.to_pylist()

    @pytest.mark.parametrize(
        ("given", "kept"),
        [
            (pa.uint32(), pa.int64()),
            (pa.timestamp("ns"), pa.timestamp("us")),
            (pa.timestamp("s", "Asia/Tokyo"), pa.timestamp("us", "UTC")),
            (pa.large_string(), pa.string()),
            (pa.dictionary(pa.int8(), pa.string()), pa.string()),
        ],
        ids=str,
    )
    def test_other_types_become_the_next_that_holds_them(
        self, engine: Engine, given: pa.DataType, kept: pa.DataType
    ) -> None:
        engine.ingest("t", pa.table({"c": pa.array([None], given)}))
        assert engine.schema("t").field("c").type == kept

    def test_sources_of_every_kind_are_tables(self, engine: Engine, tmp_path: Path) -> None:
        table = pa.table({"a": [1, 2, 3]})
        pq.write_table(table, tmp_path / "a.parquet")
        kinds: dict[str, Any] = {
            "table": table,
            "reader": table.to_reader(),
            "dataset": ds.dataset(tmp_path / "a.parquet"),
            "factory": table.to_reader,
            "empty": table.schema.empty_table(),
        }
        for name, data in kinds.items():
            engine.ingest(name, data)
        sums = {name: self.answer(engine, f"select sum(a) s from {name}")[0]["s"] for name in kinds}
        assert sums == {"table": 6, "reader": 6, "dataset": 6, "factory": 6, "empty": None}

    def test_rows_keep_their_order_and_batches_their_bound(self, engine: Engine) -> None:
        engine.ingest("t", pa.table({"a": range(MANY), "s": [f"text {i % 7}" for i in range(MANY)]}))
        engine.query("select a, s, a % 2 = 0 as even from t where a >= 10", "u")
        batches = list(engine.stream("u").reader)
        assert max(batch.num_rows for batch in batches) <= 122_880
        assert pa.Table.from_batches(batches).column("a").to_pylist() == list(range(10, MANY))

    def test_batches_of_large_rows_are_small(self, engine: Engine) -> None:
        picture = bytes(1 << 20)
        engine.ingest("pictures", pa.table({"n": range(48), "content": [picture] * 48}))
        batches = list(engine.stream("pictures").reader)
        assert max(batch.nbytes for batch in batches) <= 20 << 20
        assert sum(batch.num_rows for batch in batches) == 48

    def test_a_limit_gives_the_first_rows(self, engine: Engine) -> None:
        engine.query("select id from range(100000) order by id desc", "t")
        assert engine.stream("t", limit=2).reader.read_all().to_pylist() == [{"id": 99999}, {"id": 99998}]

    def test_a_table_can_be_read_while_it_streams(self, engine: Engine) -> None:
        engine.query(f"select id from range({MANY})", "t")
        outer = engine.stream("t").reader
        outer.read_next_batch()
        assert self.answer(engine, "select count(*) c from t") == [{"c": MANY}]
        assert sum(batch.num_rows for batch in outer) > 0

    # -- files -----------------------------------------------------------------------------

    def test_parquet_is_scanned_and_settled_before_it_goes(self, engine: Engine, tmp_path: Path) -> None:
        file = tmp_path / "data" / "part-0.parquet"
        file.parent.mkdir()
        pq.write_table(pa.table({"a": [1, 2]}), file)
        if not engine.scan("t", Scan("parquet", (str(file),))):
            pytest.skip("this engine reads no parquet itself")
        engine.query("select a + 1 as a from t", "u")
        engine.settle([str(file.parent)])
        file.unlink()
        assert (self.rows(engine, "t"), self.rows(engine, "u")) == (
            [{"a": 1}, {"a": 2}],
            [{"a": 2}, {"a": 3}],
        )

    def test_unknown_formats_are_left_to_others(self, engine: Engine) -> None:
        assert not engine.scan("t", Scan("nosuchformat", ("/nowhere",)))

    # -- partitions ------------------------------------------------------------------------

    def test_partitions_are_inherited(self, engine: Engine) -> None:
        engine.ingest("a", pa.table({"x": [1]}), partitions=4)
        engine.query("select 1 as x", "b")
        engine.query("select a.x from a join b on a.x = b.x", "joined")
        engine.query("select * from joined", "two", partitions=2)
        assert [engine.stream(name).partitions for name in ("a", "b", "joined", "two")] == [4, 1, 4, 2]

    # -- functions -------------------------------------------------------------------------

    def test_a_macro_is_spark_sql(self, engine: Engine, functions: dict[str, SqlFunction]) -> None:
        functions["first_word"] = SqlFunction("first_word", ("s",), macro="split(s, ' ')[0]")
        assert self.answer(engine, "select first_word('hello world') w") == [{"w": "hello"}]

    def test_a_batch_function_gets_arrays_and_casts(
        self, engine: Engine, functions: dict[str, SqlFunction]
    ) -> None:
        functions["total"] = SqlFunction(
            "total",
            ("values",),
            batch=lambda values: pa.array([sum(row) for row in values.to_pylist()], pa.float64()),
            types=(pa.list_(pa.float64()),),
            returns=pa.float64(),
        )
        assert self.answer(engine, "select total(array(1, 2)) a, total(array(0.5)) b") == [
            {"a": 3.0, "b": 0.5}
        ]

    def test_a_function_of_the_session_replaces_sparks(
        self, engine: Engine, functions: dict[str, SqlFunction]
    ) -> None:
        functions["upper"] = SqlFunction("upper", ("s",), macro="concat(upper(s), '!')")
        assert self.answer(engine, "select upper('a') u") == [{"u": "A!"}]

    def test_a_functions_own_error_arrives_as_it_was(
        self, engine: Engine, functions: dict[str, SqlFunction]
    ) -> None:
        def fail(values: pa.Array) -> pa.Array:
            raise LookupError("no such label: 7")

        functions["label"] = SqlFunction(
            "label", ("x",), batch=fail, types=(pa.int64(),), returns=pa.string()
        )
        engine.query("select label(id) from range(3)", "t")
        with pytest.raises(LookupError, match="no such label: 7") as caught:
            self.rows(engine, "t")
        assert any(entry.name == "fail" for entry in caught.traceback)
        assert self.answer(engine, "select 1 as a") == [{"a": 1}]

    def test_a_wrong_number_of_results_is_an_error(
        self, engine: Engine, functions: dict[str, SqlFunction]
    ) -> None:
        functions["short"] = SqlFunction(
            "short", ("x",), batch=lambda values: values.slice(0, 1), types=(pa.int64(),), returns=pa.int64()
        )
        engine.query("select short(id) from range(3)", "t")
        with pytest.raises(EngineError, match="short gave 1 values for 3 rows"):
            self.rows(engine, "t")

    def counting(self, **more: Any) -> tuple[SqlFunction, Callable[[], int]]:
        """A function, and how many rows it has seen."""
        seen: list[int] = []

        def batch(values: pa.Array) -> pa.Array:
            seen.append(len(values))
            return pc.add(values, 1)

        made = SqlFunction("slow", ("x",), batch=batch, types=(pa.int64(),), returns=pa.int64(), **more)
        return made, lambda: sum(seen)

    def test_a_costly_function_sees_each_row_once(
        self, engine: Engine, functions: dict[str, SqlFunction]
    ) -> None:
        functions["slow"], seen = self.counting(costly=True)
        engine.query("select slow(id) as y from range(5000)", "t")
        assert seen() == 0
        engine.stream("t", limit=3).reader.read_all()
        self.rows(engine, "t")
        assert self.answer(engine, "select sum(y) s from t") == [{"s": sum(range(1, 5001))}]
        assert seen() == 5000

    @pytest.mark.parametrize(
        "sql",
        [
            "select id from range(5000) where slow(id) % 2 = 0 and slow(id) > 10",
            "select slow(id) a, slow(id) + 1 b, case when slow(id) > 9 then slow(id) end c from range(5000)",
            "select y from (select slow(id) y from range(5000)) where y % 2 = 0 and y > 7",
            "select slow(id) % 3 k, count(*) c from range(5000) group by slow(id) % 3",
            "select id from range(5000) order by slow(id) desc",
        ],
    )
    def test_a_costly_function_sees_each_row_once_wherever_it_stands(
        self, engine: Engine, functions: dict[str, SqlFunction], sql: str
    ) -> None:
        functions["slow"], seen = self.counting(costly=True)
        assert self.answer(engine, sql)
        assert seen() == 5000

    def test_a_costly_function_sees_only_the_rows_that_are_asked_for(
        self, engine: Engine, functions: dict[str, SqlFunction]
    ) -> None:
        functions["slow"], seen = self.counting(costly=True)
        limited = self.answer(engine, "select slow(id) y from range(100000) where id >= 50 limit 3")
        assert (limited, seen()) == ([{"y": 51}, {"y": 52}, {"y": 53}], 3)

    def test_a_costly_function_gets_large_batches(
        self, engine: Engine, functions: dict[str, SqlFunction]
    ) -> None:
        sizes: list[int] = []

        def size(values: pa.Array) -> pa.Array:
            sizes.append(len(values))
            return values

        functions["size"] = SqlFunction(
            "size", ("x",), batch=size, types=(pa.int64(),), returns=pa.int64(), costly=True
        )
        assert len(self.answer(engine, f"select size(id) y from range({MANY})")) == MANY
        assert max(sizes) > 10_000

    def test_a_heavy_table_is_computed_twice_at_most(
        self, engine: Engine, functions: dict[str, SqlFunction]
    ) -> None:
        functions["slow"], seen = self.counting()
        engine.query("select slow(id) as y from range(5000)", "t")
        answers = [self.answer(engine, "select sum(y) s from t") for _ in range(5)]
        assert len({str(one) for one in answers}) == 1
        assert seen() <= 2 * 5000

    def test_random_values_stay_once_they_were_seen(self, engine: Engine) -> None:
        engine.query("select id, rand() as r from range(100)", "t")
        assert self.rows(engine, "t") == self.rows(engine, "t")

    # -- statements without rows -----------------------------------------------------------

    def test_tables_can_be_created_and_added_to(self, engine: Engine) -> None:
        engine.query("create table t (a int, b string)", None)
        engine.query("insert into t values (1, 'x')", None)
        engine.query("insert into t select '2', 3", None)
        assert self.rows(engine, "t") == [{"a": 1, "b": "x"}, {"a": 2, "b": "3"}]
        engine.query("insert overwrite table t select a * 10, b from t where a = 1", None)
        assert self.rows(engine, "t") == [{"a": 10, "b": "x"}]
        engine.query("drop table t", None)
        with pytest.raises(UnknownName):
            engine.query("select * from t", "x")

    def test_a_view_sees_what_is_inserted(self, engine: Engine) -> None:
        engine.query("create table t as select 1 as a", None)
        engine.query("select sum(a) s from t", "total")
        before = [self.rows(engine, "total") for _ in range(3)]
        engine.query("insert into t select 10", None)
        assert (before, self.rows(engine, "total")) == ([[{"s": 1}]] * 3, [{"s": 11}])

    # -- stopping --------------------------------------------------------------------------

    def test_cancel_stops_a_query_and_tables_stay(self, engine: Engine) -> None:
        engine.query("select 1 as a", "kept")
        engine.query(
            "select count(*) c from range(10000000) a join range(10000000) b on a.id + b.id < 0", "long"
        )
        errors: list[BaseException] = []

        def run() -> None:
            try:
                self.rows(engine, "long")
            except Interrupted as error:
                errors.append(error)

        thread = threading.Thread(target=run)
        thread.start()
        while thread.is_alive():
            # While it runs, others may look.
            assert engine.schema("kept").names == ["a"]
            engine.cancel()
            thread.join(0.05)
        assert len(errors) == 1
        assert self.rows(engine, "kept") == [{"a": 1}]

    def test_closing_twice_is_fine(self) -> None:
        made = self.make_engine(Settings(), lambda _: None)
        made.query("select 1 as a", "t")
        made.close()
        made.close()

    def test_two_engines_know_nothing_of_each_other(self, engine: Engine) -> None:
        other = self.make_engine(Settings(), lambda _: None)
        other.query("select 1 as a", "mine")
        with pytest.raises(UnknownName):
            engine.schema("mine")
        other.close()

    def test_instants_are_those_of_the_sessions_zone(self) -> None:
        engine = self.make_engine(Settings(timezone="Asia/Shanghai"), lambda _: None)
        engine.query(
            "select timestamp'2024-01-01 00:00:00' as t, hour(timestamp'2024-01-01 05:00:00') as h", "t"
        )
        assert engine.schema("t").field("t").type == pa.timestamp("us", "UTC")
        row = self.rows(engine, "t")[0]
        assert (row["t"], row["h"]) == (datetime.datetime(2023, 12, 31, 16, tzinfo=datetime.UTC), 5)
        engine.close()
