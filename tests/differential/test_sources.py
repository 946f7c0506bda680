"""Files that Spark and we read and write give the same rows, types and bytes."""

from __future__ import annotations

import datetime
import glob
import os
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pybyzer import Session, Settings
from pybyzer.arrow import type_name
from tests.differential import judge
from tests.unit.sources.support import load, where

pytestmark = [pytest.mark.needs("pyspark"), pytest.mark.needs("java")]

DATA = Path(__file__).parents[1] / "conformance" / "data"
HEADER = {"header": "true"}
INFER = {"header": "true", "inferSchema": "true"}

CSV = [
    ('a,b\n1,"x,y"\n2,"a""b"\n3,"a\\"b"\n4,a"b"c\n5,"ab"c\n', HEADER),
    ('a,b\n6,"ab" ,d\n7, "q"\n8,\n9,""\n10\n11,x,y\n\n', HEADER),
    ('a,b\n1,"x,y"\n2,"a""b"\n3,"a\\"b"\n', HEADER | {"escape": '"'}),
    ('a,b\n1,"x\ny"\n2,z\n', HEADER),
    ('a,b\n1,"x\ny"\n2,z\n', HEADER | {"multiLine": "true"}),
    ("a,a,,b\n1,2,3,4\n", HEADER),
    ("a,A\n1,2\n", HEADER),
    ("1,2\n3,4,5\n6\n", {}),
    ("i,l,d,b,n\n1,3000000000,1.5,true,\n2,1,2,FALSE,\n", INFER),
    ("t,d\n2020-01-01 00:00:00,2020-01-01\n2020-01-01T01:02:03.5Z,2020-02-01\n", INFER),
    ("a,b,c,d,e,f,g\n 1,1 ,+1,-1,01,1.,.5\n", INFER),
    ("a,b,c,d,e,f,g\nNaN,Inf,-Infinity,1d,1f,0x1,1E5\n", INFER),
    ("a,b\n99999999999999999999,12345678901234567890123456789012345678901\n", INFER),
    ("a,b\n2020-1-1,2020-01-01 1:2:3\n", INFER),
    ("a,b,c\n2020-01-01,2020-01-01,1\n2020-01-01 00:00:00,x,2020-01-01\n", INFER),
    ("a,b\n2020-01-01 10:00:00+05:00,2020-06-01\n2020-06-01 10:00:00,2020-06-02 10:20\n", INFER),
    ("a,b\n-,NA\n1,2\n", INFER | {"nullValue": "NA"}),
    ('a,b\n"",x\nN,\n', HEADER | {"emptyValue": "E", "nullValue": "N"}),
    ("#c\na;b\n#d\n1;2\n", HEADER | {"comment": "#", "sep": ";"}),
    ("a||b\n1||2\n", HEADER | {"delimiter": "||"}),
    ("a,b\n  1 ,  x \n", HEADER | {"ignoreLeadingWhiteSpace": "true", "ignoreTrailingWhiteSpace": "true"}),
    ("a,b\n1,2,3\n4\n5,6\n", HEADER | {"mode": "DROPMALFORMED"}),
    ("a,b\r\n1,2\r\n3,4\r\n", HEADER),
    ("a,b\r1,2\r3,4", HEADER),
    ("\ufeffa,b\n1,2\n", HEADER),
    ("a,b\n1,01/02/2020\n", INFER | {"dateFormat": "dd/MM/yyyy"}),
    ("a,b\n1,01/02/2020 10:00\n", INFER | {"timestampFormat": "dd/MM/yyyy HH:mm"}),
    ("a,b\n", INFER),
]  # fmt: skip
JSON = [
    ('{"b":1,"a":"x"}\n{"a":"y","b":2.5}\n', {}),
    ('{"a":1},\n {"a":2} \n\n{"a":\n', {}),
    ("{'a':1}\n{a:2}\n", {}),
    ('[{"a":1},{"a":2}]\n{"a":3}\n5\n"x"\nnull\n', {}),
    ('{"a":{"y":1,"x":[1,2.5]},"b":[{"k":1},{"z":2}]}\n{"a":{"x":[],"q":null}}\n', {}),
    ('{"a":1}\n{"a":"x"}\n{"a":{"b": 1.00}}\n{"a":[1, 2]}\n', {}),
    ('{"a":"x"}\n{"a":true}\n{"a":1.50}\n{"a":null}\n{"a":1e5}\n', {}),
    ('{"a":12345678901234567890}\n{"a":1}\n', {}),
    ('{"a":12345678901234567890}\n{"a":1.5}\n', {}),
    ('{"a":9223372036854775807}\n{"a":-9223372036854775808}\n', {}),
    ('{"a":"2020-01-01"}\n{"a":"2020-01-01T00:00:00Z"}\n', {}),
    ('{"a":[],"b":null,"c":{},"d":[{}]}\n', {}),
    ('{"B":1,"a":2,"_z":3,"Z":4}\n', {}),
    ('{"a":NaN}\n{"a":1}\n{"a":Infinity}\n', {}),
    ('[\n{"a":1},\n{"a":2}\n]\n', {"multiLine": "true"}),
    ('{"a":1}{"a":2}\n{"a":1} x\n{"a":01}\n{"a":1,}\n', {}),
    ('{"a":"x\ty"}\n{"a":"b"}\n', {}),
    ('{"a":1,"b":1.5}\n', {"primitivesAsString": "true"}),
    ('{"a":1.5,"b":1,"c":0.001}\n', {"prefersDecimal": "true"}),
    ('{"a":null,"b":1}\n', {"dropFieldIfAllNull": "true"}),
    ('{"a":1}\n{bad\n', {"mode": "DROPMALFORMED"}),
    ('/*c*/{"a":1}\n', {"allowComments": "true"}),
    ('{"a":[1,"x",{"b":1}],"c":[[1],[2.5]]}\n', {}),
    ('{"a":"\\u00e9\\ud83d\\ude00"}\n', {}),
    ('{"a":{"b":1}}\n{"a":5}\n', {}),
    ('{"a.b":1,"c d":2}\n', {}),
]  # fmt: skip
VALUES = """select * from values
 (1, 'x,y', 1.5D, true, date'2020-01-02', timestamp'2020-01-02 03:04:05.123456', cast('ab' as binary), 1.50, cast(1.1 as float)),
 (null, '', 1e10D, false, null, timestamp'2020-01-02 00:00:00', null, null, cast(1e8 as float)),
 (3, 'q"q', 1e-5D, null, date'0001-01-01', null, X'00ff', 0.00, null),
 (4, ' sp ', double('nan'), null, null, null, null, null, null),
 (5, 'nl\\nx', double('-infinity'), null, null, null, null, null, null),
 (6, 'back\\\\slash', 123456789D, null, null, null, null, null, null),
 (7, 'b\\\\"q', 0.001D, null, null, null, null, null, null),
 (8, '#c', -0.0D, null, null, null, null, null, null),
 (10, 'tab\\tx\\rx', 100D, null, null, null, null, null, null),
 (11, 'é\\u0001/中', 12345678.0D, null, null, null, null, null, null)
 as t(i,s,d,b,dt,ts,bin,de,f)"""  # noqa: E501 - a row is a line
