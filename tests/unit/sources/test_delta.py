"""Delta: what is checked before, what a commit shows, what a failure leaves."""

from __future__ import annotations

import base64
import datetime
import json
import string
import struct
import subprocess
import sys
import textwrap
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from deltalake import DeltaTable, write_deltalake
from deltalake.exceptions import CommitFailedError

from pybyzer import Session
from pybyzer.errors import BadOption, EngineError, TooLarge, Unsupported
from pybyzer.sources import delta_retry, delta_write
from tests.unit.sources.support import load, rows, save
from tests.unit.sources.test_commit import small_files

TABLE = pa.table({"a": list(range(10)), "s": [str(n) for n in range(10)]})


def _path(session: Session, name: str = "default/t") -> Path:
    return Path(session.settings.lake) / name


def _files(session: Session, name: str = "default/t") -> list[str]:
    return sorted(path.name for path in _path(session, name).rglob("*.parquet"))


def test_file_num_is_exact_and_is_the_partitions_of_the_loaded_table(session: Session) -> None:
    save(session, TABLE, "delta", "t", options={"fileNum": "4"})
    assert len(_files(session)) == 4
    assert load(session, "delta", "t") == TABLE
    assert session.table("loaded_rows").partitions == 4


def test_more_files_than_rows(session: Session) -> None:
    save(session, TABLE.slice(0, 2), "delta", "t", options={"fileNum": "3"})
    assert len(_files(session)) == 3
    assert load(session, "delta", "t") == TABLE.slice(0, 2)


def test_partitions_of_the_saved_table_are_files(session: Session) -> None:
    session.engine.ingest("t", TABLE)
    session.run_text(
        "run t as TableRepartition.`` where partitionNum='3' as u; save overwrite u as delta.`t`;"
    )
    assert len(_files(session)) == 3


def test_an_empty_table(session: Session) -> None:
    save(session, TABLE.slice(0, 0), "delta", "t")
    assert load(session, "delta", "t") == TABLE.slice(0, 0)


def test_types_come_back(session: Session) -> None:
    moment = datetime.datetime(2020, 1, 2, 3, 4, 5, 678901)
    table = pa.table(
        {
            "i8": pa.array([1, None], pa.int8()),
            "f": pa.array([1.5, float("nan")], pa.float32()),
            "m": pa.array([Decimal("1.50"), None], pa.decimal128(38, 10)),
            "d": pa.array([datetime.date(1, 1, 1), None]),
            "t": pa.array([moment.replace(tzinfo=datetime.UTC), None], pa.timestamp("us", tz="UTC")),
            "n": pa.array([moment, None], pa.timestamp("us")),
            "b": pa.array([b"\x00\xff", None]),
            "l": pa.array([[1, None], None], pa.list_(pa.int32())),
            "st": pa.array([{"x": {"y": "z"}}, None], pa.struct([("x", pa.struct([("y", pa.string())]))])),
            "mp": pa.array([[("k", 1)], None], pa.map_(pa.string(), pa.int64())),
            "with blank": pa.array([True, None]),
        }
    )
    save(session, table, "delta", "t")
    found = load(session, "delta", "t")
    assert found.schema == table.schema
    assert str(found.to_pylist()) == str(table.to_pylist())


def test_unsigned_and_nanoseconds_are_widened(session: Session) -> None:
    table = pa.table(
        {
            "u8": pa.array([255], pa.uint8()),
            "u64": pa.array([(1 << 64) - 1], pa.uint64()),
            "ns": pa.array([1_577_934_245_678_901_000], pa.timestamp("ns", tz="UTC")),
            "dict": pa.array(["x"]).dictionary_encode(),
        }
    )
    save(session, table, "delta", "t")
    assert rows(session, "delta", "t")[0]["u8"] == 255
    assert rows(session, "delta", "t")[0]["u64"] == (1 << 64) - 1
    assert rows(session, "delta", "t")[0]["ns"].microsecond == 678901


def test_times_are_refused_by_name(session: Session) -> None:
    table = pa.table({"at": pa.array([1], pa.time64("us"))})
    with pytest.raises(Unsupported, match=r'column "at": a delta table cannot hold'):
        save(session, table, "delta", "t")
    assert not _path(session).exists()


