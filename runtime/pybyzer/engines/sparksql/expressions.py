"""Expressions of Spark SQL, one small method for each kind of node: ``_<name of the node>``."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from pybyzer.engines.sparksql import arithmetic, intervals, temporal
from pybyzer.engines.sparksql.call import RULES, Call
from pybyzer.engines.sparksql.calls import Calls, at
from pybyzer.engines.sparksql.casts import cast
from pybyzer.engines.sparksql.coercion import widest_of
from pybyzer.engines.sparksql.data_types import of_node
from pybyzer.engines.sparksql.expr import NULL, Expr, boolean, integer, string
from pybyzer.engines.sparksql.functions import variant
from pybyzer.engines.sparksql.functions.timestamps import time_literal
from pybyzer.engines.sparksql.glot import exp, place
from pybyzer.engines.sparksql.literals import double, hexadecimal, moment, number
from pybyzer.engines.sparksql.nested import field_of, item_of
from pybyzer.engines.sparksql.scope import Scope
from pybyzer.engines.sparksql.types import BIGINT, BOOLEAN, DOUBLE, STRING, VARIANT
from pybyzer.errors import EngineError, UnknownName, Unsupported

if TYPE_CHECKING:
    pass

_ARITHMETIC = {"add": "+", "sub": "-", "mul": "*", "div": "/", "intdiv": "div", "mod": "%"}
_COMPARISONS = {"eq": "=", "neq": "<>", "gt": ">", "gte": ">=", "lt": "<", "lte": "<=", "nullsafeeq": "<=>"}
_BITS = {"bitwiseand": "&", "bitwiseor": "|", "bitwisexor": "^"}


class Expressions(Calls):
    """Translates expressions. ``subquery`` translates a nested select (it is the other half's)."""

    def expression(self, node: Any, scope: Scope) -> Expr:
        """The translation of any expression node; errors get the node's place."""
        method = getattr(self, f"_{node.key}", None)
        try:
            if method is not None:
                return method(node, scope)  # type: ignore[no-any-return]
            if node.key in _ARITHMETIC:
                return self._arithmetic(node, scope)
            if node.key in _COMPARISONS:
                return self._comparison(node, scope)
            if node.key in _BITS:
                return self._bits(node, scope)
        except (EngineError, UnknownName, Unsupported) as error:
            if error.offset is None:
                error.offset, error.length = place(node)
            raise
        raise Unsupported(f"this form of SQL ({node.key})")

    binary = staticmethod(arithmetic.binary)
    compare = staticmethod(arithmetic.compare)
    meeting = staticmethod(arithmetic.meeting)

    # -- names and literals ----------------------------------------------------------------

    def _column(self, node: Any, scope: Scope) -> Expr:
        parts = [part.name for part in node.parts]
        return _shown(scope, parts, parts[-1])

    def _identifier(self, node: Any, scope: Scope) -> Expr:
        return _shown(scope, [node.name], node.name)

    def _dot(self, node: Any, scope: Scope) -> Expr:
        value = self.expression(node.this, scope)
        name = node.expression.name
        shown = f"[{name}]" if value.type.kind == "map" else f".{name}"
        return field_of(value, name).named(value.label + shown)

    def _literal(self, node: Any, scope: Scope) -> Expr:
        return string(node.this) if node.is_string else number(node.this)

    def _rawstring(self, node: Any, scope: Scope) -> Expr:
        return string(node.this)

    def _hexstring(self, node: Any, scope: Scope) -> Expr:
        return hexadecimal(node.this)

    def _null(self, node: Any, scope: Scope) -> Expr:
        return NULL

    def _boolean(self, node: Any, scope: Scope) -> Expr:
        return boolean(bool(node.this))

    def _paren(self, node: Any, scope: Scope) -> Expr:
        inner = self.expression(node.this, scope)
        return Expr(f"({inner.sql})", inner.type, inner.label, inner.value)

    def _alias(self, node: Any, scope: Scope) -> Expr:
        return self.expression(node.this, scope).named(node.alias)

    def _interval(self, node: Any, scope: Scope) -> Expr:
        made = intervals.of_node(node)
        if made is not None:
            return made
        # Spark has no interval of a column; ours is the number of units.
        kind, size = intervals.unit_of(node)
        value = self.expression(node.this, scope)
        sql = f"CAST({cast(value, BIGINT).sql} * {size} AS {kind.duck})"
        return Expr(sql, kind, f"INTERVAL '{value.label}' {str(node.args['unit']).upper()}")

    # -- operators -------------------------------------------------------------------------

    def _sides(self, node: Any, scope: Scope) -> tuple[Expr, Expr]:
        return self.expression(node.this, scope), self.expression(node.expression, scope)

    def _arithmetic(self, node: Any, scope: Scope) -> Expr:
        return arithmetic.binary(_ARITHMETIC[node.key], *self._sides(node, scope))

    def _comparison(self, node: Any, scope: Scope) -> Expr:
        return arithmetic.compare(_COMPARISONS[node.key], *self._sides(node, scope))

    def _bits(self, node: Any, scope: Scope) -> Expr:
        left, right = self._sides(node, scope)
        kind = widest_of([left.type, right.type])
        if kind is None or not kind.integral:
            raise EngineError(
                f"bit operators need whole numbers, not {left.type.spark} and {right.type.spark}"
            )
        a, b, sign = cast(left, kind).sql, cast(right, kind).sql, _BITS[node.key]
        label = f"({left.label} {sign} {right.label})"
        return Expr(f"xor({a}, {b})" if sign == "^" else f"({a} {sign} {b})", kind, label)

    def _bitwisenot(self, node: Any, scope: Scope) -> Expr:
        value = self.expression(node.this, scope)
        return Expr(f"(~{value.sql})", value.type, f"~{value.label}")

    def _neg(self, node: Any, scope: Scope) -> Expr:
        value = self.expression(node.this, scope)
        if isinstance(node.this, exp.Literal) and node.this.this == "9223372036854775808":
            return Expr("CAST('-9223372036854775808' AS BIGINT)", BIGINT, "-9223372036854775808", -(2**63))
        if isinstance(value.value, int) and isinstance(node.this, exp.Literal):
            return integer(-value.value)
        if isinstance(value.value, int) and not isinstance(value.value, bool) and value.type.integral:
            made = integer(-value.value)
            return cast(made, value.type) if value.type.kind != "int" and made.type != value.type else made
        kind = value.type if value.type.numeric or value.type.interval else DOUBLE
        literal = isinstance(value.value, float | Decimal | int)
        return Expr(
            f"(-{cast(value, kind).sql})", kind, f"-{value.label}" if literal else f"(- {value.label})"
        )

    def condition(self, node: Any, scope: Scope) -> Expr:
        """An expression as a condition."""
        value = self.expression(node, scope)
        if value.type not in (BOOLEAN, STRING) and value.type.kind != "void":
            raise EngineError(f"a condition must be boolean, not {value.type.spark}", **at(node))
        return cast(value, BOOLEAN)

    def _and(self, node: Any, scope: Scope) -> Expr:
        left, right = self.condition(node.this, scope), self.condition(node.expression, scope)
        return Expr(f"({left.sql} AND {right.sql})", BOOLEAN, f"({left.label} AND {right.label})")

    def _or(self, node: Any, scope: Scope) -> Expr:
        left, right = self.condition(node.this, scope), self.condition(node.expression, scope)
        return Expr(f"({left.sql} OR {right.sql})", BOOLEAN, f"({left.label} OR {right.label})")

    def _not(self, node: Any, scope: Scope) -> Expr:
        value = self.condition(node.this, scope)
        if isinstance(node.this, exp.Is):
            return Expr(f"(NOT {value.sql})", BOOLEAN, value.label.replace(" IS ", " IS NOT ", 1))
        return Expr(f"(NOT {value.sql})", BOOLEAN, f"(NOT {value.label})")

    def _dpipe(self, node: Any, scope: Scope) -> Expr:
        return self.call("concat", [node.this, node.expression], scope)

    def _concat(self, node: Any, scope: Scope) -> Expr:
        # Adjacent string literals are one.
        return string("".join(part.this for part in node.expressions))

    def _nullsafeneq(self, node: Any, scope: Scope) -> Expr:
        same = arithmetic.compare("<=>", *self._sides(node, scope))
        return Expr(f"(NOT {same.sql})", BOOLEAN, f"(NOT {same.label})")

    def _is(self, node: Any, scope: Scope) -> Expr:
        value = self.expression(node.this, scope)
        right = node.expression
        if isinstance(right, exp.Null):
            return Expr(f"({value.sql} IS NULL)", BOOLEAN, f"({value.label} IS NULL)")
        if isinstance(right, exp.Boolean):
            word = str(bool(right.this)).upper()
            return Expr(f"({cast(value, BOOLEAN).sql} IS {word})", BOOLEAN, f"({value.label} IS {word})")
        return arithmetic.compare("<=>", value, self.expression(right, scope))

    def _between(self, node: Any, scope: Scope) -> Expr:
        value = self.expression(node.this, scope)
        low, high = self.expression(node.args["low"], scope), self.expression(node.args["high"], scope)
        first, second = arithmetic.compare(">=", value, low), arithmetic.compare("<=", value, high)
        label = f"between({value.label}, {low.label}, {high.label})"
        return Expr(f"({first.sql} AND {second.sql})", BOOLEAN, label)

    def _in(self, node: Any, scope: Scope) -> Expr:
        if node.args.get("query") is not None:
            return self._in_query(node, scope)
        value = self.expression(node.this, scope)
        items = [self.expression(item, scope) for item in node.expressions]
        label = f"({value.label} IN ({', '.join(item.label for item in items)}))"
        kind = widest_of([value.type, *(item.type for item in items)])
        if kind is None:
            raise EngineError(f"in: {value.type.spark} and the values in the list do not meet")
        integral = value.type.integral and all(item.type.integral for item in items)
        inside = ", ".join(item.sql if integral else cast(item, kind).sql for item in items)
        return Expr(f"({value.sql if integral else cast(value, kind).sql} IN ({inside}))", BOOLEAN, label)

    def _in_query(self, node: Any, scope: Scope) -> Expr:
        query = self.subquery(node.args["query"], scope)
        nodes = node.this.expressions if isinstance(node.this, exp.Tuple) else [node.this]
        values = [self.expression(part, scope) for part in nodes]
        if len(values) != len(query.columns):
            raise EngineError(f"in: {len(values)} columns on the left, {len(query.columns)} in the query")
        lefts, rights = [], []
        for value, column in zip(values, query.columns, strict=True):
            a, b = arithmetic.meeting(value, Expr(f'q."{column.inner}"', column.type))
            lefts.append(a)
            rights.append(b)
        left = lefts[0] if len(lefts) == 1 else f"({', '.join(lefts)})"
        right = rights[0] if len(rights) == 1 else f"({', '.join(rights)})"
        label = f"({values[0].label} IN (listquery()))"
        return Expr(f"({left} IN (SELECT {right} FROM ({query.sql}) AS q))", BOOLEAN, label)

    def _exists(self, node: Any, scope: Scope) -> Expr:
        return Expr(f"EXISTS ({self.subquery(node.this, scope).sql})", BOOLEAN, "exists()")

    def _subquery(self, node: Any, scope: Scope) -> Expr:
        query = self.subquery(node, scope)
        if len(query.columns) != 1:
            raise EngineError(f"a subquery used as a value must have one column, not {len(query.columns)}")
        return Expr(f"({query.sql})", query.columns[0].type, "scalarsubquery()")

    _select = _subquery

    def _like(self, node: Any, scope: Scope, escape: str = "\\") -> Expr:
        if isinstance(node.expression, exp.Any | exp.All):
            return self._like_many(node, scope)
        nodes = [node.this, node.expression]
        if escape != "\\":
            nodes.append(exp.Literal.string(escape))
        made = self.call(node.key, nodes, scope)
        if node.args.get("negate"):
            return Expr(f"(NOT {made.sql})", BOOLEAN, f"(NOT {made.label})")
        return made

    _ilike = _like

    def _like_many(self, node: Any, scope: Scope) -> Expr:
        """``like any ('a%', 'b%')``: each by itself, joined by or (and)."""
        listed = node.expression.this
        patterns = listed.expressions if isinstance(listed, exp.Tuple) else [listed.unnest()]
        made = [self._like(type(node)(this=node.this, expression=one), scope) for one in patterns]
        every = isinstance(node.expression, exp.All)
        sql = (" AND " if every else " OR ").join(one.sql for one in made)
        label = f"{node.key}{'all' if every else 'any'}({self.expression(node.this, scope).label})"
        if node.args.get("negate"):
            # not like any: one of them does not match; not like all: none matches.
            sql = (" AND " if every else " OR ").join(f"(NOT {one.sql})" for one in made)
            label = f"not{label}"
        return Expr(f"({sql})", BOOLEAN, label)

    def _escape(self, node: Any, scope: Scope) -> Expr:
        sign = str(node.expression.this)
        return self._like(node.this, scope, sign)

    def _regexplike(self, node: Any, scope: Scope) -> Expr:
        made = self.call("rlike", [node.this, node.expression], scope)
        return made.named(f"RLIKE({made.label[6:-1]})")

    # -- case, cast, brackets --------------------------------------------------------------

    def _case(self, node: Any, scope: Scope) -> Expr:
        subject = self.expression(node.this, scope) if node.this is not None else None
        conditions, values = [], []
        for branch in node.args["ifs"]:
            if subject is None:
                conditions.append(self.condition(branch.this, scope))
            else:
                conditions.append(arithmetic.compare("=", subject, self.expression(branch.this, scope)))
            values.append(self.expression(branch.args["true"], scope))
        default = node.args.get("default")
        other = self.expression(default, scope) if default is not None else NULL
        kind = widest_of([*(value.type for value in values), other.type])
        if kind is None:
            kinds = ", ".join(dict.fromkeys(value.type.spark for value in (*values, other)))
            raise EngineError(f"case: these types do not meet: {kinds}")
        branches = " ".join(
            f"WHEN {condition.sql} THEN {cast(value, kind).sql}"
            for condition, value in zip(conditions, values, strict=True)
        )
        shown = " ".join(f"WHEN {c.label} THEN {v.label}" for c, v in zip(conditions, values, strict=True))
        end = f" ELSE {other.label}" if default is not None else ""
        sql = f"CASE {branches} ELSE {cast(other, kind).sql} END"
        return Expr(sql, kind, f"CASE {shown}{end} END")

    def _if(self, node: Any, scope: Scope) -> Expr:
        return self.call("if", [node.this, node.args["true"], node.args.get("false") or exp.Null()], scope)

    def _cast(self, node: Any, scope: Scope) -> Expr:
        value = self.expression(node.this, scope)
        kind = of_node(node.to)
        suffixed = _suffixed(node)
        if suffixed and kind.kind == "double":
            return double(node.this.this)
        if kind.temporal and type(node) is exp.Cast and isinstance(value.value, str):
            return cast(value, kind).named(f"{kind.spark.upper()} '{moment(value.value, kind.kind)}'")
        if kind.interval and value.type == STRING:
            made = intervals.literal_of(value.value, kind)
        elif temporal.clock(kind) and isinstance(value.value, str):
            return time_literal(value.value)
        elif VARIANT in (value.type, kind) and value.type != kind:
            call = Call("cast", [node.this], self, scope)
            made = variant.cast(call, value, kind, safe=bool(node.args.get("safe")))
        else:
            made = cast(value, kind)
        if suffixed:
            return made.named(value.label)
        word = "TRY_CAST" if node.args.get("safe") else "CAST"
        return made.named(f"{word}({value.label} AS {kind.spark.upper()})")

    _trycast = _cast

    def _jsonextract(self, node: Any, scope: Scope) -> Expr:
        """``variant:a.b[0]``, a column named as the last field."""
        if not node.args.get("variant_extract"):
            raise Unsupported("-> outside of a lambda", hint="get_json_object(x, '$.a')")
        steps = [part.this for part in node.expression.expressions[1:]]
        named = next((step for step in reversed(steps) if isinstance(step, str)), "")
        call = Call("variant_get", [node.this, exp.Literal.string(variant.written(steps))], self, scope)
        return RULES["variant_get"](call).named(named)

    def _bracket(self, node: Any, scope: Scope) -> Expr:
        value = self.expression(node.this, scope)
        if len(node.expressions) != 1 or isinstance(node.expressions[0], exp.Slice):
            raise Unsupported("slices", hint="slice(a, start, length)")
        return item_of(value, self.expression(node.expressions[0], scope))

    def _tuple(self, node: Any, scope: Scope) -> Expr:
        made = self.call("struct", node.expressions, scope)
        values = [self.expression(part, scope) for part in node.expressions]
        fields = zip(made.type.names, values, strict=True)
        shown = ", ".join(f"{name}, {value.label}" for name, value in fields)
        return made.named(f"named_struct({shown})")

    def _collate(self, node: Any, scope: Scope) -> Expr:
        name = node.expression.name
        made = self.call("collate", [node.this, exp.Literal.string(name)], scope)
        return made.named(f"collate({self.expression(node.this, scope).label}, {name})")

    def _star(self, node: Any, scope: Scope) -> Expr:
        raise EngineError("* cannot stand here")

    # -- calls with a grammar of their own -------------------------------------------------

    def _trim(self, node: Any, scope: Scope) -> Expr:
        nodes = [node.this] + ([node.expression] if node.args.get("expression") is not None else [])
        extra = {"position": node.args["position"]} if node.args.get("position") else {}
        return self.call("trim", nodes, scope, extra=extra)

    def _substring(self, node: Any, scope: Scope) -> Expr:
        nodes = [node.this, node.args["start"]]
        return self.call(
            "substring", nodes + ([node.args["length"]] if node.args.get("length") else []), scope
        )

    def _overlay(self, node: Any, scope: Scope) -> Expr:
        length = [node.args["for_"]] if node.args.get("for_") is not None else []
        return self.call("overlay", [node.this, node.expression, node.args["from_"], *length], scope)

    def _extract(self, node: Any, scope: Scope) -> Expr:
        return self.call(
            "extract",
            [exp.Literal.string(str(node.this)), node.expression],
            scope,
            extra={"field": str(node.this)},
        )

    def _currentdate(self, node: Any, scope: Scope) -> Expr:
        return self.call("current_date", [], scope)

    def _currenttimestamp(self, node: Any, scope: Scope) -> Expr:
        return self.call("current_timestamp", [], scope)

    def _currentuser(self, node: Any, scope: Scope) -> Expr:
        return self.call("current_user", [], scope)


def _shown(scope: Scope, parts: list[str], name: str) -> Expr:
    """A column under the name it was written with; a lambda's parameter keeps the one it has for all."""
    found = scope.column(parts)
    lambda_variable = len(parts) == 1 and parts[0].lower() in scope.variables
    return found if lambda_variable else found.named(name)


def _suffixed(node: Any) -> bool:
    """Whether a cast is how sqlglot writes the literals ``1L``, ``1.5D``: nothing was written but those."""
    literal = node.this
    if not isinstance(literal, exp.Literal) or "start" not in literal.meta:
        return False
    # The place of a literal includes its suffix, its text does not.
    return not literal.is_string and literal.meta["end"] - literal.meta["start"] + 1 > len(literal.this)