NESTED = """select array(1,null,2) a, map('k',1,'n',null) m, named_struct('x',1,'y',null,'z',named_struct('w',
 cast(null as int))) s, cast(null as array<int>) n, array() e, map(date'2020-01-01', 1.5D) k,
 array(named_struct('t', timestamp'2020-01-01 00:00:00'), null) q"""
WRITTEN = [
    (VALUES, "csv", HEADER, ""),
    (VALUES, "csv", {"quoteAll": "true", "nullValue": "NULL"}, ""),
    (VALUES, "csv", {"nullValue": "NA", "emptyValue": "E", "sep": "|", "escape": '"'}, ""),
    (VALUES, "csv", {"ignoreLeadingWhiteSpace": "false", "ignoreTrailingWhiteSpace": "false"}, ""),
    (VALUES, "csv", {"timestampFormat": "yyyy/MM/dd HH:mm", "dateFormat": "dd.MM.yyyy"}, ""),
    (VALUES, "json", {}, ""),
    (VALUES, "json", {"ignoreNullFields": "false", "timestampFormat": "d MMM yy hh:mm a XXX"}, ""),
    (NESTED, "json", {}, ""),
    ("select 1 a, 'x:y/z%' p, date'2020-01-01' q, 1.50 d, 2D e", "csv", {}, "p,q,d,e"),
    ("select 1 a, timestamp'2020-01-01 01:02:03.5' t", "csv", {}, "t"),
    ("select 1 a, cast(null as string) p union all select 2, ''", "json", {}, "p"),
    ("select r'a\\b,c\\\\d' x, r'\\,' y, ',' z, '\"' q", "csv", {}, ""),
    ("select 'a' `x,y`, 1 `q\"q`", "csv", HEADER, ""),
]  # fmt: skip


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    with warnings.catch_warnings():
        # pyspark warns about the pandas that is installed, which is not used here.
        warnings.simplefilter("ignore")
        session = judge.open_spark()
        yield session
        session.stop()


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    lake = str(tmp_path_factory.mktemp("lake"))
    with Session(Settings(lake=lake, timezone=judge.ZONE)) as session:
        yield session