def test_nothing_is_written_when_the_columns_do_not_fit(session: Session) -> None:
    save(session, TABLE, "delta", "t")
    before = _files(session)
    with pytest.raises(BadOption, match=r"\+ new bigint") as caught:
        save(session, pa.table({"a": [1], "new": [2]}), "delta", "t", "append")
    assert caught.value.hint == 'mergeSchema="true" adds columns to the table'
    assert _files(session) == before


@pytest.mark.parametrize("mode", ["overwrite", "append"])
def test_a_full_disk(session: Session, mode: str) -> None:
    save(session, TABLE, "delta", "t")
    before = _files(session)
    session.run_text("select id as a, sha2(cast(id as string), 256) as s from range(20000) as big;")
    with pytest.raises(TooLarge), small_files(20_000):
        save(session, "big", "delta", "t", mode, {"fileNum": "2"})
    assert _files(session) == before
    assert load(session, "delta", "t") == TABLE


def test_a_full_disk_leaves_no_new_table(session: Session) -> None:
    session.run_text("select id as a, sha2(cast(id as string), 256) as s from range(20000) as big;")
    with pytest.raises(TooLarge), small_files(20_000):
        save(session, "big", "delta", "t")
    assert not _path(session).exists()


def test_a_commit_that_loses_is_tried_again(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    save(session, TABLE, "delta", "t")
    commit, tries = delta_write._commit, []

    def loses_twice(*arguments: Any) -> None:
        tries.append(1)
        if len(tries) < 3:
            raise CommitFailedError("somebody was faster")
        commit(*arguments)

    monkeypatch.setattr(delta_write, "_commit", loses_twice)
    save(session, TABLE, "delta", "t", "append")
    assert len(tries) == 3
    assert len(load(session, "delta", "t")) == 20


def test_a_commit_that_always_loses_gives_up(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    save(session, TABLE, "delta", "t")
    before = _files(session)

    def loses(*_: Any) -> None:
        raise CommitFailedError("somebody was faster")

    monkeypatch.setattr(delta_write, "_commit", loses)
    monkeypatch.setattr(delta_retry, "PAUSES", (0.0, 0.0))
    with pytest.raises(EngineError, match="others kept writing it, 12 commits failed"):
        save(session, TABLE, "delta", "t")
    assert _files(session) == before


def test_several_processes_append(session: Session) -> None:
    save(session, TABLE, "delta", "t")
    program = textwrap.dedent(
        f"""
        from pybyzer import Session, Settings
        with Session(Settings(lake={session.settings.lake!r})) as session:
            session.run_text("select 1L as a, 'x' as s as t;")
            for _ in range(5):
                session.run_text("save append t as delta.`t`;")
        """
    )
    running = [subprocess.Popen([sys.executable, "-c", program]) for _ in range(2)]
    assert [process.wait() for process in running] == [0, 0]
    assert len(load(session, "delta", "t")) == 20


def test_statistics_are_right(session: Session) -> None:
    save(session, TABLE, "delta", "t")
    log = (_path(session) / "_delta_log" / f"{0:020}.json").read_text().splitlines()
    added = next(action["add"] for action in map(json.loads, log) if "add" in action)
    assert json.loads(added["stats"]) == {
        "numRecords": 10,
        "minValues": {"a": 0, "s": "0"},
        "maxValues": {"a": 9, "s": "9"},
        "nullCount": {"a": 0, "s": 0},
    }


def test_schema_evolution_with_several_files(session: Session) -> None:
    save(session, TABLE, "delta", "t", options={"fileNum": "2"})
    more = pa.table({"a": [10, 11], "flag": [True, None]})
    save(session, more, "delta", "t", "append", {"mergeSchema": "true", "fileNum": "2"})
    found = load(session, "delta", "t")
    assert found.schema.names == ["a", "s", "flag"]
    assert found["a"].to_pylist() == list(range(12))
    assert found["flag"].to_pylist() == [None] * 10 + [True, None]


def test_overwrite_with_merge_keeps_old_columns(session: Session) -> None:
    save(session, TABLE, "delta", "t")
    save(session, pa.table({"b": [1]}), "delta", "t", options={"mergeSchema": "true"})
    assert rows(session, "delta", "t") == [{"a": None, "s": None, "b": 1}]


def test_overwrite_schema_changes_partitions(session: Session) -> None:
    save(session, TABLE, "delta", "t", by="a")
    save(
        session,
        pa.table({"x": [1, 2], "y": [3, 4]}),
        "delta",
        "t",
        options={"overwriteSchema": "true"},
        by="y",
    )
    assert DeltaTable(_path(session)).metadata().partition_columns == ["y"]
    found = sorted(rows(session, "delta", "t"), key=lambda row: row["x"])
    assert found == [{"x": 1, "y": 3}, {"x": 2, "y": 4}]


def test_narrower_values_are_widened_wider_ones_refused(session: Session) -> None:
    save(session, pa.table({"a": pa.array([1], pa.int32())}), "delta", "t")
    save(session, pa.table({"a": pa.array([2], pa.int8())}), "delta", "t", "append")
    assert load(session, "delta", "t")["a"].to_pylist() == [1, 2]
    with pytest.raises(BadOption, match="a: int in the table, saved as bigint"):
        save(session, pa.table({"a": pa.array([3], pa.int64())}), "delta", "t", "append")


def test_partition_values_with_odd_characters(session: Session) -> None:
    keys = ["a/b", "c=d", "50%", "x y", "é", None]
    table = pa.table({"k": keys, "n": list(range(6))})
    save(session, table, "delta", "t", by="k")
    found = sorted(rows(session, "delta", "t"), key=lambda row: row["n"])
    assert [row["k"] for row in found] == keys


def test_time_travel(session: Session) -> None:
    save(session, TABLE.slice(0, 1), "delta", "t")
    save(session, TABLE.slice(1, 1), "delta", "t")
    table = DeltaTable(_path(session))
    first = datetime.datetime.fromtimestamp(table.history()[-1]["timestamp"] / 1000, datetime.UTC)
    assert load(session, "delta", "t", {"versionAsOf": "0"})["a"].to_pylist() == [0]
    moment = {"timestampAsOf": first.isoformat()}
    assert load(session, "delta", "t", moment)["a"].to_pylist() == [0]
    with pytest.raises(BadOption, match="exclude each other"):
        load(session, "delta", "t", {"versionAsOf": "0", **moment})


def test_files_that_were_vacuumed(session: Session) -> None:
    save(session, TABLE, "delta", "t")
    save(session, TABLE, "delta", "t")
    table = DeltaTable(_path(session))
    table.vacuum(retention_hours=0, dry_run=False, enforce_retention_duration=False)
    with pytest.raises(EngineError, match="is gone") as caught:
        load(session, "delta", "t", {"versionAsOf": "0"})
    assert caught.value.hint == "old files are removed by a vacuum: load a newer version"


def test_tables_of_other_writers(session: Session) -> None:
    path = str(_path(session))
    write_deltalake(path, TABLE, configuration={"delta.appendOnly": "true"})
    save(session, TABLE, "delta", "t", "append")
    assert len(load(session, "delta", "t")) == 20
    with pytest.raises(EngineError, match=r"append-only|appendOnly|append only"):
        save(session, TABLE, "delta", "t", "overwrite")
    with pytest.raises(Unsupported, match="fileNum"):
        save(session, TABLE, "delta", "t", "append", {"fileNum": "2"})


def test_constraints_hold(session: Session) -> None:
    path = str(_path(session))
    write_deltalake(path, TABLE)
    DeltaTable(path).alter.add_constraint({"small": "a < 100"})
    save(session, TABLE, "delta", "t", "append")
    with pytest.raises(EngineError):
        save(session, pa.table({"a": [1000], "s": ["x"]}), "delta", "t", "append")
    assert len(load(session, "delta", "t")) == 20


def test_a_saved_table_is_not_held_in_memory(tmp_path: Path) -> None:
    program = textwrap.dedent(
        f"""
        import resource
        from pybyzer import Session, Settings
        with Session(Settings(lake={str(tmp_path / "lake")!r})) as session:
            session.run_text("select 1 as id as t; save overwrite t as delta.`warm`;")
            session.run_text("load delta.`warm` as u; save overwrite u as delta.`warm2`;")
            idle = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            session.run_text('''
                select id, repeat(cast(id as string), 20) as s from range(6000000) as t;
                save overwrite t as delta.`big`;
            ''')
            print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - idle) // 1024)
        """
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    # The table has about 900 MB.
    assert int(done.stdout) < 500


def _bitmap(numbers: list[int]) -> str:
    """A deletion vector as the log holds it: a 64-bit roaring bitmap of one small container, in Z85."""
    container = struct.pack(f"<IIHHI{len(numbers)}H", 12346, 1, 0, len(numbers) - 1, 16, *numbers)
    whole = struct.pack("<IQI", 1681511377, 1, 0) + container
    python = string.digits + string.ascii_uppercase + string.ascii_lowercase + "!#$%&()*+-;<=>?@^_`{|}~"
    z85 = string.digits + string.ascii_lowercase + string.ascii_uppercase + ".-:+=^!/*?&<>()[]{}@%$#"
    return base64.b85encode(whole).decode().translate(str.maketrans(python, z85))


def test_deletion_vectors_are_applied(session: Session) -> None:
    path = _path(session)
    numbers = pa.table({"a": list(range(30))})
    write_deltalake(path, numbers, configuration={"delta.enableDeletionVectors": "true"})
    log = path / "_delta_log"
    actions = (log / f"{0:020}.json").read_text().splitlines()
    added = next(action["add"] for action in map(json.loads, actions) if "add" in action)
    gone = [3, 4, 7, 11, 18, 29]
    vector = {"storageType": "i", "pathOrInlineDv": _bitmap(gone), "sizeInBytes": 44, "cardinality": 6}
    removed = {"path": added["path"], "dataChange": True, "deletionTimestamp": 1}
    again = [{"remove": removed}, {"add": added | {"deletionVector": vector}}]
    (log / f"{1:020}.json").write_text("\n".join(map(json.dumps, again)))
    kept = [number for number in range(30) if number not in gone]
    assert load(session, "delta", "t")["a"].to_pylist() == kept
    assert load(session, "delta", "t", {"versionAsOf": "0"})["a"].to_pylist() == list(range(30))


@pytest.mark.parametrize("mode", ["name", "id"])
def test_mapped_columns(session: Session, mode: str) -> None:
    write_deltalake(_path(session), TABLE, configuration={"delta.columnMapping.mode": mode})
    save(session, TABLE, "delta", "t", "append")
    assert load(session, "delta", "t")["s"].to_pylist() == TABLE["s"].to_pylist() * 2


def test_partitions_survive_when_the_table_is_partitioned(session: Session) -> None:
    rows = pa.table({"a": list(range(12)), "c": ["x", "y"] * 6})
    save(session, rows, "delta", "t", options={"fileNum": "3"}, by="c")
    assert len(_files(session)) == 6
    assert len(load(session, "delta", "t")) == 12
    assert session.table("loaded_rows").partitions == 3


def test_partitions_survive_when_columns_came_later(session: Session) -> None:
    save(session, TABLE, "delta", "t", options={"fileNum": "3"})
    more = TABLE.append_column("n", pa.array(range(10)))
    save(session, more, "delta", "t", "append", {"mergeSchema": "true", "fileNum": "2"})
    assert len(load(session, "delta", "t")) == 20
    assert session.table("loaded_rows").partitions == 5


def test_two_who_make_the_same_table(session: Session) -> None:
    """Both rows land."""
    program = textwrap.dedent(
        f"""
        import sys, time
        from pybyzer import Session, Settings
        with Session(Settings(lake={session.settings.lake!r})) as session:
            session.run_text("select 1L as a, 'x' as s as t;")
            time.sleep(max(0, float(sys.argv[1]) - time.time()))
            session.run_text("save append t as delta.`t`;")
        """
    )
    start = str(time.time() + 4)
    running = [subprocess.Popen([sys.executable, "-c", program, start]) for _ in range(2)]
    assert [process.wait() for process in running] == [0, 0]
    assert len(load(session, "delta", "t")) == 2


def test_upserts_of_several_processes(session: Session) -> None:
    save(session, pa.table({"id": [0], "n": [0]}), "delta", "t")
    program = textwrap.dedent(
        f"""
        import sys
        from pybyzer import Session, Settings
        with Session(Settings(lake={session.settings.lake!r})) as session:
            for turn in range(4):
                own = f"select {{turn}}L + {{sys.argv[1]}}, 1L"
                session.run_text(f"select 0L as id, {{turn}}L as n union all {{own}} as t;")
                session.run_text("save append t as delta.`t` where idCols='id';")
        """
    )
    running = [subprocess.Popen([sys.executable, "-c", program, str(n)]) for n in (100, 200)]
    assert [process.wait() for process in running] == [0, 0]
    assert sorted(load(session, "delta", "t")["id"].to_pylist()) == [0, *range(100, 104), *range(200, 204)]
