"""FROM: tables, subqueries, arrays, and how they are joined."""

from sqlglot import exp

from yule.downloads.dialects.pieces import quote
from yule.downloads.dialects.writing.writer import Writer


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
    if is_unnest and (on is not None or using or side in ("RIGHT", "FULL")):
        writer.refuse(
            node, "UNNEST is joined without a condition: write CROSS JOIN UNNEST(...) or LEFT JOIN UNNEST(...)"
        )
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
        return _unnest(writer, node)
    if isinstance(node, exp.Subquery):
        writer.only(node, "this", "alias")
        writer.n_unnamed += 1
        if node.args.get("alias"):
            writer.only(node.args["alias"], "this")
        return (
            f"({writer.write_query(node.this, is_named=True)}) AS {quote(node.alias or f'unnamed_{writer.n_unnamed}')}"
        )
    return writer.refuse(node, "this is not translated in FROM: write a table, (SELECT ...) or UNNEST(...)").sql


def _table(writer: Writer, node: exp.Table) -> str:
    writer.only(node, "this", "db", "catalog", "alias")
    if node.args.get("alias"):
        writer.only(node.args["alias"], "this")
    parts = [part.name for part in node.parts]
    name, alias = ".".join(parts), quote(node.alias or parts[-1])
    if not isinstance(node.this, exp.Identifier):
        writer.refuse(node, "table functions are not translated: write the name of a table")
    elif name.lower() in writer.ctes:
        return f"{quote(name)} AS {alias}"
    elif "*" in name or "INFORMATION_SCHEMA" in name.upper():
        writer.refuse(node, "tables with * and INFORMATION_SCHEMA are not translated: name each table")
    elif len(parts) > 1 and parts[0].lower() in writer.rows:
        writer.refuse(node, f"an array is read with UNNEST: write UNNEST({name})")
    if name not in writer.tables:
        writer.tables.append(name)
    return f"{'.'.join(quote(part) for part in parts)} AS {alias}"


def _unnest(writer: Writer, node: exp.Unnest) -> str:
    writer.only(node, "expressions", "alias", "offset")
    array = writer.write(node.expressions[0]).sql
    columns = node.args["alias"].args.get("columns") if node.args.get("alias") else None
    offset = node.args.get("offset")
    writer.n_unnamed += 1
    if not columns:
        return writer.refuse(node, "the elements of an array need a name: write UNNEST(array) AS name").sql
    select = f"unnest({array}) AS {quote(columns[0].name)}"
    if isinstance(offset, exp.Identifier):
        select += f", unnest(range(len({array}))) AS {quote(offset.name)}"
    return f"(SELECT {select}) AS {quote(f'element_{writer.n_unnamed}')}"
