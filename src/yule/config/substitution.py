"""``${env:NAME}`` inside values."""

import re
from collections.abc import Mapping
from dataclasses import replace

from yule.config.documents import Node
from yule.core.errors import Problem
from yule.core.secrets import has_secret

_REFERENCE = re.compile(r"\$\{([^}]*)\}?")
_VARIABLE = re.compile(r"env:(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?::-(?P<default>.*))?", re.DOTALL)


def substitute(node: Node, environment: Mapping[str, str], problems: list[Problem]) -> Node:
    """Fill in the environment's values and refuse secrets.

    ``${env:NAME}`` stands for the value of a variable, ``${env:NAME:-default}`` for a default where that is empty.

    Parameters
    ----------
    node
        A document.
    environment
        Variables and their values.
    problems
        Problems that are found are appended.
    """
    if isinstance(node.value, Mapping):
        return replace(node, value={key: substitute(child, environment, problems) for key, child in node.value.items()})
    if isinstance(node.value, tuple):
        return replace(node, value=tuple(substitute(child, environment, problems) for child in node.value))
    if not isinstance(node.value, str):
        return node
    text = _REFERENCE.sub(lambda match: _look_up(match, node, environment, problems), node.value)
    if has_secret(text):
        message = "this looks like a key or a password; files are shared, so keep it out of them"
        problems.append(node.place.problem(message))
        text = ""
    return replace(node, value=text)


def _look_up(match: re.Match[str], node: Node, environment: Mapping[str, str], problems: list[Problem]) -> str:
    variable = _VARIABLE.fullmatch(match[1])
    if variable is None or not match[0].endswith("}"):
        problems.append(node.place.problem("after '${' only env:NAME} and env:NAME:-default} are known"))
        return match[0]
    name, default = variable["name"], variable["default"]
    if default is not None:
        return environment.get(name) or default
    if name not in environment:
        message = f"the environment variable {name} is not set; set it, or write ${{env:{name}:-default}}"
        problems.append(node.place.problem(message))
        return match[0]
    return environment[name]
