"""Avro: the types of a schema, logical types, unions, codecs, damage."""

from __future__ import annotations

import datetime
import io
import json
import uuid
from decimal import Decimal
from pathlib import Path
from typing import Any

import fastavro
import pyarrow as pa
import pytest

from pybyzer import Session
from pybyzer.arrow import type_name
from pybyzer.errors import BadOption, Unsupported
from tests.unit.sources.support import load, rows, save

NOON = datetime.datetime(2024, 1, 2, 12, 0, 0, 250000, tzinfo=datetime.UTC)


def written(
    path: Path, fields: list[tuple[str, Any]], records: list[dict[str, Any]], codec: str = "null"
) -> str:
    schema = {"type": "record", "name": "r", "fields": [{"name": n, "type": t} for n, t in fields]}
    with path.open("wb") as file:
        fastavro.writer(file, schema, records, codec=codec)
    return str(path)


@pytest.mark.parametrize(
    ("schema", "value", "kind", "found"),
    [
        ("int", 1, "int", 1),
        ("long", 1 << 40, "bigint", 1 << 40),
        ("float", 0.5, "float", 0.5),
        ("boolean", True, "boolean", True),
        ("bytes", b"\x00a", "binary", b"\x00a"),
        (["null", "string"], None, "string", None),
        (["int", "long"], 1 << 40, "bigint", 1 << 40),
        (["null", "float", "double"], 0.1, "double", 0.1),
        (["int", "string"], "x", "struct<member0:int,member1:string>", {"member0": None, "member1": "x"}),
        (["null", "int", "string"], None, "struct<member0:int,member1:string>", None),
        ({"type": "enum", "name": "e", "symbols": ["A", "B"]}, "B", "string", "B"),
        ({"type": "fixed", "name": "f", "size": 2}, b"ab", "binary", b"ab"),
        ({"type": "array", "items": ["null", "int"]}, [1, None], "array<int>", [1, None]),
        ({"type": "map", "values": "int"}, {"k": 1}, "map<string,int>", [("k", 1)]),
        ({"type": "int", "logicalType": "date"}, NOON.date(), "date", NOON.date()),
        ({"type": "long", "logicalType": "timestamp-millis"}, NOON, "timestamp", NOON),
        ({"type": "long", "logicalType": "timestamp-micros"}, NOON, "timestamp", NOON),
        (
            {"type": "long", "logicalType": "local-timestamp-micros"},
            NOON.replace(tzinfo=None),
            "timestamp_ntz",
            NOON.replace(tzinfo=None),
        ),
        ({"type": "int", "logicalType": "time-millis"}, datetime.time(0, 0, 1), "int", 1000),
        ({"type": "long", "logicalType": "time-micros"}, datetime.time(0, 0, 1), "bigint", 1_000_000),
        ({"type": "string", "logicalType": "uuid"}, uuid.UUID(int=7), "string", str(uuid.UUID(int=7))),
        (
            {"type": "bytes", "logicalType": "decimal", "precision": 5, "scale": 2},
            Decimal("1.50"),
            "decimal(5,2)",
            Decimal("1.50"),
        ),
        (
            {"type": "record", "name": "n", "fields": [
                {"name": "t", "type": ["null", {"type": "int", "logicalType": "time-millis"}]}
            ]},
            {"t": datetime.time(0, 0, 2)},
            "struct<t:int>",
            {"t": 2000},
        ),
    ],
)  # fmt: skip
def test_types(  # noqa: PLR0917 - four of a case, two fixtures
    schema: Any, value: Any, kind: str, found: Any, session: Session, tmp_path: Path
) -> None:
    table = load(session, "avro", written(tmp_path / "t.avro", [("a", schema)], [{"a": value}]))
    assert (type_name(table.schema.field("a").type), table.column("a").to_pylist()) == (kind, [found])


def test_a_name_used_twice(session: Session, tmp_path: Path) -> None:
    point = {"type": "record", "name": "p", "fields": [{"name": "x", "type": "int"}]}
    path = written(
        tmp_path / "t.avro", [("a", point), ("b", ["null", "p"])], [{"a": {"x": 1}, "b": {"x": 2}}]
    )
    assert rows(session, "avro", path) == [{"a": {"x": 1}, "b": {"x": 2}}]