def of_spark(frame: Any) -> tuple[list[str], list[Any]]:
    """Columns with their types, and rows."""
    columns = [f"{field.name}:{field.dataType.simpleString()}" for field in frame.schema.fields]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return columns, [_plain(row.asDict(recursive=True)) for row in frame.collect()]


def of_ours(
    session: Session, form: str, path: Path | str, options: dict[str, str]
) -> tuple[list[str], list[Any]]:
    table = load(session, form, str(path), options)
    columns = [f"{field.name}:{type_name(field.type)}" for field in table.schema]
    return [column.replace("`", "") for column in columns], [_plain(row) for row in table.to_pylist()]


def _plain(value: Any) -> Any:
    """Values that compare: Spark's timestamps are local and naive, ours have a zone."""
    match value:
        case datetime.datetime():
            return value.astimezone(datetime.UTC).isoformat()
        case float():
            return repr(value)
        case dict():
            return {key: _plain(own) for key, own in value.items()}
        case list():
            return [_plain(own) for own in value]
        case bytearray():
            return bytes(value)
        case _:
            return value


@pytest.mark.parametrize(("text", "options"), CSV, ids=range(len(CSV)))
def test_csv(text: str, options: dict[str, str], spark: Any, ours: Session, tmp_path: Path) -> None:
    file = tmp_path / "t.csv"
    file.write_bytes(text.encode())
    expected = of_spark(spark.read.options(**options).csv(str(file)))
    assert of_ours(ours, "csv", file, options) == expected


@pytest.mark.parametrize(("text", "options"), JSON, ids=range(len(JSON)))
def test_json(text: str, options: dict[str, str], spark: Any, ours: Session, tmp_path: Path) -> None:
    file = tmp_path / "t.json"
    file.write_bytes(text.encode())
    # Spark refuses to show only malformed records, unless they are cached.
    expected = of_spark(spark.read.options(**options).json(str(file)).cache())
    assert of_ours(ours, "json", file, options) == expected


@pytest.mark.parametrize(("sql", "form", "options", "by"), WRITTEN, ids=range(len(WRITTEN)))
def test_written_files(  # noqa: PLR0917 - four of a case, three fixtures
    sql: str, form: str, options: dict[str, str], by: str, spark: Any, ours: Session, tmp_path: Path
) -> None:
    frame = spark.sql(sql).coalesce(1)
    frame.write.parquet(str(tmp_path / "source"))
    writer = frame.write.options(**options)
    (writer.partitionBy(*by.split(",")) if by else writer).format(form).save(str(tmp_path / "spark"))
    ours.run_text(f"load parquet.`{tmp_path}/source` as written;")
    tail = f"partitionBy {by}" if by else ""
    ours.run_text(f"save overwrite written as {form}.`{tmp_path}/ours` {where(options)} {tail};")
    assert _files(tmp_path / "ours") == _files(tmp_path / "spark")
    assert of_ours(ours, form, tmp_path / "ours", {}) == of_ours(ours, form, tmp_path / "spark", {})


