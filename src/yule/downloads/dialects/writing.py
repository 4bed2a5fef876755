"""Writes a parsed statement of GoogleSQL as DuckDB's SQL. What has no writer here is refused."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial

from sqlglot import exp

from yule.downloads.dialects.casts import TARGETS, can_cast, moment_literal, say_literal, write_cast, write_text
from yule.downloads.dialects.functions import FUNCTIONS, say_digits, say_refused
from yule.downloads.dialects.parsing import Fault, find_start
from yule.downloads.dialects.pieces import (
    NOTHING,
    Call,
    Piece,
    fail,
    join_kinds,
    quote,
    require_finite,
    text_literal,
)
from yule.downloads.dialects.scalars import write_division
from yule.downloads.dialects.times import write_extract

_COMPARISONS: Mapping[type[exp.Expr], str] = {
    exp.EQ: "=",
    exp.NEQ: "<>",
    exp.LT: "<",
    exp.LTE: "<=",
    exp.GT: ">",
    exp.GTE: ">=",
    exp.NullSafeEQ: "IS NOT DISTINCT FROM",
    exp.NullSafeNEQ: "IS DISTINCT FROM",
}
_ARITHMETIC: Mapping[type[exp.Expr], str] = {exp.Add: "+", exp.Sub: "-", exp.Mul: "*"}
_PSEUDO_COLUMNS = ("_TABLE_SUFFIX", "_PARTITIONTIME", "_PARTITIONDATE", "_FILE_NAME", "_CHANGE_TYPE")


class Writer:
    """Writes one statement, and notes what it cannot write.

    Attributes
    ----------
    faults
        What cannot be translated.
    tables
        Names of the tables that are read, as written, in the order of the text, each once.
    """

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self.tables: list[str] = []
        self._ctes: list[str] = []
        self._aliases: dict[str, exp.Expr] = {}
        self._rows: set[str] = set()
        self._n_unnamed = 0
        self._writers: dict[type[exp.Expr], Callable[..., Piece]] = {
            **dict.fromkeys(_COMPARISONS, self._comparison),
            **dict.fromkeys(_ARITHMETIC, self._arithmetic),
            exp.And: partial(self._logical, "AND"),
            exp.Or: partial(self._logical, "OR"),
            exp.Not: self._not,
            exp.Neg: self._negative,
            exp.Div: self._division,
            exp.DPipe: self._join_texts,
            exp.Between: self._between,
            exp.In: self._in,
            exp.Is: self._is,
            exp.Like: self._like,
            exp.Exists: self._exists,
            exp.Case: self._case,
            exp.If: self._if,
            exp.Cast: self._cast,
            exp.TryCast: self._cast,
            exp.Extract: self._extract,
            exp.Anonymous: self._function,
            exp.Window: self._window,
            exp.Array: self._array,
            exp.Bracket: self._element,
            exp.Paren: self._paren,
            exp.Subquery: self._subquery,
            exp.Column: self._column,
            exp.Identifier: lambda node: Piece(quote(node.name)),
            exp.Literal: self._literal,
            exp.RawString: lambda node: Piece(text_literal(node.name), "STRING", node.name),
            exp.Boolean: lambda node: Piece("TRUE" if node.this else "FALSE", "BOOL"),
            exp.Null: lambda _: Piece("NULL", "NULL"),
            exp.Parameter: self._parameter,
            exp.Order: self._order_of_values,
        }

    def refuse(self, node: exp.Expr, message: str) -> Piece:
        """Note that a part of the statement cannot be translated."""
        self.faults.append(Fault(find_start(node), message))
        return NOTHING

    def write_statement(self, node: exp.Expr) -> str:
        """Write a whole statement."""
        if not isinstance(node, exp.Select | exp.SetOperation | exp.Subquery):
            self.refuse(node, f"{node.key.upper()} is not translated: write one SELECT")
            return ""
        return self._query(node, is_named=True)

    # Queries

    def _query(self, node: exp.Expr, *, is_named: bool) -> str:
        n_ctes, rows, aliases = len(self._ctes), self._rows, self._aliases
        self._aliases = {}
        begin = self._with(node.args.get("with_"))
        if isinstance(node, exp.Select):
            body = self._select(node, is_named=is_named)
        elif isinstance(node, exp.SetOperation):
            body = self._set_operation(node, is_named=is_named)
        elif isinstance(node, exp.Subquery):
            self._only(node, "this", "with_")
            body = f"({self._query(node.this, is_named=is_named)})"
        else:
            body = self.refuse(node, "this is not translated here: write SELECT ...").sql
        del self._ctes[n_ctes:]
        self._rows, self._aliases = rows, aliases
        return begin + body

    def _with(self, node: exp.Expr | None) -> str:
        if node is None:
            return ""
        self._only(node, "expressions")
        ctes = []
        for cte in node.expressions:
            self._only(cte, "this", "alias")
            self._only(cte.args["alias"], "this")
            query = self._query(cte.this, is_named=True)
            self._ctes.append(cte.alias.lower())
            ctes.append(f"{quote(cte.alias)} AS ({query})")
        return f"WITH {', '.join(ctes)} "

    def _set_operation(self, node: exp.SetOperation, *, is_named: bool) -> str:
        self._only(node, "this", "expression", "distinct", "order", "limit", "offset", "with_")
        word = node.key.upper()
        if word != "UNION" and not node.args.get("distinct"):
            self.refuse(node, f"write {word} DISTINCT")
        kind = "" if node.args.get("distinct") else " ALL"
        left = self._query(node.this, is_named=is_named)
        right = self._query(node.expression, is_named=False)
        return f"({left}) {word}{kind} ({right}){self._ending(node, {})}"

    def _select(self, node: exp.Select, *, is_named: bool) -> str:
        self._only(
            node,
            *("expressions", "distinct", "from_", "joins", "where", "group", "having", "qualify", "order", "limit"),
            *("offset", "with_"),
        )
        if not node.expressions:
            self.refuse(node, "there is nothing between SELECT and FROM")
        sources = self._sources(node)
        aliases = {item.alias.lower(): item.this for item in node.expressions if isinstance(item, exp.Alias)}
        items = [self._item(item, node, is_named=is_named) for item in node.expressions]
        self._check_names(node)
        if (distinct := node.args.get("distinct")) is not None:
            self._only(distinct)
        text = f"SELECT {'DISTINCT ' if distinct else ''}{', '.join(items)}{sources}"
        if where := node.args.get("where"):
            text += f" WHERE {self.write(where.this).sql}"
        if group := node.args.get("group"):
            self._only(group, "expressions")
            text += " GROUP BY " + ", ".join(self._group(item, node, aliases) for item in group.expressions)
        with self._naming(aliases):
            if having := node.args.get("having"):
                text += f" HAVING {self.write(having.this).sql}"
            if qualify := node.args.get("qualify"):
                text += f" QUALIFY {self.write(qualify.this).sql}"
        return text + self._ending(node, aliases)

    def _ending(self, node: exp.Expr, aliases: dict[str, exp.Expr]) -> str:
        text = ""
        if order := node.args.get("order"):
            text += " ORDER BY " + ", ".join(self._ordered(item, aliases) for item in order.expressions)
        for key in ("limit", "offset"):
            if (part := node.args.get(key)) is not None:
                self._only(part, "expression")
                if not order:
                    self.refuse(part, f"which rows {key.upper()} takes is not defined: write ORDER BY before it")
                text += f" {key.upper()} {self._plain_number(part.expression)}"
        return text

    def _item(self, item: exp.Expr, select: exp.Select, *, is_named: bool) -> str:
        if isinstance(item, exp.Alias):
            return f"{self.write(item.this).sql} AS {quote(item.alias)}"
        star = item.this if isinstance(item, exp.Column) else item
        if isinstance(star, exp.Star):
            return self._star(item, star, select)
        if isinstance(item, exp.Column):
            return f"{self.write(item).sql} AS {quote(item.name)}"
        if is_named:
            self.refuse(item, "a column that is computed needs a name: write AS name after it")
        return self.write(item).sql

    def _star(self, item: exp.Expr, star: exp.Star, select: exp.Select) -> str:
        self._only(star, "except_", "replace")
        joins = select.args.get("joins") or []
        if any(join.args.get("using") for join in joins):
            self.refuse(star, "the columns of * after USING have another order in other databases: name them")
        text = f"{quote(item.table)}.*" if isinstance(item, exp.Column) else "*"
        if dropped := star.args.get("except_"):
            text += f" EXCLUDE ({', '.join(quote(column.name) for column in dropped)})"
        if replaced := star.args.get("replace"):
            text += f" REPLACE ({', '.join(f'{self.write(one.this).sql} AS {quote(one.alias)}' for one in replaced)})"
        return text

    def _check_names(self, select: exp.Select) -> None:
        seen: set[str] = set()
        for item in select.expressions:
            name = item.alias_or_name.lower() if isinstance(item, exp.Alias | exp.Column) else ""
            if name and name != "*" and name in seen:
                self.refuse(item, f"there are two columns {name}: give one another name with AS")
            seen.add(name)

    def _group(self, item: exp.Expr, select: exp.Select, aliases: dict[str, exp.Expr]) -> str:
        if isinstance(item, exp.Literal) and not item.is_string:
            return self._plain_number(item)
        name = item.name.lower() if isinstance(item, exp.Column) and not item.table else ""
        if name not in aliases:
            return self.write(item).sql
        # BigQuery means the column that SELECT computes, DuckDB would mean one of the table if there is one.
        if any(isinstance(other, exp.Star) or isinstance(other.this, exp.Star) for other in select.expressions):
            return self.write(aliases[name]).sql
        return str(1 + [other.alias_or_name.lower() for other in select.expressions].index(name))

    def _ordered(self, item: exp.Expr, aliases: dict[str, exp.Expr]) -> str:
        self._only(item, "this", "desc", "nulls_first")
        this = item.this
        if isinstance(this, exp.Literal) and not this.is_string:
            text = self._plain_number(this)
        elif isinstance(this, exp.Column) and not this.table and this.name.lower() in aliases:
            text = quote(this.name)
        else:
            with self._naming(aliases):
                text = self.write(this).sql
        # BigQuery's own order: NULL is less than all values.
        nulls = "FIRST" if item.args.get("nulls_first") else "LAST"
        return f"{text} {'DESC' if item.args.get('desc') else 'ASC'} NULLS {nulls}"

    def _order_of_values(self, node: exp.Order) -> Piece:
        return Piece("ORDER BY " + ", ".join(self._ordered(item, {}) for item in node.expressions))

    @contextmanager
    def _naming(self, aliases: dict[str, exp.Expr]) -> Iterator[None]:
        before, self._aliases = self._aliases, aliases
        yield
        self._aliases = before

    # What is read

    def _sources(self, select: exp.Select) -> str:
        from_ = select.args.get("from_")
        if from_ is None:
            return ""
        nodes = [from_.this, *(join.this for join in select.args.get("joins") or [])]
        names = {node.alias_or_name.lower() for node in nodes if isinstance(node, exp.Table | exp.Subquery)}
        self._rows = self._rows | (names - {""})
        return f" FROM {self._source(from_.this)}" + "".join(
            self._join(join) for join in select.args.get("joins") or []
        )

    def _join(self, node: exp.Expr) -> str:
        self._only(node, "this", "kind", "side", "on", "using")
        side, kind = (node.args.get("side") or "").upper(), (node.args.get("kind") or "").upper()
        on, using = node.args.get("on"), node.args.get("using")
        if kind not in ("", "INNER", "OUTER", "CROSS"):
            self.refuse(node, f"{kind} JOIN is not translated: write JOIN ... ON")
        is_unnest = isinstance(node.this, exp.Unnest)
        if is_unnest and (on is not None or using or side in ("RIGHT", "FULL")):
            self.refuse(
                node, "UNNEST is joined without a condition: write CROSS JOIN UNNEST(...) or LEFT JOIN UNNEST(...)"
            )
        source = ("LATERAL " if is_unnest else "") + self._source(node.this)
        if on is not None:
            return f" {side or 'INNER'} JOIN {source} ON {self.write(on).sql}"
        if using:
            return f" {side or 'INNER'} JOIN {source} USING ({', '.join(quote(name.name) for name in using)})"
        if side and is_unnest:
            return f" LEFT JOIN {source} ON TRUE"
        if side or (kind != "CROSS" and not is_unnest):
            self.refuse(node, "this JOIN needs a condition: write ON or USING, or CROSS JOIN")
        return f" CROSS JOIN {source}"

    def _source(self, node: exp.Expr) -> str:
        if isinstance(node, exp.Table):
            return self._table(node)
        if isinstance(node, exp.Unnest):
            return self._unnest(node)
        if isinstance(node, exp.Subquery):
            self._only(node, "this", "alias")
            self._n_unnamed += 1
            if node.args.get("alias"):
                self._only(node.args["alias"], "this")
            return f"({self._query(node.this, is_named=True)}) AS {quote(node.alias or f'unnamed_{self._n_unnamed}')}"
        return self.refuse(node, "this is not translated in FROM: write a table, (SELECT ...) or UNNEST(...)").sql

    def _table(self, node: exp.Table) -> str:
        self._only(node, "this", "db", "catalog", "alias")
        if node.args.get("alias"):
            self._only(node.args["alias"], "this")
        parts = [part.name for part in node.parts]
        name, alias = ".".join(parts), quote(node.alias or parts[-1])
        if not isinstance(node.this, exp.Identifier):
            self.refuse(node, "table functions are not translated: write the name of a table")
        elif name.lower() in self._ctes:
            return f"{quote(name)} AS {alias}"
        elif "*" in name or "INFORMATION_SCHEMA" in name.upper():
            self.refuse(node, "tables with * and INFORMATION_SCHEMA are not translated: name each table")
        elif len(parts) > 1 and parts[0].lower() in self._rows:
            self.refuse(node, f"an array is read with UNNEST: write UNNEST({name})")
        if name not in self.tables:
            self.tables.append(name)
        return f"{'.'.join(quote(part) for part in parts)} AS {alias}"

    def _unnest(self, node: exp.Unnest) -> str:
        self._only(node, "expressions", "alias", "offset")
        array = self.write(node.expressions[0]).sql
        columns = node.args["alias"].args.get("columns") if node.args.get("alias") else None
        offset = node.args.get("offset")
        self._n_unnamed += 1
        if not columns:
            return self.refuse(node, "the elements of an array need a name: write UNNEST(array) AS name").sql
        select = f"unnest({array}) AS {quote(columns[0].name)}"
        if isinstance(offset, exp.Identifier):
            select += f", unnest(range(len({array}))) AS {quote(offset.name)}"
        return f"(SELECT {select}) AS {quote(f'element_{self._n_unnamed}')}"

    # Expressions

    def write(self, node: exp.Expr) -> Piece:
        """Write an expression."""
        writer = self._writers.get(type(node))
        if writer is not None:
            return writer(node)
        if isinstance(node, exp.CurrentDate | exp.CurrentDatetime | exp.CurrentTimestamp | exp.CurrentTime):
            return self.refuse(node, say_refused(node.sql_name()))
        if isinstance(node, exp.Interval):
            return self.refuse(node, "INTERVAL stands in functions only: write TIMESTAMP_SUB(time, INTERVAL 7 DAY)")
        return self.refuse(node, f"{node.key.upper()} is not translated")

    def _only(self, node: exp.Expr, *allowed: str) -> None:
        """Refuse whatever else a part of the statement says."""
        for key, value in node.args.items():
            if key in allowed or value is None or value is False or value == []:
                continue
            place = value[0] if isinstance(value, list) else value
            word = key.strip("_").replace("_", " ").upper()
            self.refuse(
                place if isinstance(place, exp.Expr) else node, f"{word} of {node.key.upper()} is not translated"
            )

    def _logical(self, word: str, node: exp.Expr) -> Piece:
        self._only(node, "this", "expression")
        operands: list[exp.Expr] = []
        left: exp.Expr = node
        while type(left) is type(node):
            operands.append(left.args["expression"])
            left = left.this
        operands.append(left)
        return Piece("(" + f" {word} ".join(self.write(one).sql for one in reversed(operands)) + ")", "BOOL")

    def _not(self, node: exp.Not) -> Piece:
        return Piece(f"(NOT {self.write(node.this).sql})", "BOOL")

    def _negative(self, node: exp.Neg) -> Piece:
        piece = self.write(node.this)
        return Piece(f"(-{piece.sql})", piece.kind)

    def _comparison(self, node: exp.Expr) -> Piece:
        self._only(node, "this", "expression")
        left, right = self._compared(node.this, node.args["expression"])
        return Piece(f"({left.sql} {_COMPARISONS[type(node)]} {right.sql})", "BOOL")

    def _compared(self, *nodes: exp.Expr) -> list[Piece]:
        """Write what is compared. A text that is compared with a time is one."""
        pieces = [self.write(node) for node in nodes]
        kinds = {piece.kind for piece in pieces} & {"DATE", "DATETIME", "TIMESTAMP"}
        if len(kinds) != 1:
            return pieces
        kind = kinds.pop()
        for i, piece in enumerate(pieces):
            if piece.text is not None:
                literal = moment_literal(piece.text, kind)
                pieces[i] = Piece(literal, kind) if literal else self.refuse(nodes[i], say_literal(piece.text, kind))
        return pieces

    def _arithmetic(self, node: exp.Expr) -> Piece:
        piece = self._chain(node)
        if piece.kind == "INT64" or node.find(exp.Mul) is None:
            return piece
        return Piece(require_finite(piece.sql, "*"), piece.kind)

    def _chain(self, node: exp.Expr) -> Piece:
        """Write a chain of + - *, whose range is checked once, at its end."""
        if isinstance(node, exp.Paren):
            return self._chain(node.this)
        if type(node) not in _ARITHMETIC:
            return self.write(node)
        self._only(node, "this", "expression")
        left, right = self._chain(node.this), self._chain(node.args["expression"])
        for side, piece in ((node.this, left), (node.args["expression"], right)):
            if piece.kind not in ("INT64", "FLOAT64", "NULL", "unknown"):
                advice = "write DATE_ADD, DATE_SUB, DATE_DIFF or TIMESTAMP_DIFF"
                return self.refuse(side, f"arithmetic with a {piece.kind} is not translated: {advice}")
        # The sign makes DuckDB refuse dates: a difference of dates is an INTERVAL in BigQuery, and a number in DuckDB.
        sign = "+" if left.kind == "unknown" and isinstance(node, exp.Sub | exp.Add) else ""
        sql = f"({sign}{left.sql} {_ARITHMETIC[type(node)]} {right.sql})"
        return Piece(sql, "FLOAT64" if "FLOAT64" in (left.kind, right.kind) else join_kinds([left, right]))

    def _division(self, node: exp.Div) -> Piece:
        self._only(node, "this", "expression", "typed", "safe")
        divisor = node.expression
        is_constant = isinstance(divisor, exp.Literal) and not divisor.is_string and float(divisor.name) >= 1
        sql = write_division(self.write(node.this).sql, self.write(divisor).sql, is_checked=not is_constant)
        return Piece(sql, "FLOAT64")

    def _join_texts(self, node: exp.DPipe) -> Piece:
        self._only(node, "this", "expression", "safe")
        nodes, pieces = (node.this, node.expression), (self.write(node.this), self.write(node.expression))
        for one, piece in zip(nodes, pieces, strict=True):
            if not can_cast(piece.kind, "STRING"):
                return self.refuse(one, f"|| of a {piece.kind} is not translated")
        return Piece(f"({write_text(pieces[0])} || {write_text(pieces[1])})", "STRING")

    def _between(self, node: exp.Between) -> Piece:
        self._only(node, "this", "low", "high")
        this, low, high = self._compared(node.this, node.args["low"], node.args["high"])
        return Piece(f"({this.sql} BETWEEN {low.sql} AND {high.sql})", "BOOL")

    def _in(self, node: exp.In) -> Piece:
        self._only(node, "this", "expressions", "query", "unnest")
        if (unnest := node.args.get("unnest")) is not None:
            self._only(unnest, "expressions")
            array = self.write(unnest.expressions[0]).sql
            return Piece(f"({self.write(node.this).sql} IN (SELECT unnest({array})))", "BOOL")
        if (query := node.args.get("query")) is not None:
            text = self._query(self._inner(query), is_named=False)
            return Piece(f"({self.write(node.this).sql} IN ({text}))", "BOOL")
        this, *others = self._compared(node.this, *node.expressions)
        return Piece(f"({this.sql} IN ({', '.join(other.sql for other in others)}))", "BOOL")

    def _is(self, node: exp.Is) -> Piece:
        self._only(node, "this", "expression")
        if not isinstance(node.expression, exp.Null | exp.Boolean):
            return self.refuse(node, "IS stands before NULL, TRUE and FALSE")
        return Piece(f"({self.write(node.this).sql} IS {self.write(node.expression).sql})", "BOOL")

    def _like(self, node: exp.Like) -> Piece:
        self._only(node, "this", "expression", "negate")
        word = "NOT LIKE" if node.args.get("negate") else "LIKE"
        return Piece(f"({self.write(node.this).sql} {word} {self.write(node.expression).sql} ESCAPE '\\')", "BOOL")

    def _exists(self, node: exp.Exists) -> Piece:
        return Piece(f"EXISTS ({self._query(self._inner(node.this), is_named=False)})", "BOOL")

    def _inner(self, node: exp.Expr) -> exp.Expr:
        if not isinstance(node, exp.Subquery):
            return node
        self._only(node, "this")
        return self._inner(node.this)

    def _case(self, node: exp.Case) -> Piece:
        self._only(node, "this", "ifs", "default")
        subject = node.args.get("this")
        text, results = "CASE" + (f" {self.write(subject).sql}" if subject is not None else ""), []
        for branch in node.args["ifs"]:
            results.append(self.write(branch.args["true"]))
            text += f" WHEN {self.write(branch.this).sql} THEN {results[-1].sql}"
        if (default := node.args.get("default")) is not None:
            results.append(self.write(default))
            text += f" ELSE {results[-1].sql}"
        return Piece(f"{text} END", join_kinds(results))

    def _if(self, node: exp.If) -> Piece:
        if node.args.get("false") is None:
            return self.refuse(node, "IF takes three arguments: write IF(condition, value, other)")
        condition, true, false = (self.write(node.args[key]) for key in ("this", "true", "false"))
        return Piece(f"CASE WHEN {condition.sql} THEN {true.sql} ELSE {false.sql} END", join_kinds([true, false]))

    def _cast(self, node: exp.Cast) -> Piece:
        self._only(node, "this", "to", "safe")
        kind, piece = TARGETS.get(node.to.this), self.write(node.this)
        if kind is None or node.to.expressions:
            return self.refuse(node, f"the type {node.to.sql('bigquery')} is not translated: of types only {_KINDS}")
        if not can_cast(piece.kind, kind):
            advice = ": write FORMAT_TIMESTAMP or FORMAT_DATETIME" if kind == "STRING" else ""
            return self.refuse(node, f"a cast from {piece.kind} to {kind} is not translated{advice}")
        is_safe = isinstance(node, exp.TryCast)
        if piece.text is not None and kind in ("DATE", "DATETIME", "TIMESTAMP") and not is_safe:
            literal = moment_literal(piece.text, kind)
            return Piece(literal, kind) if literal else self.refuse(node, say_literal(piece.text, kind))
        return Piece(write_cast(piece, kind, is_safe=is_safe), kind)

    def _extract(self, node: exp.Extract) -> Piece:
        return write_extract(self._call("EXTRACT", node, (), "", is_ordered=False), node)

    def _array(self, node: exp.Array) -> Piece:
        self._only(node, "expressions", "value_constructor", "struct_name_inheritance")
        pieces = [self.write(item) for item in node.expressions]
        return Piece(f"[{', '.join(piece.sql for piece in pieces)}]", "ARRAY")

    def _element(self, node: exp.Bracket) -> Piece:
        self._only(node, "this", "expressions", "offset", "safe")
        array, index = self.write(node.this).sql, self.write(node.expressions[0])
        if len(node.expressions) != 1 or index.kind == "STRING":
            return self.refuse(node, "of arrays one element is taken by its number: write array[OFFSET(0)]")
        first = node.args.get("offset") or 0
        last = f"len({array})" if first else f"len({array}) - 1"
        element = f"{array}[{index.sql}{'' if first else ' + 1'}]"
        outside = "NULL" if node.args.get("safe") else fail("the array has no element of this number")
        return Piece(f"CASE WHEN {index.sql} < {first} OR {index.sql} > {last} THEN {outside} ELSE {element} END")

    def _paren(self, node: exp.Paren) -> Piece:
        return self.write(node.this)

    def _subquery(self, node: exp.Subquery) -> Piece:
        self._only(node, "this")
        return Piece(f"({self._query(node.this, is_named=False)})")

    def _column(self, node: exp.Column) -> Piece:
        parts = [part.name for part in node.parts]
        name = parts[0].lower()
        if parts[-1].upper() in _PSEUDO_COLUMNS:
            return self.refuse(node, f"{parts[-1]} is BigQuery's own: write a condition on a column of the table")
        if isinstance(node.this, exp.Star):
            return self.refuse(node, "* is not translated here: name the columns")
        if len(parts) == 1 and name in self._aliases:
            meant = self._aliases[name]
            with self._naming({}):
                return self.write(meant)
        if len(parts) == 1 and name in self._rows:
            return self.refuse(node, f"{parts[0]} is a whole row or a column: write {parts[0]}.column")
        return Piece(".".join(quote(part) for part in parts))

    def _literal(self, node: exp.Literal) -> Piece:
        if node.is_string:
            return Piece(text_literal(node.name), "STRING", node.name)
        if node.name.isdigit():
            return Piece(f"CAST({node.name} AS BIGINT)", "INT64")
        # With an exponent DuckDB reads a DOUBLE, without one a DECIMAL.
        return Piece(node.name if "e" in node.name.lower() else f"{node.name}e0", "FLOAT64")

    def _plain_number(self, node: exp.Expr) -> str:
        """Write a number that stands for a place or an amount, not for a value."""
        if isinstance(node, exp.Literal) and not node.is_string and node.name.isdigit():
            return str(node.name)
        if isinstance(node, exp.Parameter):
            return self.write(node).sql
        return self.refuse(node, "here stands a whole number or a parameter").sql

    def _parameter(self, node: exp.Parameter) -> Piece:
        if not isinstance(node.this, exp.Var | exp.Identifier):
            return self.refuse(node, "variables of the system are not translated")
        return Piece(f"${node.name}")

    # Calls

    def _function(self, node: exp.Anonymous) -> Piece:
        return self._write_call(node, "", is_ordered=False)

    def _window(self, node: exp.Window) -> Piece:
        self._only(node, "this", "partition_by", "order", "spec", "over")
        if not isinstance(node.this, exp.Anonymous):
            return self.refuse(node, f"{node.this.key.upper()} is not translated with OVER")
        parts = []
        if partition := node.args.get("partition_by"):
            parts.append("PARTITION BY " + ", ".join(self.write(item).sql for item in partition))
        order = node.args.get("order")
        if order is not None:
            parts.append(self._order_of_values(order).sql)
        if spec := node.args.get("spec"):
            if order is None:
                self.refuse(spec, "the rows of this window are not defined: write ORDER BY in it")
            parts.append(self._frame(spec))
        return self._write_call(node.this, f" OVER ({' '.join(parts)})", is_ordered=order is not None)

    def _frame(self, node: exp.WindowSpec) -> str:
        self._only(node, "kind", "start", "start_side", "end", "end_side")
        kind = str(node.args.get("kind")).upper()
        if kind not in ("ROWS", "RANGE"):
            self.refuse(node, f"{kind} is not translated: write ROWS or RANGE")
        start = self._bound(node.args.get("start"), node.args.get("start_side"))
        end = self._bound(node.args.get("end") or "CURRENT ROW", node.args.get("end_side"))
        return f"{kind} BETWEEN {start} AND {end}"

    def _bound(self, value: exp.Expr | str | None, side: str | None) -> str:
        text = self._plain_number(value) if isinstance(value, exp.Expr) else str(value)
        return f"{text} {side}" if side else text

    def _write_call(self, node: exp.Anonymous, over: str, *, is_ordered: bool) -> Piece:
        name, args = node.name.upper(), tuple(node.expressions)
        function = FUNCTIONS.get(name)
        if function is None:
            return self.refuse(node, say_refused(name))
        least, most = function.n_args
        if name in ("ROUND", "TRUNC") and len(args) > 1:
            return self.refuse(node, say_digits(name))
        if not least <= len(args) <= most:
            return self.refuse(node, f"{name} has {len(args)} arguments here: write {function.usage}")
        if over and function.role == "scalar":
            return self.refuse(node, f"{name} cannot have OVER")
        if not over and function.role == "window":
            return self.refuse(node, f"{name} needs OVER (... ORDER BY ...)")
        return function.write(self._call(name, node, args, over, is_ordered=is_ordered))

    def _call(self, name: str, node: exp.Expr, args: tuple[exp.Expr, ...], over: str, *, is_ordered: bool) -> Call:
        return Call(
            name=name, node=node, args=args, over=over, is_ordered=is_ordered, write=self.write, refuse=self.refuse
        )


_KINDS = ", ".join(sorted(TARGETS.values()))
