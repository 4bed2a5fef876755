"""SELECT and its clauses, WITH, and set operations."""

from sqlglot import exp

from yule.downloads.sources.dialects.pieces import Piece, quote
from yule.downloads.sources.dialects.writing.sources import write_sources
from yule.downloads.sources.dialects.writing.writer import Writer


def write_query(writer: Writer, node: exp.Expr, *, is_named: bool) -> str:
    """Write a SELECT, or several with UNION and its like; what it names is forgotten at its end."""
    n_ctes, rows, aliases, windows = len(writer.ctes), writer.rows, writer.aliases, writer.windows
    is_wildcard = writer.is_wildcard
    writer.aliases = {}
    begin = _with(writer, node.args.get("with_"))
    if isinstance(node, exp.Select):
        body = _select(writer, node, is_named=is_named)
    elif isinstance(node, exp.SetOperation):
        body = _set_operation(writer, node, is_named=is_named)
    elif isinstance(node, exp.Subquery):
        writer.only(node, "this", "with_")
        body = f"({writer.write_query(node.this, is_named=is_named)})"
    else:
        body = writer.refuse(node, "this is not translated here: write SELECT ...").sql
    del writer.ctes[n_ctes:]
    writer.rows, writer.aliases, writer.windows = rows, aliases, windows
    writer.is_wildcard = is_wildcard
    return begin + body


def _with(writer: Writer, node: exp.Expr | None) -> str:
    if node is None:
        return ""
    writer.only(node, "expressions")
    ctes = []
    for cte in node.expressions:
        writer.only(cte, "this", "alias")
        writer.only(cte.args["alias"], "this")
        query = writer.write_query(cte.this, is_named=True)
        writer.ctes.append(cte.alias.lower())
        ctes.append(f"{quote(cte.alias)} AS ({query})")
    return f"WITH {', '.join(ctes)} "


def _set_operation(writer: Writer, node: exp.SetOperation, *, is_named: bool) -> str:
    writer.only(node, "this", "expression", "distinct", "order", "limit", "offset", "with_")
    word = node.key.upper()
    if word != "UNION" and not node.args.get("distinct"):
        writer.refuse(node, f"write {word} DISTINCT")
    kind = "" if node.args.get("distinct") else " ALL"
    for select in (node.this, node.expression):
        structs = [item for item in select.args.get("expressions") or [] if _is_struct(item)]
        for item in structs:
            writer.refuse(item, f"{word} matches fields of STRUCT by name in other databases: select the fields")
    left = writer.write_query(node.this, is_named=is_named)
    right = writer.write_query(node.expression, is_named=False)
    return f"({left}) {word}{kind} ({right}){_ending(writer, node, {})}"


def _is_struct(item: exp.Expr) -> bool:
    value = item.this if isinstance(item, exp.Alias) else item
    return isinstance(value, exp.Anonymous) and value.name.upper() == "STRUCT"


def _select(writer: Writer, node: exp.Select, *, is_named: bool) -> str:
    writer.only(
        node,
        *("expressions", "distinct", "from_", "joins", "where", "group", "having", "qualify", "order", "limit"),
        *("offset", "with_", "windows", "kind"),
    )
    if node.args.get("kind"):
        return _select_struct(writer, node)
    writer.is_wildcard = False
    writer.windows = {window.name.lower(): window for window in node.args.get("windows") or []}
    if not node.expressions:
        writer.refuse(node, "there is nothing between SELECT and FROM")
    sources = write_sources(writer, node)
    aliases = {item.alias.lower(): item.this for item in node.expressions if isinstance(item, exp.Alias)}
    items = [_item(writer, item, node, is_named=is_named) for item in node.expressions]
    _check_names(writer, node)
    if (distinct := node.args.get("distinct")) is not None:
        writer.only(distinct)
    text = f"SELECT {'DISTINCT ' if distinct else ''}{', '.join(items)}{sources}"
    if where := node.args.get("where"):
        text += f" WHERE {writer.write(where.this).sql}"
    if group := node.args.get("group"):
        writer.only(group, "expressions")
        text += " GROUP BY " + ", ".join(_group(writer, item, node, aliases) for item in group.expressions)
    with writer.naming(aliases):
        if having := node.args.get("having"):
            text += f" HAVING {writer.write(having.this).sql}"
        if qualify := node.args.get("qualify"):
            text += f" QUALIFY {writer.write(qualify.this).sql}"
    return text + _ending(writer, node, aliases)


