"""FROM: tables, subqueries, arrays, and how they are joined."""

from sqlglot import exp

from yule.downloads.sources.dialects.pieces import quote
from yule.downloads.sources.dialects.writing.nested import unnest
from yule.downloads.sources.dialects.writing.pivots import write_pivot
from yule.downloads.sources.dialects.writing.writer import Writer


def write_sources(writer: Writer, select: exp.Select) -> str:
    """Write FROM and all that is joined."""
    from_ = select.args.get("from_")
    if from_ is None:
        return ""
    nodes = [from_.this, *(join.this for join in select.args.get("joins") or [])]
    names = {node.alias_or_name.lower() for node in nodes if isinstance(node, exp.Table | exp.Subquery)}
    writer.rows = writer.rows | (names - {""})
    return f" FROM {_source(writer, from_.this)}" + "".join(
        _join(writer, join) for join in select.args.get("joins") or []
    )


def _join(writer: Writer, node: exp.Expr) -> str:
    writer.only(node, "this", "kind", "side", "on", "using")
    side, kind = (node.args.get("side") or "").upper(), (node.args.get("kind") or "").upper()
    on, using = node.args.get("on"), node.args.get("using")
    if kind not in ("", "INNER", "OUTER", "CROSS"):
        writer.refuse(node, f"{kind} JOIN is not translated: write JOIN ... ON")
    is_unnest = isinstance(node.this, exp.Unnest)
    if is_unnest and (using or side in ("RIGHT", "FULL")):
        writer.refuse(node, "UNNEST is joined by CROSS JOIN UNNEST(...), JOIN UNNEST(...) ON or LEFT JOIN UNNEST(...)")
    source = ("LATERAL " if is_unnest else "") + _source(writer, node.this)
    if on is not None:
        return f" {side or 'INNER'} JOIN {source} ON {writer.write(on).sql}"
    if using:
        return f" {side or 'INNER'} JOIN {source} USING ({', '.join(quote(name.name) for name in using)})"
    if side and is_unnest:
        return f" LEFT JOIN {source} ON TRUE"
    if side or (kind != "CROSS" and not is_unnest):
        writer.refuse(node, "this JOIN needs a condition: write ON or USING, or CROSS JOIN")
    return f" CROSS JOIN {source}"


def _source(writer: Writer, node: exp.Expr) -> str:
    if isinstance(node, exp.Table):
        return _table(writer, node)
    if isinstance(node, exp.Unnest):
        return unnest(writer, node)
    if isinstance(node, exp.Subquery):
        writer.only(node, "this", "alias", "pivots")
        writer.n_unnamed += 1
        if node.args.get("alias"):
            writer.only(node.args["alias"], "this")
        alias = quote(node.alias or f"unnamed_{writer.n_unnamed}")
        return _pivoted(writer, node, f"({writer.write_query(node.this, is_named=True)})", alias)
    return writer.refuse(node, "this is not translated in FROM: write a table, (SELECT ...) or UNNEST(...)").sql


def _table(writer: Writer, node: exp.Table) -> str:
    writer.only(node, "this", "db", "catalog", "alias", "pivots")
    if node.args.get("alias"):
        writer.only(node.args["alias"], "this")
    parts = [part.name for part in node.parts]
    name, alias = ".".join(parts), quote(node.alias or parts[-1])
    if not isinstance(node.this, exp.Identifier):
        writer.refuse(node, "table functions are not translated: write the name of a table")
    elif name.lower() in writer.ctes:
        return _pivoted(writer, node, quote(name), alias)
    elif "*" in name[:-1] or "INFORMATION_SCHEMA" in name.upper():
        writer.refuse(node, "INFORMATION_SCHEMA, and * that is not at the end, are not translated: name each table")
    elif len(parts) > 1 and parts[0].lower() in writer.rows:
        writer.refuse(node, f"an array is read with UNNEST: write UNNEST({name})")
    if name not in writer.tables:
        writer.tables.append(name)
    writer.is_wildcard |= name.endswith("*")
    return _pivoted(writer, node, ".".join(quote(part) for part in parts), alias)


def _pivoted(writer: Writer, node: exp.Expr, source: str, alias: str) -> str:
    """Write a table or subquery with its name, and with its PIVOT if it has one."""
    pivots = node.args.get("pivots") or []
    if len(pivots) > 1:
        writer.refuse(pivots[1], "one PIVOT follows a table")
    for pivot in pivots[:1]:
        named = pivot.args.get("alias")
        if writer.is_wildcard:
            writer.refuse(pivot, "PIVOT of tables with * is not translated: write (SELECT ... FROM ...) PIVOT")
        return f"{write_pivot(writer, source, pivot)} AS {quote(named.name) if named else alias}"
    return f"{source} AS {alias}"
