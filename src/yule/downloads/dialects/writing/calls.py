"""Calls of functions, and windows."""

from collections.abc import Callable, Mapping

from sqlglot import exp

from yule.downloads.dialects.functions import FUNCTIONS, say_digits, say_refused, write_extract
from yule.downloads.dialects.pieces import Call, Piece
from yule.downloads.dialects.writing.queries import write_order
from yule.downloads.dialects.writing.writer import Writer


def _function(writer: Writer, node: exp.Expr) -> Piece:
    return _write_call(writer, node, "", is_ordered=False)


def _window(writer: Writer, node: exp.Expr) -> Piece:
    writer.only(node, "this", "partition_by", "order", "spec", "over")
    if not isinstance(node.this, exp.Anonymous):
        return writer.refuse(node, f"{node.this.key.upper()} is not translated with OVER")
    parts = []
    if partition := node.args.get("partition_by"):
        parts.append("PARTITION BY " + ", ".join(writer.write(item).sql for item in partition))
    order = node.args.get("order")
    if order is not None:
        parts.append(write_order(writer, order).sql)
    if spec := node.args.get("spec"):
        if order is None:
            writer.refuse(spec, "the rows of this window are not defined: write ORDER BY in it")
        parts.append(_frame(writer, spec))
    return _write_call(writer, node.this, f" OVER ({' '.join(parts)})", is_ordered=order is not None)


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


def _write_call(writer: Writer, node: exp.Anonymous, over: str, *, is_ordered: bool) -> Piece:
    name, args = node.name.upper(), tuple(node.expressions)
    function = FUNCTIONS.get(name)
    if function is None:
        return writer.refuse(node, say_refused(name))
    least, most = function.n_args
    if name in ("ROUND", "TRUNC") and len(args) > 1:
        return writer.refuse(node, say_digits(name))
    if not least <= len(args) <= most:
        return writer.refuse(node, f"{name} has {len(args)} arguments here: write {function.usage}")
    if over and function.role == "scalar":
        return writer.refuse(node, f"{name} cannot have OVER")
    if not over and function.role == "window":
        return writer.refuse(node, f"{name} needs OVER (... ORDER BY ...)")
    return function.write(_call(writer, name, node, args, over, is_ordered=is_ordered))


def _call(
    writer: Writer, name: str, node: exp.Expr, args: tuple[exp.Expr, ...], over: str, *, is_ordered: bool
) -> Call:
    return Call(
        name=name, node=node, args=args, over=over, is_ordered=is_ordered, write=writer.write, refuse=writer.refuse
    )


def _extract(writer: Writer, node: exp.Expr) -> Piece:
    return write_extract(_call(writer, "EXTRACT", node, (), "", is_ordered=False), node)


CALLS: Mapping[type[exp.Expr], Callable[[Writer, exp.Expr], Piece]] = {
    exp.Anonymous: _function,
    exp.Window: _window,
    exp.Extract: _extract,
}