def _select_struct(writer: Writer, node: exp.Select) -> str:
    """Write ``SELECT AS STRUCT``, whose columns are the fields of one value."""
    if str(node.args["kind"]).upper() != "STRUCT" or node.args.get("order") or node.args.get("distinct"):
        writer.refuse(
            node, "SELECT AS STRUCT is translated without ORDER BY: write ARRAY_AGG(STRUCT(...) ORDER BY ...)"
        )
    outer = node.parent.parent if isinstance(node.parent, exp.Subquery) else None
    if not isinstance(node.parent, exp.Subquery | exp.Anonymous) or isinstance(outer, exp.From | exp.Join):
        writer.refuse(node, "SELECT AS STRUCT is one value: write (SELECT AS STRUCT ...) among the columns")
    names = [item.alias_or_name for item in node.expressions]
    if "*" in names:
        writer.refuse(node, "SELECT AS STRUCT * is not translated: name the columns")
    inner = node.copy()
    inner.set("kind", None)
    fields = ", ".join(f"{quote(name)} := {quote(name)}" for name in names)
    return f'SELECT struct_pack({fields}) FROM ({writer.write_query(inner, is_named=True)}) AS "fields"'


def _ending(writer: Writer, node: exp.Expr, aliases: dict[str, exp.Expr]) -> str:
    text = ""
    if order := node.args.get("order"):
        text += " ORDER BY " + ", ".join(_ordered(writer, item, aliases) for item in order.expressions)
    for key in ("limit", "offset"):
        if (part := node.args.get(key)) is not None:
            writer.only(part, "expression")
            if not order:
                writer.refuse(part, f"which rows {key.upper()} takes is not defined: write ORDER BY before it")
            text += f" {key.upper()} {writer.plain_number(part.expression)}"
    return text


def _item(writer: Writer, item: exp.Expr, select: exp.Select, *, is_named: bool) -> str:
    if isinstance(item, exp.Alias):
        return f"{writer.write(item.this).sql} AS {quote(item.alias)}"
    star = item.this if isinstance(item, exp.Column) else item
    if isinstance(star, exp.Star):
        return _star(writer, item, star, select)
    if isinstance(item, exp.Column):
        return f"{writer.write(item).sql} AS {quote(item.name)}"
    if is_named:
        writer.refuse(item, "a column that is computed needs a name: write AS name after it")
    return writer.write(item).sql


def _star(writer: Writer, item: exp.Expr, star: exp.Star, select: exp.Select) -> str:
    writer.only(star, "except_", "replace")
    joins = select.args.get("joins") or []
    if any(join.args.get("using") for join in joins):
        writer.refuse(star, "the columns of * after USING have another order in other databases: name them")
    if writer.is_wildcard:
        writer.refuse(star, "* of tables with * is not translated: name the columns")
    text = f"{quote(item.table)}.*" if isinstance(item, exp.Column) else "*"
    if dropped := star.args.get("except_"):
        text += f" EXCLUDE ({', '.join(quote(column.name) for column in dropped)})"
    if replaced := star.args.get("replace"):
        text += f" REPLACE ({', '.join(f'{writer.write(one.this).sql} AS {quote(one.alias)}' for one in replaced)})"
    return text


def _check_names(writer: Writer, select: exp.Select) -> None:
    seen: set[str] = set()
    for item in select.expressions:
        name = item.alias_or_name.lower() if isinstance(item, exp.Alias | exp.Column) else ""
        if name and name != "*" and name in seen:
            writer.refuse(item, f"there are two columns {name}: give one another name with AS")
        seen.add(name)


def _group(writer: Writer, item: exp.Expr, select: exp.Select, aliases: dict[str, exp.Expr]) -> str:
    if isinstance(item, exp.Literal) and not item.is_string:
        return writer.plain_number(item)
    name = item.name.lower() if isinstance(item, exp.Column) and not item.table else ""
    if name not in aliases:
        return writer.write(item).sql
    # BigQuery means the column that SELECT computes, DuckDB would mean one of the table if there is one.
    if any(isinstance(other, exp.Star) or isinstance(other.this, exp.Star) for other in select.expressions):
        return writer.write(aliases[name]).sql
    return str(1 + [other.alias_or_name.lower() for other in select.expressions].index(name))


def _ordered(writer: Writer, item: exp.Expr, aliases: dict[str, exp.Expr]) -> str:
    writer.only(item, "this", "desc", "nulls_first")
    this = item.this
    if isinstance(this, exp.Literal) and not this.is_string:
        text = writer.plain_number(this)
    elif isinstance(this, exp.Column) and not this.table and this.name.lower() in aliases:
        text = quote(this.name)
    else:
        with writer.naming(aliases):
            text = writer.write(this).sql
    # BigQuery's own order: NULL is less than all values.
    nulls = "FIRST" if item.args.get("nulls_first") else "LAST"
    return f"{text} {'DESC' if item.args.get('desc') else 'ASC'} NULLS {nulls}"


def write_order(writer: Writer, node: exp.Expr) -> Piece:
    """Write the ORDER BY of a window or of the values of an aggregate."""
    return Piece("ORDER BY " + ", ".join(_ordered(writer, item, {}) for item in node.expressions))
