"""Text to statements: recursive descent over the tokens, one method for each statement.

The grammar is written out in ``docs/language.md``. Where the original is stricter than it needs to be
(a final ``;``, a keyword as a function's name), more is accepted; nothing means something else.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from pybyzer.errors import ParseError, SourceText, Span
from pybyzer.lang import ast, hints
from pybyzer.lang.ast import Option, Options, Quote, Statement, Text
from pybyzer.lang.tokenizer import tokenize, unclosed
from pybyzer.lang.tokens import MODES, RESERVED, STATEMENTS, Kind, Token

_AFTER_OPTIONS = ("where", "options", "and", "as", "partitionby")
_OPTION_WORDS = ("where", "options", "and")
_RAW_SIGNS = frozenset("-/><.~")
_DASHES = re.compile(r"[ \t]*--\w")


def parse(text: str, name: str = "cell") -> list[Statement]:
    """The statements of a text, in order. ``name`` is what errors call the text. Raises ``ParseError``."""
    return _Parser(SourceText(text, name)).parse()


class _Parser:
    """A position among the tokens of one text, and a method for each statement."""

    def __init__(self, source: SourceText) -> None:
        self._source = source
        self._tokens = tokenize(source)
        self._at = 0
        self._methods: dict[str, Callable[[Token], Statement]] = {
            "load": self._parse_load,
            "save": self._parse_save,
            "select": self._parse_select,
            "with": self._parse_select,
            "insert": self._parse_execute,
            "create": self._parse_execute,
            "drop": self._parse_execute,
            "refresh": self._parse_execute,
            "set": self._parse_set,
            "connect": self._parse_connect,
            "train": self._parse_estimate,
            "run": self._parse_estimate,
            "predict": self._parse_estimate,
            "register": self._parse_register,
            "unregister": self._parse_unregister,
            "include": self._parse_include,
        }

    def parse(self) -> list[Statement]:
        statements: list[Statement] = []
        while self._peek().kind is not Kind.END:
            if self._take_sign(";"):
                continue
            statements.append(self._parse_statement())
            if self._peek().kind is not Kind.END and not self._take_sign(";"):
                raise self._unfinished()
        return statements

    # -- statements ------------------------------------------------------------------------

    def _parse_statement(self) -> Statement:
        token = self._advance()
        if token.kind is Kind.COMMAND:
            return self._parse_command(token)
        method = self._methods.get(token.word)
        if method is None:
            raise self._expected("a statement", token, hints.for_statement(token, self._peek()))
        return method(token)

    def _parse_load(self, first: Token) -> Statement:
        format_, path = self._format_and_path()
        options = self._options()
        if not self._take_word("as"):
            raise self._unfinished('"as" and a table name')
        table = self._name("a table name")
        return ast.Load(format=format_, path=path, options=options, table=table, span=self._from(first))

    def _parse_save(self, first: Token) -> Statement:
        mode = None
        while self._peek().word in MODES and self._peek(1).word != "as":
            mode = self._text(self._advance())
        table = self._name("a table name")
        if not self._take_word("as"):
            raise self._expected('"as"', self._peek(), hints.closest(table.value, MODES))
        format_, path = self._format_and_path()
        options = self._options()
        columns: list[Text] = []
        if self._take_word("partitionby") and self._peek().kind in (Kind.WORD, Kind.BACK):
            columns.append(self._name("a column name"))
            while self._take_sign(","):
                columns.append(self._name("a column name"))
        return ast.Save(
            mode=mode,
            table=table,
            format=format_,
            path=path,
            options=options,
            partition_by=tuple(columns),
            span=self._from(first),
        )

    def _parse_select(self, first: Token) -> Statement:
        body = self._body(first)
        sql, table = self._cut(body)
        if len(sql) == 1:
            raise self._expected("columns", self._peek())
        whole = Span(self._source, first.start, body[-1].end)
        span = Span(self._source, first.start, sql[-1].end)
        return ast.Select(sql=Text(span.text, span), table=table, span=whole)

    def _parse_execute(self, first: Token) -> Statement:
        body = self._body(first)
        span = Span(self._source, first.start, body[-1].end)
        return ast.Execute(keyword=first.word, sql=Text(span.text, span), span=span)

    def _parse_set(self, first: Token) -> Statement:
        key = self._qualified("a variable name")
        if not self._take_sign("="):
            raise self._expected('"="', self._peek())
        if self._peek().kind in (Kind.STRING, Kind.BACK):
            value = self._string()
        elif self._peek().kind is Kind.WORD and self._peek().word not in RESERVED:
            value = self._qualified("a value")
        else:
            raise self._expected("a value", self._peek(), hints.quoted(self._source.text, self._peek().start))
        if not self._ends_value():
            start = value.span.start
            raise self._expected('";" or options', self._peek(), hints.quoted(self._source.text, start))
        return ast.Set(key=key, value=value, options=self._options(), span=self._from(first))

    def _parse_connect(self, first: Token) -> Statement:
        format_ = self._name("a format")
        options = self._options()
        name = self._qualified("a name") if self._take_word("as") else None
        return ast.Connect(format=format_, options=options, name=name, span=self._from(first))

    def _parse_estimate(self, first: Token) -> Statement:
        table = self._name("a table name")
        if not self._take_word("as") and not self._take_word("into"):
            raise self._expected('"as" and an algorithm', self._peek())
        algorithm, path = self._format_and_path()
        options = self._options()
        output = None
        while self._take_word("as"):
            output = self._name("a table name")
        make = {"train": ast.Train, "run": ast.Run, "predict": ast.Predict}[first.word]
        return make(
            table=table,
            algorithm=algorithm,
            path=path,
            options=options,
            output=output,
            span=self._from(first),
        )

    def _parse_register(self, first: Token) -> Statement:
        algorithm, path = self._format_and_path()
        if not self._take_word("as"):
            raise self._expected('"as" and a function name', self._peek())
        function = self._function_name()
        options = self._options()
        return ast.Register(
            algorithm=algorithm, path=path, function=function, options=options, span=self._from(first)
        )

    def _parse_unregister(self, first: Token) -> Statement:
        algorithm, path = self._format_and_path()
        options = self._options()
        return ast.Unregister(algorithm=algorithm, path=path, options=options, span=self._from(first))

    def _parse_include(self, first: Token) -> Statement:
        format_, path = self._format_and_path()
        options = self._options()
        return ast.Include(format=format_, path=path, options=options, span=self._from(first))

    def _parse_command(self, first: Token) -> Statement:
        name = Text(first.text[1:], Span(self._source, first.start + 1, first.end))
        arguments: list[Text] = []
        while not self._at_end():
            self._refuse_swallowed()
            if self._peek().kind in (Kind.STRING, Kind.BACK):
                arguments.append(self._string())
            else:
                arguments.append(self._raw_argument())
        self._refuse_dashes()
        return ast.Command(name=name, arguments=tuple(arguments), span=self._from(first))

    # -- parts of statements ---------------------------------------------------------------

    def _format_and_path(self) -> tuple[Text, Text]:
        """``format.`path` ``"""
        format_ = self._name("a format or algorithm")
        if not self._take_sign("."):
            raise self._expected(
                f'"." and a path after {format_.value}', self._peek(), self._path_hint(format_)
            )
        if self._peek().kind not in (Kind.WORD, Kind.BACK) or self._peek().word in RESERVED:
            raise self._expected("a path in back quotes", self._peek(), self._path_hint(format_))
        path = self._text(self._advance())
        if self._peek().kind is Kind.SIGN and self._peek().text in _RAW_SIGNS:
            raise self._expected("the end of the path", self._peek(), self._path_hint(format_))
        return format_, path

    def _path_hint(self, format_: Text) -> str:
        return f"a path stands in back quotes: {format_.value}.`/tmp/x`"

    def _options(self) -> Options:
        """``where a="1" and b.c='''2'''``; every word of it may be missing."""
        items: list[Option] = []
        introduced = self._take_word("where") or self._take_word("options")
        if self._peek().kind in (Kind.WORD, Kind.BACK) and self._peek().word not in RESERVED:
            items.append(self._option())
        elif introduced and not self._at_end():
            is_key = self._peek(1).is_sign("=") or self._peek(1).is_sign(".")
            if self._peek().word not in RESERVED or is_key:
                raise self._expected("an option", self._peek(), hints.for_name(self._peek()))
        while self._take_word("and"):
            items.append(self._option())
        return Options(tuple(items))

    def _option(self) -> Option:
        start = self._peek()
        key = self._qualified("an option")
        if not self._take_sign("="):
            meant = hints.closest(start.text, _AFTER_OPTIONS)
            if meant:
                raise self._expected('where, and, as or ";"', start, meant)
            raise self._expected(f'"=" after {key.value}', self._peek(), hints.lookalike(self._peek()))
        if self._peek().kind is not Kind.STRING:
            hint = hints.quoted(self._source.text, self._peek().start, key.value)
            raise self._expected("a value in quotes", self._peek(), hint)
        return Option(key.value, self._string(), key.span)

    def _string(self) -> Text:
        """The string that comes next. ``''`` right before another string was meant as three quotes."""
        token = self._advance()
        after = self._peek()
        if token.text == "''" and after.start == token.end and after.text.startswith("'"):
            raise unclosed(self._source, token.start)
        return self._text(token)

    def _function_name(self) -> Text:
        """A function's name: any word, keywords too, bare or quoted."""
        token = self._peek()
        after = self._peek(1)
        is_name = after.kind is Kind.END or after.is_sign(";") or after.word in _OPTION_WORDS
        if token.word in _OPTION_WORDS and not is_name:
            raise self._expected("a function name", token)
        if token.kind not in (Kind.WORD, Kind.BACK, Kind.STRING):
            raise self._expected("a function name", token, hints.for_name(token))
        return self._text(self._advance())

    def _name(self, what: str) -> Text:
        """A name: a word that is no keyword, or anything in back quotes."""
        token = self._peek()
        if token.kind is Kind.BACK or (token.kind is Kind.WORD and token.word not in RESERVED):
            return self._text(self._advance())
        raise self._expected(what, token, hints.for_name(token))

    def _qualified(self, what: str) -> Text:
        """``a.b.c``, each part bare or in back quotes; equal to the whole in back quotes."""
        parts = [self._name(what)]
        while self._take_sign("."):
            parts.append(self._name(f'a name after "{parts[-1].value}."'))
        if len(parts) == 1:
            return parts[0]
        quote = Quote.NONE if all(part.quote is Quote.NONE for part in parts) else Quote.BACK
        return Text(".".join(part.value for part in parts), parts[0].span.to(parts[-1].span), quote)

    def _body(self, first: Token) -> list[Token]:
        """All tokens from ``first`` up to the ``;``."""
        begin = self._at - 1
        while not self._at_end():
            if self._at - begin > 2:
                self._refuse_next_statement()
            self._at += 1
        if self._at == begin + 1:
            raise self._expected(f"something after {first.text}", self._peek())
        last = self._tokens[self._at - 1]
        if last.kind is Kind.SIGN and hints.lookalike(last):
            raise self._expected('";"', last, hints.lookalike(last))
        return self._tokens[begin : self._at]

    def _cut(self, body: list[Token]) -> tuple[list[Token], Text | None]:
        """A select's tokens without the final ``as table``, and the table.

        The name is one word, something in back quotes, or a word with templates: ``t_${day}``.
        """
        first = len(body) - 1
        if body[first].kind is not Kind.BACK:
            while first > 0 and _in_template(body[first]) and body[first - 1].end == body[first].start:
                first -= 1
        name = Span(self._source, body[first].start, body[-1].end)
        simple = first == len(body) - 1 and body[first].kind in (Kind.WORD, Kind.BACK)
        if not (simple or "${" in name.text) or first < 2 or body[first - 1].word != "as":
            return body, None
        table = self._text(body[first]) if simple else Text(name.text, name)
        return body[: first - 1], table

    def _raw_argument(self) -> Text:
        """Words and ``- / > < . ~`` with nothing between them."""
        first = last = self._peek()
        while self._is_raw(self._peek()) and (self._peek() is first or self._peek().start == last.end):
            last = self._advance()
        glued = (
            self._peek().start == last.end
            and self._peek().kind is Kind.SIGN
            and not self._peek().is_sign(";")
        )
        if not self._is_raw(first) or glued:
            found = first if not self._is_raw(first) else self._peek()
            hint = hints.quoted(self._source.text, first.start).replace(
                "values stand", "such an argument stands"
            )
            raise self._expected("an argument", found, hints.lookalike(found) or hint)
        span = Span(self._source, first.start, last.end)
        return Text(span.text, span)

    def _is_raw(self, token: Token) -> bool:
        return token.kind is Kind.WORD or (token.kind is Kind.SIGN and token.text in _RAW_SIGNS)

    # -- errors ----------------------------------------------------------------------------

    def _expected(self, what: str, token: Token, hint: str | None = None) -> ParseError:
        """``expected <what>, found <token>``, at the token."""
        found = "the end" if token.kind is Kind.END else _shown(token)
        end = max(token.end, token.start + 1)
        return ParseError(
            f"expected {what}, found {found}", span=Span(self._source, token.start, end), hint=hint or None
        )

    def _unfinished(self, what: str = '";"') -> ParseError:
        """The error for a token after a statement that should have ended (or gone on with ``what``)."""
        token = self._peek()
        if token.word in STATEMENTS or token.kind is Kind.COMMAND:
            return self._expected(what, token, 'statements end with ";"')
        if token.is_sign(","):
            return self._expected(what, token, 'options are joined by "and"')
        if token.word in _OPTION_WORDS:
            return self._expected(what, token, 'options stand before the last "as" and before partitionBy')
        if self._peek(1).is_sign("=") or self._peek(1).is_sign("."):
            return self._expected(f'"and" or {what}', token, 'options are joined by "and"')
        return self._expected(
            what, token, hints.lookalike(token) or hints.closest(token.text, _AFTER_OPTIONS)
        )

    def _refuse_swallowed(self) -> None:
        """A statement's keyword on a new line is not an argument: the ``;`` before it is missing."""
        before, token = self._tokens[self._at - 1], self._peek()
        starts = token.kind is Kind.COMMAND or (token.word in STATEMENTS and token.word in RESERVED)
        if starts and "\n" in self._source.text[before.end : token.start]:
            raise self._unfinished()
        self._refuse_dashes()

    def _refuse_next_statement(self) -> None:
        """``as name`` and then a statement's keyword on a new line is no SQL: a ``;`` is missing."""
        token, name, link = (self._tokens[self._at - back] for back in range(3))
        if link.word != "as" or name.kind not in (Kind.WORD, Kind.BACK):
            return
        starts = token.kind is Kind.COMMAND or (token.word in STATEMENTS and token.word in RESERVED)
        if starts and "\n" in self._source.text[name.end : token.start]:
            raise self._unfinished()

    def _refuse_dashes(self) -> None:
        """``--option`` after an argument would be a comment, silently: say so."""
        before = self._tokens[self._at - 1]
        found = _DASHES.match(self._source.text, before.end)
        if found is not None and found.end() <= self._peek().start:
            raise ParseError(
                "-- begins a comment here",
                span=Span(self._source, found.end() - 3, found.end() - 1),
                hint=hints.quoted(self._source.text, found.end() - 3).replace(
                    "values stand", "the option stands"
                ),
            )

    # -- tokens ----------------------------------------------------------------------------

    def _peek(self, ahead: int = 0) -> Token:
        return self._tokens[min(self._at + ahead, len(self._tokens) - 1)]

    def _advance(self) -> Token:
        token = self._tokens[self._at]
        if token.kind is not Kind.END:
            self._at += 1
        return token

    def _at_end(self) -> bool:
        return self._peek().kind is Kind.END or self._peek().is_sign(";")

    def _ends_value(self) -> bool:
        """Whether what follows can follow a value: options, or the end."""
        return self._at_end() or self._peek().kind in (Kind.WORD, Kind.BACK, Kind.COMMAND)

    def _take_word(self, word: str) -> bool:
        if self._peek().word != word:
            return False
        self._at += 1
        return True

    def _take_sign(self, sign: str) -> bool:
        if not self._peek().is_sign(sign):
            return False
        self._at += 1
        return True

    def _text(self, token: Token) -> Text:
        margin = len(token.quote.value)
        return Text(token.content, Span(self._source, token.start + margin, token.end - margin), token.quote)

    def _from(self, first: Token) -> Span:
        """From a token to the last one taken."""
        return Span(self._source, first.start, self._tokens[self._at - 1].end)


def _shown(token: Token) -> str:
    """A token as a message shows it: short, on one line."""
    text = " ".join(token.text.split())
    text = text if len(text) <= 30 else text[:27] + "..."
    return text if token.quote is not Quote.NONE else f'"{text}"'


def _in_template(token: Token) -> bool:
    """Whether a token can be part of a name with templates."""
    return token.kind is Kind.WORD or (token.kind is Kind.SIGN and token.text in "${}.")