def test_a_record_in_itself(session: Session, tmp_path: Path) -> None:
    path = written(tmp_path / "t.avro", [("v", "int"), ("next", ["null", "r"])], [{"v": 1, "next": None}])
    with pytest.raises(Unsupported, match='record "r" contains itself'):
        load(session, "avro", path)


TABLE = pa.table({
    "i": pa.array([1, None], pa.int32()),
    "l": pa.array([1 << 40, None], pa.int64()),
    "d": [0.1, None],
    "f": pa.array([0.5, None], pa.float32()),
    "b": [True, None],
    "s": ["é", None],
    "y": [b"\x00", None],
    "t": pa.array([NOON, None], pa.timestamp("us", tz="UTC")),
    "n": pa.array([NOON.replace(tzinfo=None), None], pa.timestamp("us")),
    "dt": [NOON.date(), None],
    "m": pa.array([Decimal("-12345.67"), None], pa.decimal128(38, 2)),
    "m2": pa.array([Decimal("9.9"), None], pa.decimal128(2, 1)),
    "a": [[1, None], None],
    "o": [{"x": 1, "y": {"z": ["q"]}}, None],
    "k": pa.array([[("a", 1), ("b", None)], None], pa.map_(pa.string(), pa.int64())),
})  # fmt: skip


@pytest.mark.parametrize("codec", ["snappy", "uncompressed", "deflate", "bzip2", "xz", "zstandard"])
def test_round_trip(codec: str, session: Session, tmp_path: Path) -> None:
    save(session, TABLE, "avro", f"{tmp_path}/t", options={"compression": codec})
    found = load(session, "avro", f"{tmp_path}/t")
    assert found.to_pylist() == TABLE.to_pylist()
    assert [type_name(f.type) for f in found.schema] == [type_name(f.type) for f in TABLE.schema]


def test_the_schema_is_sparks(session: Session, tmp_path: Path) -> None:
    save(session, TABLE.select(["i", "m2", "o"]), "avro", f"{tmp_path}/t")
    [part] = (tmp_path / "t").glob("*.avro")
    with part.open("rb") as file:
        schema = fastavro.reader(file).writer_schema
    assert schema["name"] == "topLevelRecord"
    assert schema["fields"][0] == {"name": "i", "type": ["int", "null"]}
    assert schema["fields"][1]["type"][0]["size"] == 1
    assert schema["fields"][2]["type"][0]["name"] == "topLevelRecord.o"


def test_another_schema(session: Session, tmp_path: Path) -> None:
    path = written(tmp_path / "t.avro", [("a", "int"), ("b", "string")], [{"a": 1, "b": "x"}])
    fields = [{"name": "a", "type": "long"}, {"name": "c", "type": ["null", "string"], "default": None}]
    wanted = json.dumps({"type": "record", "name": "r", "fields": fields})
    assert rows(session, "avro", path, {"avroSchema": wanted}) == [{"a": 1, "c": None}]
    with pytest.raises(BadOption, match="avroSchema is no schema"):
        load(session, "avro", path, {"avroSchema": "{"})
    with pytest.raises(BadOption, match="must be that of a record"):
        load(session, "avro", path, {"avroSchema": '"int"'})


def test_damage(session: Session, tmp_path: Path) -> None:
    path = Path(written(tmp_path / "t.avro", [("a", "string")], [{"a": "x" * 100}] * 1000, "deflate"))
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(BadOption, match=r"t\.avro, after record [0-9]+"):
        rows(session, "avro", str(path))
    path.write_bytes(b"Obj\x01 not really")
    with pytest.raises(BadOption, match="is not an Avro file"):
        load(session, "avro", str(path))
    path.write_bytes(io.BytesIO().getvalue())
    with pytest.raises(BadOption, match="is not an Avro file"):
        load(session, "avro", str(path))


def test_what_cannot_be_written(session: Session, tmp_path: Path) -> None:
    with pytest.raises(BadOption, match='"a b" cannot be the name of a field'):
        save(session, pa.table({"a b": [1]}), "avro", f"{tmp_path}/t")
    keys = pa.table({"k": pa.array([[(1, 2)]], pa.map_(pa.int64(), pa.int64()))})
    with pytest.raises(Unsupported, match="no texts"):
        save(session, keys, "avro", f"{tmp_path}/t")
    assert list(tmp_path.iterdir()) == []
