"""Object stores: which options a library gets; formats, delta and !hdfs on a real S3 server on loopback."""

from __future__ import annotations

import sys
import uuid
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pytest

from pybyzer import Session
from pybyzer.connections import Connections
from pybyzer.errors import BadOption, ByzerError, MissingPackage, Unsupported
from pybyzer.settings import Settings
from pybyzer.stores import OPTIONS, storage
from tests.unit.sources.support import load, save

ROWS = pa.table({"a": [1, 2, 3], "s": ["x", "it's", None]})


class _Context:
    """What ``storage`` looks at."""

    def __init__(self, conf: dict[str, str] | None = None) -> None:
        self.settings = Settings(conf=conf or {})
        self.connections = Connections()

    def storage(self, url: str) -> tuple[Any, Any]:
        found = storage(self, url)  # type: ignore[arg-type]
        return found.fsspec, found.delta


def test_a_connection_for_a_bucket_counts_before_the_one_for_all_and_before_settings() -> None:
    ctx = _Context(
        {"fs.s3a.access.key": "a", "fs.s3a.endpoint": "https://e", "fs.s3a.path.style.access": "true"}
    )
    assert ctx.storage("s3://b/x") == (
        {"key": "a", "endpoint_url": "https://e"},
        {"AWS_ACCESS_KEY_ID": "a", "AWS_ENDPOINT_URL": "https://e"},
    )
    ctx.connections.define("s3", "default", {"access_key": "d", "region": "r"})
    ctx.connections.define("s3", "b", {"accessKeyId": "own", "endpoint": "http://e"})
    assert ctx.storage("s3a://b/x") == (
        {"key": "own", "endpoint_url": "http://e", "client_kwargs": {"region_name": "r"}},
        {
            "AWS_ACCESS_KEY_ID": "own",
            "AWS_ENDPOINT_URL": "http://e",
            "AWS_REGION": "r",
            "AWS_ALLOW_HTTP": "true",
        },
    )
    assert ctx.storage("s3://other/x")[0]["key"] == "d"


def test_secrets_are_references_and_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET", "tiger")
    ctx = _Context()
    ctx.connections.define("abfss", "default", {"accountName": "me", "accountKey": "env:SECRET"})
    found = storage(ctx, "abfss://box@me.dfs.core.windows.net/x")  # type: ignore[arg-type]
    assert found.fsspec == {"account_name": "me", "account_key": "tiger"}
    assert found.delta["AZURE_STORAGE_ACCOUNT_KEY"] == "tiger"
    assert "tiger" not in repr(found)


def test_a_misspelt_option() -> None:
    ctx = _Context()
    ctx.connections.define("gs", "default", {"tokn": "x"})
    with pytest.raises(BadOption, match='connect gs has no option "tokn"') as caught:
        ctx.storage("gs://b/x")
    assert caught.value.hint == 'did you mean "token"?'


def test_other_urls_have_no_options() -> None:
    assert _Context().storage("memory://x") == ({}, {})


