"""Addresses that what people must not read may be sent to."""

import re


def is_private(address: str) -> bool:
    """Say whether nobody on the way reads what is sent to an address: it is https, or on this machine.

    >>> is_private("https://hooks.example.com/T0/B0"), is_private("http://hooks.example.com")
    (True, False)
    """
    return re.fullmatch(r"https://[^\s/]+(/\S*)?|http://(localhost|127\.0\.0\.1)(:\d+)?(/\S*)?", address) is not None
