"""Calls of functions, and windows."""

from collections.abc import Callable, Mapping
from typing import Any

from sqlglot import exp

from yule.downloads.sources.dialects.functions import FUNCTIONS, say_refused, write_extract, write_shift
from yule.downloads.sources.dialects.pieces import Call, Piece
from yule.downloads.sources.dialects.writing.queries import write_order
from yule.downloads.sources.dialects.writing.writer import Writer


def _function(writer: Writer, node: exp.Expr) -> Piece:
    return _write_call(writer, node, "", is_ordered=False)


def _window(writer: Writer, node: exp.Expr) -> Piece:
    writer.only(node, "this", "partition_by", "order", "spec", "over", "alias")
    if not isinstance(node.this, exp.Anonymous):
        return writer.refuse(node, f"{node.this.key.upper()} is not translated with OVER")
    meant = _merge_named(writer, node)
    parts, order = [], meant["order"]
    if partition := meant["partition_by"]:
        parts.append("PARTITION BY " + ", ".join(writer.write(item).sql for item in partition))
    if order is not None:
        parts.append(write_order(writer, order).sql)
    if spec := meant["spec"]:
        if order is None:
            writer.refuse(spec, "the rows of this window are not defined: write ORDER BY in it")
        parts.append(_frame(writer, spec))
    return _write_call(writer, node.this, f" OVER ({' '.join(parts)})", is_ordered=order is not None)


def _merge_named(writer: Writer, node: exp.Expr) -> dict[str, Any]:
    """Return the parts of a window, with those of the named windows that it builds on."""
    parts = {key: node.args.get(key) for key in ("partition_by", "order", "spec")}
    alias = node.args.get("alias")
    if alias is None:
        return parts
    named = writer.windows.get(alias.name.lower())
    if named is None:
        writer.refuse(
            alias, f"there is no window {alias.name}: write WINDOW {alias.name} AS (...) at the end of SELECT"
        )
        return parts
    below = _merge_named(writer, named)
    return {key: parts[key] or below[key] for key in parts}


def _frame(writer: Writer, node: exp.Expr) -> str:
    writer.only(node, "kind", "start", "start_side", "end", "end_side")
    kind = str(node.args.get("kind")).upper()
    if kind not in ("ROWS", "RANGE"):
        writer.refuse(node, f"{kind} is not translated: write ROWS or RANGE")
    start = _bound(writer, node.args.get("start"), node.args.get("start_side"))
    end = _bound(writer, node.args.get("end") or "CURRENT ROW", node.args.get("end_side"))
    return f"{kind} BETWEEN {start} AND {end}"


def _bound(writer: Writer, value: exp.Expr | str | None, side: str | None) -> str:
    text = writer.plain_number(value) if isinstance(value, exp.Expr) else str(value)
    return f"{text} {side}" if side else text


def _write_call(writer: Writer, node: exp.Expr, over: str, *, is_ordered: bool) -> Piece:
    name, args = node.name.upper(), tuple(node.expressions)
    function = FUNCTIONS.get(name)
    if function is None:
        return writer.refuse(node, say_refused(name))
    least, most = function.n_args
    if not least <= len(args) <= most:
        return writer.refuse(node, f"{name} has {len(args)} arguments here: write {function.usage}")
    if over and function.role == "scalar":
        return writer.refuse(node, f"{name} cannot have OVER")
    if not over and function.role == "window":
        return writer.refuse(node, f"{name} needs OVER (... ORDER BY ...)")
    return function.write(_call(writer, node, name=name, over=over, is_ordered=is_ordered))


def _call(writer: Writer, node: exp.Expr, *, name: str, over: str = "", is_ordered: bool = False) -> Call:
    args = tuple(node.expressions) if isinstance(node, exp.Anonymous) else ()
    return Call(
        name=name, node=node, args=args, over=over, is_ordered=is_ordered, write=writer.write, refuse=writer.refuse
    )


def _extract(writer: Writer, node: exp.Expr) -> Piece:
    assert isinstance(node, exp.Extract)
    return write_extract(_call(writer, node, name="EXTRACT"), node)


def shift_by(writer: Writer, value: exp.Expr, interval: exp.Expr, *, sign: str) -> Piece:
    """Write ``value + INTERVAL n PART``."""
    return write_shift(_call(writer, interval, name=sign), value, interval)


CALLS: Mapping[type[exp.Expr], Callable[[Writer, exp.Expr], Piece]] = {
    exp.Anonymous: _function,
    exp.Window: _window,
    exp.Extract: _extract,
}
