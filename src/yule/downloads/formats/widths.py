"""Characters that mean the same: full-width digits and signs, spaces that are not broken."""

WIDE = "０１２３４５６７８９．，－／：％￥（）＋＄　\u00a0\u202f"
NARROW = "0123456789.,-/:%¥()+$   "


def narrow_sql(value: str) -> str:
    """Return a text with plain characters and nothing around it, as SQL. Few texts have others: that is asked first."""
    plain = f"translate({value}, '{WIDE}', '{NARROW}')"
    return f"trim(CASE WHEN strlen({value}) = length({value}) THEN {value} ELSE {plain} END)"


def narrow(text: str) -> str:
    """Return a text with plain characters and nothing around it.

    >>> narrow("１，２３４円")
    '1,234円'
    """
    return text.translate(str.maketrans(WIDE, NARROW)).strip(" ")
