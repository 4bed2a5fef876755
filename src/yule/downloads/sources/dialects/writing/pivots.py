"""PIVOT with a list of values: one column for each of them."""

from collections.abc import Iterator

from sqlglot import exp

from yule.downloads.sources.dialects.pieces import quote
from yule.downloads.sources.dialects.writing.writer import Writer

_SKIPPING_NULL = ("SUM", "AVG", "MIN", "MAX", "COUNT", "COUNTIF", "LOGICAL_AND", "LOGICAL_OR")


def write_pivot(writer: Writer, source: str, pivot: exp.Expr) -> str:
    """Write what is selected from a source that is pivoted: all other columns group it, as in BigQuery."""
    writer.only(
        pivot,
        *("expressions", "fields", "alias", "columns", "unpivot", "default_on_null", "identify_pivot_strings"),
        *("prefixed_pivot_columns", "pivot_column_naming"),
    )
    fields = pivot.args.get("fields") or []
    if pivot.args.get("unpivot") or len(fields) != 1 or not isinstance(fields[0].this, exp.Column):
        writer.refuse(pivot, "PIVOT is translated as PIVOT(aggregate FOR column IN ('a', 'b'))")
        return source
    aggregates = [item if isinstance(item, exp.Alias) else exp.Alias(this=item) for item in pivot.expressions]
    if len(aggregates) > 1 and not all(item.alias for item in aggregates):
        writer.refuse(pivot, "several aggregates of PIVOT need names: write SUM(x) AS sum")
    column = fields[0].this
    selected = [
        f"{writer.write(_restrict(writer, item.this, column, value)).sql} AS {quote('_'.join(filter(None, names)))}"
        for value, value_name in _values(writer, fields[0])
        for item in aggregates
        for names in [(item.alias, value_name)]
    ]
    used = {name.name.lower(): name.name for item in (*aggregates, column) for name in item.find_all(exp.Column)}
    excluded = ", ".join(quote(name) for name in used.values() if name != "*")
    return f"(SELECT * EXCLUDE ({excluded}), {', '.join(selected)} FROM {source} GROUP BY ALL)"


def _values(writer: Writer, field: exp.Expr) -> Iterator[tuple[exp.Expr, str]]:
    """Give the values, each with its name in the column's."""
    for item in field.expressions:
        value = item.this if isinstance(item, exp.PivotAlias) else item
        if not isinstance(value, exp.Literal):
            writer.refuse(item, "the values of PIVOT must be literals")
        elif isinstance(item, exp.PivotAlias):
            yield value, item.args["alias"].name
        elif value.is_string or value.name.isdigit():
            yield value, value.name if value.is_string else f"_{value.name}"
        else:
            writer.refuse(item, "this value of PIVOT needs a name: write AS name after it")


def _restrict(writer: Writer, aggregate: exp.Expr, column: exp.Expr, value: exp.Expr) -> exp.Expr:
    """Return an aggregate of the rows with a value only; of all others it sees NULL, which it skips."""
    if not isinstance(aggregate, exp.Anonymous) or aggregate.name.upper() not in _SKIPPING_NULL:
        writer.refuse(aggregate, f"PIVOT is translated for {', '.join(_SKIPPING_NULL)}")
        return exp.Null()
    if (
        len(aggregate.expressions) != 1
        or aggregate.find(exp.Select)
        or isinstance(aggregate.expressions[0], exp.Distinct)
    ):
        writer.refuse(aggregate, "an aggregate of PIVOT takes one value")
        return exp.Null()
    counted = aggregate.expressions[0]
    counted = exp.Literal.number(1) if isinstance(counted, exp.Star) else counted.copy()
    chosen = exp.If(this=exp.EQ(this=column.copy(), expression=value.copy()), true=counted)
    return exp.Anonymous(this=aggregate.this, expressions=[exp.Case(ifs=[chosen])])
