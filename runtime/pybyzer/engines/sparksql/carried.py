"""What each kind of node may carry. A part that nobody looks at would be a silently different answer."""

from __future__ import annotations

from typing import Any

from pybyzer.errors import Unsupported

_TABLE = """
alias: this alias | aliases: this expressions | anonymous: this expressions | bitwisenot: this | boolean: this
bracket: this expressions | case: this ifs default | cast: this to | trycast: this to safe | cluster: expressions
column: this table db catalog | columndef: this kind | cte: this alias | cube: expressions | rollup: expressions
datatype: this expressions nested | datatypeparam: this | distinct: expressions | distribute: expressions
dpipe: this expression safe | div: this expression safe | exists: this | from: this | concat: expressions
group: expressions rollup cube grouping_sets all | groupingsets: expressions | having: this | hexstring: this
hint: expressions | identifier: this quoted | if: this true false | ignorenulls: this | in: this expressions query
interval: this unit | join: this kind method on side using | lambda: this expressions
lateral: this alias outer view | like: this expression negate | ilike: this expression negate
limit: expression | literal: this is_string | neg: this | not: this | null: | offset: expression | order: expressions
ordered: this desc nulls_first | paren: this | pivot: alias columns expressions fields pivot_column_naming unpivot include_nulls
pivotalias: this alias | rawstring: this | sort: expressions | star: except_ | strposition: this substr
subquery: this alias pivots joins order limit offset laterals sample | substring: this start length
select: cluster distinct distribute expressions from_ group having hint joins laterals limit offset order sort where windows with_
table: this alias db catalog joins pivots sample laterals | tablealias: this columns | tablesample: percent size seed
trim: this expression position | tuple: expressions | values: this expressions alias pivots joins laterals sample order limit offset | var: this
union: this expression distinct order limit offset with_ | except: this expression distinct order limit offset with_
intersect: this expression distinct order limit offset with_ | where: this | with: expressions recursive
window: this alias order over partition_by spec | windowspec: end end_side kind start start_side
jsonextract: this expression variant_extract | jsonpath: expressions | jsonpathkey: this quoted
jsonpathsubscript: this | collate: this expression | between: this low high | overlay: this expression from_ for_
"""
_CARRIED: dict[str, frozenset[str]] = {
    key.strip(): frozenset(parts.split())
    for line in _TABLE.strip().splitlines()
    for key, _, parts in (cell.partition(":") for cell in line.split("|"))
}


def check(tree: Any) -> None:
    """``Unsupported`` for the first part of the tree that no rule would look at."""
    for node in tree.walk():
        allowed = _CARRIED.get(node.key)
        for part, value in node.args.items():
            if value is None or value is False or value == []:
                continue
            if allowed is None:
                if part not in ("this", "expression"):
                    raise Unsupported(f"{part.rstrip('_')} of {node.key}")
            elif part not in allowed:
                raise Unsupported(f"{part.rstrip('_').replace('_', ' ')} in {_WORDS.get(node.key, node.key)}")


_WORDS = {"anonymous": "a function call", "table": "a table name", "select": "a select"}