def _files(root: Path) -> dict[str, bytes]:
    """The bytes of a directory's data files, by the directory they are in."""
    found: dict[str, bytes] = {}
    for path in sorted(glob.glob(f"{root}/**/part-*", recursive=True)):
        folder = os.path.dirname(os.path.relpath(path, root))
        found[folder] = found.get(folder, b"") + Path(path).read_bytes()
    return found


@pytest.mark.parametrize("kind", ["INT96", "TIMESTAMP_MICROS"])
def test_parquet(kind: str, spark: Any, ours: Session, tmp_path: Path) -> None:
    spark.conf.set("spark.sql.parquet.outputTimestampType", kind)
    sql = f"select *, array(ts) as many, struct(ts as x) as st, i % 2 as p from ({VALUES}) x"
    spark.sql(sql).coalesce(1).write.partitionBy("p").parquet(str(tmp_path / "t"))
    spark.sql(sql).coalesce(1).write.parquet(str(tmp_path / "u"))
    for name in ("t", "u"):
        columns, rows = of_spark(spark.read.parquet(str(tmp_path / name)))
        assert of_ours(ours, "parquet", tmp_path / name, {})[0] == columns
        found = of_ours(ours, "parquet", tmp_path / name, {})[1]
        assert sorted(map(str, found)) == sorted(map(str, rows))


def test_our_parquet_is_sparks(spark: Any, ours: Session, tmp_path: Path) -> None:
    spark.sql(VALUES).coalesce(1).write.parquet(str(tmp_path / "source"))
    ours.run_text(f"load parquet.`{tmp_path}/source` as t; save overwrite t as parquet.`{tmp_path}/ours`;")
    assert of_spark(spark.read.parquet(f"{tmp_path}/ours")) == of_spark(
        spark.read.parquet(f"{tmp_path}/source")
    )


def test_binary_file(spark: Any, ours: Session, tmp_path: Path) -> None:
    for name in ("a.bin", "b b%é.bin", "_hidden.bin", "c.txt", "empty.bin"):
        (tmp_path / name).write_bytes(b"" if name == "empty.bin" else name.encode())
    options = {"pathGlobFilter": "*.bin"}
    columns, rows = of_spark(spark.read.options(**options).format("binaryFile").load(str(tmp_path)))
    found = of_ours(ours, "binaryFile", tmp_path, options)
    assert found == (columns, sorted(rows, key=lambda row: row["path"]))


@pytest.mark.parametrize("invalid", ["true", "false"])
@pytest.mark.parametrize("folder", ["pictures", "broken"])
def test_image(invalid: str, folder: str, spark: Any, ours: Session) -> None:
    options = {"dropInvalid": invalid}
    columns, rows = of_spark(spark.read.options(**options).format("image").load(str(DATA / folder)))
    found = of_ours(ours, "image", DATA / folder, options)
    assert found == (columns, sorted(rows, key=lambda row: row["image"]["origin"]))


def test_partition_types(spark: Any, ours: Session, tmp_path: Path) -> None:
    for name in (
        "1",
        "x y",
        "2020-01-01",
        "1.5",
        "3000000000",
        "2020-01-01 01%3A02%3A03",
    ):
        folder = tmp_path / name.replace(" ", "_") / f"k={name}"
        folder.mkdir(parents=True)
        (folder / "t.csv").write_text("n\n1\n")
        expected = of_spark(spark.read.options(**HEADER).csv(str(folder.parent)))
        assert of_ours(ours, "csv", folder.parent, HEADER) == expected


def test_libsvm(spark: Any, ours: Session) -> None:
    path = DATA / "classes.libsvm"
    rows = spark.read.format("libsvm").load(str(path)).collect()
    found = load(ours, "libsvm", str(path)).to_pylist()
    assert [row["label"] for row in found] == [row.label for row in rows]
    assert [row["features"]["size"] for row in found] == [row.features.size for row in rows]
    assert [row["features"]["indices"] for row in found] == [list(row.features.indices) for row in rows]
    assert [row["features"]["values"] for row in found] == [list(row.features.values) for row in rows]
