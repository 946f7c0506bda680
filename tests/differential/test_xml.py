"""XML that Spark and we read gives the same rows and types; what we write are the same bytes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pybyzer import Session
from tests.differential.test_sources import _files, of_ours, of_spark, ours, spark
from tests.unit.sources.support import where

__all__ = ["ours", "spark"]
pytestmark = [pytest.mark.needs("pyspark"), pytest.mark.needs("java")]

# ruff: noqa: E501 - a row is a document
R = {"rowTag": "r"}
READ = [
    ('<R><r><a>1</a><b>x</b></r><r><a>2.5</a><b/></r></R>', R),
    ("<R><r id='7' z=''><a k='v'>1</a><a>2</a></r><r id='x'/></R>", R),
    ('<R><r><a>1</a><a><c>2</c></a></r></R>', R),
    ('<R><r><p><c>1</c><d>x</d></p></r><r><p/></r></R>', R),
    ('<R><r>text</r><r>12</r></R>', R),
    ("<R><r a='1'>12</r></R>", R),
    ('<R><r><a>1</a>mixed<b>2</b>more</r></R>', R),
    ('<R><r><!-- c --><a>1<!-- d -->2</a><b><![CDATA[<x>&]]></b><c>&lt;&amp;&#65;</c></r></R>', R),
    ('<R><r><a> 1 </a><b>  two words </b></r></R>', R),
    ('<R><r><a>true</a><b>2020-01-01</b><c>2020-01-01 10:00:00</c><d>2020-01-01T10:00:00Z</d><e>1e5</e><f>99999999999999999999</f><g>+1</g><h>01</h><i>NaN</i><j>1d</j></r></R>', R),
    ('<R><r><a>1</a></r><r><a>x</a></r><r><a>true</a></r></R>', R),
    ('<R><r><a>1</a></r><r><a>2.5</a></r></R>', R),
    ('<R><r><a>2020-01-01</a></r><r><a>2020-01-01T00:00:00</a></r></R>', R),
    ('<R><r><a>1</a></r><r><a>2</b></r><r><a>3</a></r></R>', R),
    ('<R><r><a>1</a></r><r><a>2</b></r><r><a>3</a></r></R>', R | {"mode": "DROPMALFORMED"}),
    ('<R><r><r><a>1</a></r></r></R>', R),
    ("<R xmlns:n='u'><n:r><n:a n:k='1'>1</n:a></n:r></R>", {"rowTag": "n:r"}),
    ("<R xmlns:n='u'><r xmlns='q'><n:a>1</n:a><a>2</a></r></R>", R),
    ("<R xmlns:n='u'><r><n:a>1</n:a></r></R>", R | {"ignoreNamespace": "true"}),
    ("<R><r id='1'><a>1</a></r></R>", R | {"attributePrefix": "@", "valueTag": "#v"}),
    ("<R><r id='1'><a x='1'>1</a></r></R>", R | {"excludeAttribute": "true"}),
    ('<R><r><a>1</a><b/></r></R>', R | {"inferSchema": "false"}),
    ('<R><r><a>-</a><b>1</b></r></R>', R | {"nullValue": "-"}),
    ('<R><r><a></a><b>  </b></r></R>', R),
    ('<R><r><a></a><b>  </b></r></R>', R | {"ignoreSurroundingSpaces": "false"}),
    ('<R><r><b>1</b><B>2</B></r></R>', R),
    ('<R><r><l><i>1</i><i>2</i></l></r><r><l><i>3</i></l></r></R>', R),
    ('<R><r><l><i>1</i></l></r><r><l><i>3</i></l></r></R>', R),
    ('<R><r><l>x</l></r><r><l><i>3</i></l></r></R>', R),
    ('<R><r><l><i>3</i></l></r><r><l>x</l></r></R>', R),
    ('<R><r><a>1</a></r>', R),
    ("<R><r a='x>y'><a>1</a></r></R>", R),
    ('<R><!-- <r><a>9</a></r> --><r><a>1</a></r></R>', R),
    ('<R><r/><r></r><r><a>1</a></r></R>', R),
    ('<R><r><a><b><c>1</c></b></a><a><b><c>2</c><c>3</c></b></a></r></R>', R),
    ('<R><r><a>1</a><b>2</b><a>3</a></r></R>', R),
    ('<R><rr><a>1</a></rr><r ><a>2</a></r ></R>', R),
    ("<R><r><a x='1'/></r><r><a>5</a></r></R>", R),
    ("<R><r><a x='1'>t</a><a>u</a></r></R>", R),
    ("<R><r><_a>1</_a></r><r _a='2'/></R>", R),
    ('<R><r><a>1</a></r></R>', R | {"wildcardColName": "w"}),
    ('<R><r><a>1,5</a><b>１</b><c>Infinity</c><d>-0</d><e>1.</e><f>.5</f><g>0x1F</g><h>1_0</h><i>False</i><j>9223372036854775807</j><k>9223372036854775808</k></r></R>', R),
    ('<R><r><a>2020-1-1</a><c>2020</c><d>2020-01</d><e>2020-01-01T10:00</e><f>2020-01-01 10:00:00.123456789+02:00</f></r></R>', R),
    ('<R><r><a>01/02/2020</a><b>01/02/2020 10:00</b></r></R>', R | {"dateFormat": "dd/MM/yyyy", "timestampFormat": "dd/MM/yyyy HH:mm"}),
    ('<R><r><a>1.5</a><b>100.25</b></r><r><a>12</a><b>x</b></r></R>', R | {"prefersDecimal": "true"}),
    ('<R><r><t>a<b>x</b>c</t></r><r><t>only</t></r></R>', R),
    ('<R><r>\n  <a>1</a>\n  <a>2</a>\n</r></R>', R),
    ('<ROWS><ROW><a>1</a></ROW></ROWS>', {}),
    ('<R><r><a>1</a></r></R><R><r><a>2</a></r></R>', R),
    ('\ufeff<R><r><a>é中</a></r></R>', R),
    ('<R><r><a>1</a><a/></r><r><a/></r></R>', R),
    ('<R><r><b>x<![CDATA[y]]>z</b><c>a&lt;b&amp;c</c></r></R>', R),
    ('<R><r><a><c>1</c></a><a/></r><r><a/></r></R>', R),
    ("<R><r><a k='v&quot;&lt;'><c z='1'>2 &amp;</c> t <d/></a></r><r><a>q</a></r></R>", R),
    ('<R><r><a><b/></a></r></R>', R),
    ('<R><r><a><!-- n --></a></r></R>', R),
    ('<R><r><a>1<?pi x?>2</a></r></R>', R),
    ('<R><r>\n<a>1</a>\n</r><r>t</r></R>', R),
    ('<R><r>\n<a>1</a>\n</r></R>', R | {"ignoreSurroundingSpaces": "false"}),
    ('<R><r><a> 1 </a><b> x </b></r></R>', R | {"ignoreSurroundingSpaces": "false"}),
    ("<R><r a=' x '><b> 1 2 </b></r></R>", R),
    ('<R><r><a>1</a></r><r><a>2020-01-01</a></r></R>', R),
    ('<R><r><a>true</a></r><r><a>1</a></r></R>', R),
    ('<R><r><a><b>1</b></a></r><r><a><b>x</b><c>1</c></a></r></R>', R),
    ('<R><r><a><B>1</B></a></r><r><a><b>2</b></a></r></R>', R),
    ('<R><r><A>1</A></r><r><a>2</a></r></R>', R),
    ('<R><r><a>1.5</a><b>123456789012345678901234567890123456789.5</b><c>1e3</c></r></R>', R | {"prefersDecimal": "true"}),
    ('<R><r><a>1.5</a></r><r><a>20.25</a></r></R>', R | {"prefersDecimal": "true"}),
    ('<R><r><a>2020-01-01</a></r></R>', R | {"prefersDate": "false"}),
    ('<R><r><a>1</a></r><r><a>&bad;</a></r><r><a>3</a></r></R>', R | {"columnNameOfCorruptRecord": "bad"}),
    ('<R><r><a>1</a></r><x><y></R>', R),
    ('<R><r><a>1</a></r><r a=1/></R>', R),
    ('<R><r><a>T</a><b>FALSE</b><c>yes</c><d>null</d></r></R>', R),
    ("<R><r><n>1</n></r><r><n k='1'>2</n></r><r><n k='2'/></r></R>", R),
    ("<R><r><n><m>1</m></n></r><r><n k='1'>2</n></r></R>", R),
    ('<R><r><n><m>1</m></n><n>x</n></r></R>', R),
    ('<R><r><n>1</n><n>2</n></r><r><n><k>1</k></n></r></R>', R),
    ('<R><r><n>1</n></r><r><n>1</n><n>x</n></r></R>', R),
    ('<R><r>a<b>1</b>c<b>2</b></r><r>x</r></R>', R),
    ('<R><r><a>2020-01-01T10:00:00+05:00</a><b>2020-06-01 25:00:00</b><c>2020-13-01</c></r></R>', R),
    ('<R><p:r><a>1</a></p:r></R>', R | {"ignoreNamespace": "true"}),
    ('<R><r><a>1\n2</a><b>a\r\nb\tc</b></r></R>', R),
    ('<R><r><a>10000000000000000000000</a><b>-5</b><c>--5</c><d>5-</d><e>1e400</e><f>1E-400</f></r></R>', R),
]  # fmt: skip
SCALARS = """select 1 a, 'x<y&"z>' s, 1.5D d, true b, timestamp'2020-01-02 03:04:05.5' ts, date'2020-01-02' dt,
 cast(null as int) n, cast('ab' as binary) bi, 1.50 de, '' e, ' sp ' w, 1e10D bd, cast(1.1 as float) f, -0.0D z
 union all select 2, null, double('nan'), null, null, null, 7, null, null, 'a]]>b>\\t\\r\\nc', '>', null, null, null"""
NESTED = """select array(1,null,2) l, named_struct('x',1,'y',null,'_at','q"\\n','_VALUE','vv') st, map('k',1,'n',null) m,
 array(named_struct('p',1),null) ls, array(array(1,2),null,array(3)) aa, named_struct('_q',1) oa,
 named_struct('_VALUE',5) ov, map('z',array(1,2)) ma, array(map('k',1)) am, cast(array() as array<int>) ea, cast(map() as map<string,int>) em,
 named_struct('x',null) sn, named_struct('a',1,'_VALUE','t','b',2) mixed, array(named_struct('_VALUE',1),null) vs
 union all select null,null,null,null,null,null,null,null,null,null,null,null,null,null"""
WRITTEN = [
    (SCALARS, {}),
    (SCALARS, {"nullValue": "NULL", "declaration": "", "rootTag": "items", "rowTag": "item"}),
    (SCALARS, {"timestampFormat": "yyyy/MM/dd HH:mm", "dateFormat": "dd.MM.yyyy", "indent": "  "}),
    (NESTED, {}),
    (NESTED, {"nullValue": "N", "arrayElementName": "el"}),
    ("select 1 _id, '<\"' _j, 'x' _VALUE, cast(null as int) b", {}),
    ("select 1 _id, 2 `@k`, 3 `#v`", {"attributePrefix": "@", "valueTag": "#v"}),
    ("select 1 a where 1 = 0", {}),
    ("select 1 a", {"rootTag": 'a b="1"'}),
]


@pytest.mark.parametrize(("text", "options"), READ, ids=range(len(READ)))
def test_read(text: str, options: dict[str, str], spark: Any, ours: Session, tmp_path: Path) -> None:
    file = tmp_path / "t.xml"
    file.write_bytes(text.encode())
    expected = of_spark(
        spark.read.options(**({"rowTag": "ROW"} | options)).format("xml").load(str(file)).cache()
    )
    assert of_ours(ours, "xml", file, options) == expected


@pytest.mark.parametrize(("sql", "options"), WRITTEN, ids=range(len(WRITTEN)))
def test_written(sql: str, options: dict[str, str], spark: Any, ours: Session, tmp_path: Path) -> None:
    frame = spark.sql(sql).coalesce(1)
    frame.write.parquet(str(tmp_path / "source"))
    frame.write.options(**({"rowTag": "ROW"} | options)).format("xml").save(str(tmp_path / "spark"))
    ours.run_text(f"load parquet.`{tmp_path}/source` as written;")
    ours.run_text(f"save overwrite written as xml.`{tmp_path}/ours` {where(options)};")
    assert _files(tmp_path / "ours") == _files(tmp_path / "spark")
