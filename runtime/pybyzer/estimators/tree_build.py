"""TreeBuildExt: rows that name their parents become trees."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pybyzer.arrow import MOST_DEPTH
from pybyzer.context import Context, Parameter
from pybyzer.errors import BadOption, TooLarge
from pybyzer.estimators.base import ESTIMATORS, Estimator, FitRequest, quoted
from pybyzer.estimators.inputs import ask, column, require, whole

if TYPE_CHECKING:
    import pyarrow as pa

_TYPES = ("treePerRow", "nodeTreePerRow")


@dataclass(frozen=True, slots=True)
class Forest:
    """Ids in their own order, their parents, and the children of each."""

    parents: dict[Hashable, Hashable]
    children: dict[Hashable, list[Hashable]]
    levels: dict[Hashable, int]

    @classmethod
    def grow(cls, ids: Sequence[Hashable], parents: Sequence[Hashable], top: Hashable) -> Forest:
        """From pairs of id and parent; a node that is its own parent is left out, as in the original."""
        known: dict[Hashable, Hashable] = {}
        for one, parent in zip(ids, parents, strict=True):
            if one is None or one == parent:
                continue
            if one in known:
                raise BadOption(f"{one} has two parents", option="parentIdCol", hint="in a tree each has one")
            known[one] = None if parent == top else parent
        children: dict[Hashable, list[Hashable]] = {one: [] for one in known}
        for one, parent in known.items():
            if parent is None:
                continue
            if parent not in children:
                raise BadOption(f"parent {parent} of {one} is no id of the table", option="parentIdCol")
            children[parent].append(one)
        return cls(known, children, _levels(known, children))

    def below(self, top: Hashable) -> list[Hashable]:
        """All descendants, the nearest first."""
        found = list(self.children[top])
        for one in found:
            found.extend(self.children[one])
        return found


def _levels(
    parents: dict[Hashable, Hashable], children: dict[Hashable, list[Hashable]]
) -> dict[Hashable, int]:
    """The height of each node above its deepest leaf; nodes above a circle have none."""
    waiting = {one: len(below) for one, below in children.items()}
    levels = dict.fromkeys(parents, 0)
    ready = [one for one, count in waiting.items() if not count]
    for one in ready:
        parent = parents[one]
        if parent is not None:
            levels[parent] = max(levels[parent], levels[one] + 1)
            waiting[parent] -= 1
            if not waiting[parent]:
                ready.append(parent)
    return {one: levels[one] for one in ready}


@ESTIMATORS.register("TreeBuildExt")
class TreeBuildExt(Estimator):
    """``treePerRow``: each root with its nested children. ``nodeTreePerRow``: each node with all below it.

    A node from which a circle can be reached has the level ``recurringDependencyBreakTimes``, no children.
    """

    name = "TreeBuildExt"
    description = "rows that name their parents, as trees"
    example = """
select stack(3, 1, null, 2, 1, 3, 2) as (id, parentId) as nodes;
run nodes as TreeBuildExt.`` where idCol="id" and parentIdCol="parentId" and treeType="nodeTreePerRow"
    as trees;
"""
    parameters = (
        Parameter("idCol", "the column of ids", required=True),
        Parameter("parentIdCol", "the column of the parents' ids", required=True),
        Parameter("topLevelMark", "the parent that roots have; else NULL"),
        Parameter("treeType", "what a row of the result is", "treePerRow", choices=_TYPES),
        Parameter("recurringDependencyBreakTimes", "levels at most", "1000"),
    )

    def fit(self, ctx: Context, request: FitRequest) -> None:
        import pyarrow as pa

        keys = ("idCol", "parentIdCol")
        fields = [column(ctx, request.table, require(request.options, key), key) for key in keys]
        options = ctx.check(self.name, self.parameters, request.options, strict=False)
        most = whole(options, "recurringDependencyBreakTimes", 1)
        one, parent = (quoted(field.name) for field in fields)
        rows = ask(
            ctx, f"select distinct {one} as id, {parent} as parent from {quoted(request.table)} order by id"
        )
        top: Hashable = None
        if options.get("topLevelMark") is not None:
            top = _mark(options["topLevelMark"], fields[1].type)
        forest = Forest.grow(rows.column("id").to_pylist(), rows.column("parent").to_pylist(), top)
        if options["treeType"].lower() == "treeperrow":
            made = _trees(forest, fields[0].type, most)
        else:
            made = pa.Table.from_pylist(
                [
                    {
                        "id": str(node),
                        "level": min(forest.levels.get(node, most), most),
                        "children": [str(n) for n in forest.below(node)]
                        if forest.levels.get(node, most) < most
                        else [],
                    }
                    for node in sorted(forest.parents, key=_order)
                ],
                pa.schema([("id", pa.string()), ("level", pa.int32()), ("children", pa.list_(pa.string()))]),
            )
        ctx.engine.ingest(request.output, made)

    predict = fit


def _order(node: Any) -> tuple[str, Any]:
    """Ids in their own order."""
    return type(node).__name__, node


def _mark(text: str, kind: pa.DataType) -> Hashable:
    import pyarrow as pa

    try:
        found: Hashable = pa.scalar(text).cast(kind).as_py()
    except pa.ArrowInvalid:
        raise BadOption(f'topLevelMark "{text}" is no {kind}', option="topLevelMark") from None
    return found


def _trees(forest: Forest, kind: pa.DataType, most: int) -> pa.Table:
    """A row for each root; the type of ``children`` is as deep as the deepest tree."""
    import pyarrow as pa

    roots = sorted((one for one, parent in forest.parents.items() if parent is None), key=_order)
    depth = max((forest.levels[root] for root in roots), default=0)
    if depth > min(most, MOST_DEPTH // 2 - 2):
        raise TooLarge(
            f"a tree of {depth} levels is too deep for nested columns",
            hint='treeType="nodeTreePerRow" has no such bound',
        )
    below: pa.DataType = pa.list_(pa.string())
    for _ in range(depth):
        below = pa.list_(pa.struct([("children", below), ("id", kind), ("parentID", kind)]))
    rows: dict[Hashable, dict[str, Any]] = {}
    for root in roots:
        # Children come after their parents in this list, so backwards each finds its own made.
        for node in reversed([root, *forest.below(root)]):
            children = [rows[child] for child in forest.children[node]]
            rows[node] = {"children": children, "id": node, "parentID": forest.parents[node]}
    schema = pa.schema([("children", below), ("id", kind), ("parentID", kind), ("level", pa.int32())])
    return pa.Table.from_pylist([rows[root] | {"level": forest.levels[root]} for root in roots], schema)
