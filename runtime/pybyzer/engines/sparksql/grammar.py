"""sqlglot's Spark with Spark's own operator precedence and literals, and calls kept as they are written."""

from __future__ import annotations

from typing import Any

from pybyzer.engines.sparksql.glot import exp

_SYNTAX_CALLS = ("CAST", "TRY_CAST", "TRIM", "SUBSTRING", "EXTRACT", "OVERLAY")
"""Calls with a grammar of their own (``trim(both 'x' from s)``) that sqlglot reads as we want them."""


def plain_spark() -> Any:
    """The dialect; made when sqlglot is first needed."""
    from sqlglot import TokenType
    from sqlglot.dialects.spark import Spark

    theirs = Spark.Parser

    class PlainSpark(Spark):
        class Tokenizer(Spark.Tokenizer):
            # Two quotes inside a text are one.
            STRING_ESCAPES = ["\\", "'", '"']  # noqa: RUF012

        class Parser(theirs):  # type: ignore[misc, valid-type]
            FUNCTIONS: dict[str, Any] = {}  # noqa: RUF012 (sqlglot's own way to configure a parser)
            # Else array(1, 2)[0] would be read as the array [0].
            ARRAY_CONSTRUCTORS: dict[str, Any] = {}  # noqa: RUF012
            # variant:path
            COLON_IS_VARIANT_EXTRACT = True
            FUNCTION_PARSERS = {  # noqa: RUF012
                **{name: theirs.FUNCTION_PARSERS[name] for name in _SYNTAX_CALLS},
                "SUBSTR": lambda self: self._parse_substr(),
                "POSITION": lambda self: self._parse_position_call(),
            }
            NO_PAREN_FUNCTION_PARSERS = {  # noqa: RUF012
                **{k: v for k, v in theirs.NO_PAREN_FUNCTION_PARSERS.items() if k != "TRANSFORM"},
                "ANY": lambda self: self._parse_any(),
            }
            # Else group by window(ts, '1 day') would be the clause that names windows.
            QUERY_MODIFIER_TOKENS = theirs.QUERY_MODIFIER_TOKENS - {TokenType.WINDOW}
            # In Spark || binds as + does.
            TERM = {**theirs.TERM, TokenType.DPIPE: exp.DPipe}  # noqa: RUF012

            def _parse_bitwise(self) -> Any:
                """``|`` over ``^`` over ``&`` over shifts; to sqlglot they are all one level."""
                return self._level(
                    lambda: self._level(
                        lambda: self._level(self._parse_shift, TokenType.AMP, exp.BitwiseAnd),
                        TokenType.CARET,
                        exp.BitwiseXor,
                    ),
                    TokenType.PIPE,
                    exp.BitwiseOr,
                )

            def _level(self, operand: Any, sign: Any, node: Any) -> Any:
                this = operand()
                while self._match(sign):
                    this = self.expression(node(this=this, expression=operand()))
                return this

            def _parse_shift(self) -> Any:
                this = self._parse_term()
                while True:
                    if self._match_pair(TokenType.LT, TokenType.LT):
                        name = "<<"
                    elif self._match_pair(TokenType.GT, TokenType.GT):
                        name = ">>>" if self._match(TokenType.GT) else ">>"
                    else:
                        return this
                    operands = [this, self._parse_term()]
                    this = self.expression(exp.Anonymous(this=name, expressions=operands))

            def _parse_atom(self) -> Any:
                """Also ``X '1F'``, with a blank before the text."""
                named = self._curr and self._curr.token_type == TokenType.VAR
                if (
                    named
                    and self._curr.text.upper() == "X"
                    and self._next
                    and self._next.token_type == TokenType.STRING
                ):
                    self._advance(2)
                    return self.expression(exp.HexString(this=self._prev.text))
                return super()._parse_atom()

            def _parse_substr(self) -> Any:
                """``substr(s, 1)``; with ``from`` it is another name for ``substring``."""
                parts = self._parse_csv(self._parse_bitwise)
                if not self._match(TokenType.FROM):
                    return exp.Anonymous(this="substr", expressions=parts)
                parts.append(self._parse_bitwise())
                if self._match(TokenType.FOR):
                    parts.append(self._parse_bitwise())
                return exp.Anonymous(this="substring", expressions=parts)

            def _parse_position_call(self) -> Any:
                parts = self._parse_csv(self._parse_bitwise)
                if self._match(TokenType.IN):
                    return exp.Anonymous(this="locate", expressions=[*parts, self._parse_bitwise()])
                return exp.Anonymous(this="position", expressions=parts)

            def _parse_any(self) -> Any:
                """``like any (...)``, or the aggregate."""
                before = self._tokens[self._index - 2].token_type if self._index > 1 else None
                if before in (TokenType.LIKE, TokenType.ILIKE) or not self._match(TokenType.L_PAREN):
                    return self.expression(exp.Any(this=self._parse_bitwise()))
                parts = self._parse_csv(self._parse_lambda)
                self._match_r_paren()
                return self.expression(exp.Anonymous(this="any", expressions=parts))

    return PlainSpark