@pytest.mark.parametrize(
    ("url", "package"),
    [("gs://b/x", "gcsfs"), ("abfs://b/x", "adlfs"), ("oss://b/x", "ossfs"), ("s3://b/x", "s3fs")],
)
def test_a_missing_package(session: Session, url: str, package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(MissingPackage) as caught:
        session.run_text(f"load parquet.`{url}` as t;")
    assert caught.value.hint == f"pip install {package}"


def test_hdfs_without_hadoop_is_an_error_of_the_path(session: Session) -> None:
    with pytest.raises(ByzerError, match=r"hdfs://127\.0\.0\.1:1/x"):
        session.run_text("load parquet.`hdfs://127.0.0.1:1/x` as t;")


def test_every_option_has_a_name_of_its_own() -> None:
    for options in OPTIONS.values():
        assert len({option.name for option in options}) == len(options)


# -- a real server -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket(endpoint: str, session: Session) -> str:
    """An empty bucket, which the session knows how to reach."""
    import boto3

    name = f"bucket-{uuid.uuid4().hex[:8]}"
    keys = {"aws_access_key_id": "me", "aws_secret_access_key": "secret", "region_name": "us-east-1"}
    boto3.client("s3", endpoint_url=endpoint, **keys).create_bucket(Bucket=name)
    session.run_text(
        f'connect s3 where endpoint="{endpoint}" and accessKey="me" and secretKey="secret"'
        f' and region="us-east-1" as `{name}`;'
    )
    return name


@pytest.mark.needs("moto")
@pytest.mark.parametrize(
    ("form", "options"),
    [("parquet", {}), ("orc", {}), ("csv", {"header": "true", "inferSchema": "true"}), ("json", {})],
)
def test_files(session: Session, bucket: str, form: str, options: dict[str, str]) -> None:
    path = f"s3://{bucket}/some/{form}"
    save(session, ROWS, form, path, "overwrite", {k: v for k, v in options.items() if k == "header"})
    assert load(session, form, path, options).to_pydict() == ROWS.to_pydict()
    save(session, ROWS, form, path, "overwrite", {k: v for k, v in options.items() if k == "header"})
    save(session, ROWS, form, path, "append", {k: v for k, v in options.items() if k == "header"})
    assert load(session, form, path, options).num_rows == 6
    with pytest.raises(BadOption, match="exists already"):
        save(session, ROWS, form, path, "errorIfExists")


@pytest.mark.needs("moto")
def test_partitions_and_globs(session: Session, bucket: str) -> None:
    save(session, ROWS, "parquet", f"s3://{bucket}/p", by="a")
    assert sorted(load(session, "parquet", f"s3://{bucket}/p")["a"].to_pylist()) == [1, 2, 3]
    assert load(session, "parquet", f"s3://{bucket}/p/a=[12]/*").num_rows == 2


@pytest.mark.needs("moto")
def test_a_failed_overwrite_leaves_what_was_there(session: Session, bucket: str) -> None:
    path = f"s3://{bucket}/t"
    save(session, ROWS, "parquet", path)

    def failing() -> pa.RecordBatchReader:
        def batches() -> Iterator[pa.RecordBatch]:
            yield from ROWS.to_batches()
            raise BadOption("no more rows")

        return pa.RecordBatchReader.from_batches(ROWS.schema, batches())

    session.engine.ingest("bad", failing)
    with pytest.raises(BadOption, match="no more rows"):
        session.run_text(f"save overwrite bad as parquet.`{path}`;")
    assert load(session, "parquet", path).num_rows == 3


@pytest.mark.needs("moto")
def test_delta(session: Session, bucket: str) -> None:
    path = f"s3://{bucket}/lake/t"
    save(session, ROWS, "delta", path, "errorIfExists")
    save(session, ROWS, "delta", path, "append")
    assert load(session, "delta", path).num_rows == 6
    assert load(session, "delta", path, {"versionAsOf": "0"}).num_rows == 3
    changes = pa.table({"a": [1, 9], "s": ["changed", "new"]})
    save(session, ROWS, "delta", path)
    save(session, changes, "delta", path, "append", {"idCols": "a"})
    found = load(session, "delta", path).sort_by("a").to_pylist()
    assert [row["s"] for row in found] == ["changed", "it's", None, "new"]
    versions = load(session, "delta", path, {"startingVersion": "0", "endingVersion": "2"})
    assert versions.num_rows == 9


@pytest.mark.needs("moto")
def test_hdfs_commands(session: Session, bucket: str) -> None:
    save(session, ROWS, "json", f"s3://{bucket}/t")
    session.run_text(f"!hdfs -ls 's3://{bucket}/t';")
    session.run_text(f"!hdfs -rmr 's3://{bucket}/t';")
    with pytest.raises(BadOption, match="no file or directory"):
        load(session, "json", f"s3://{bucket}/t")


@pytest.mark.needs("moto")
def test_a_bucket_that_is_not_there(session: Session, bucket: str, endpoint: str) -> None:
    session.run_text(
        f'connect s3 where endpoint="{endpoint}" and accessKey="me" and secretKey="secret" as default;'
    )
    for form in ("parquet", "delta"):
        with pytest.raises(ByzerError, match="not-there"):
            session.run_text(f"load {form}.`s3://not-there/x` as t;")


@pytest.mark.needs("moto")
def test_commands_on_delta_tables(session: Session, bucket: str) -> None:
    path = f"s3://{bucket}/lake/t"
    for mode in ("errorIfExists", "append", "append"):
        save(session, ROWS, "delta", path, mode)
    session.run_text(
        f"load delta.`{path}` as before; !delta compact '{path}' 2 1; !delta info '{path}' named i;"
    )
    (info,) = session.table("i").reader.read_all().to_pylist()
    assert info["numOfFiles"] == 1
    session.run_text(f"!deltaTable delete '{path}' 'a > 1';")
    assert load(session, "delta", path).num_rows == 3
    session.run_text(f"!deltaTable vacuum '{path}' 0;")
    assert session.table("before").reader.read_all().num_rows == 9
    with pytest.raises(Unsupported, match="cannot vanish at once"):
        session.run_text(f"!deltaTable remove '{path}';")


@pytest.mark.needs("moto")
def test_save_file(session: Session, bucket: str) -> None:
    session.run_text(f"select binary('abc') as b as t; !saveFile _ -i t -o 's3://{bucket}/file.bin';")
    assert load(session, "binaryFile", f"s3://{bucket}/file.bin")["content"].to_pylist() == [b"abc"]
