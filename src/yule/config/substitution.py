"""``${env:NAME}`` inside values."""

import re
from collections.abc import Collection, Mapping
from dataclasses import replace

from yule.config.documents import Node
from yule.core.errors import Problem
from yule.core.secrets import has_secret

PLACES = ("workspace", "sources", "image", "kubernetes")
"""The keys of ``project.yaml`` that may differ from machine to machine. They say where things lie; all other values
are told to people and kept with results, so a variable there would carry a key of this machine out of it."""

_TOLD = "kubernetes.environment"
"""Part of the above that the cluster shows to all who may look at pods."""

LATER = "notify"
"""The key whose variables are filled in where it is used, on this machine or in a pod: it may be a secret."""

_REFERENCE = re.compile(r"\$\{([^}]*)\}?")
_VARIABLE = re.compile(r"env:(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?::-(?P<default>.*))?", re.DOTALL)


def substitute(
    node: Node, environment: Mapping[str, str], problems: list[Problem], *, keys: Collection[str] = ()
) -> Node:
    """Fill in the environment's values below some keys; refuse references elsewhere, and secrets everywhere.

    ``${env:NAME}`` stands for the value of a variable, ``${env:NAME:-default}`` for a default where that is empty.

    Parameters
    ----------
    node
        A document.
    environment
        Variables and their values.
    problems
        Problems that are found are appended.
    keys
        Keys of the document below which variables may stand.
    """
    assert isinstance(node.value, Mapping)
    filled = {key: _fill(child, environment if key in keys else None, problems) for key, child in node.value.items()}
    return replace(node, value=filled)


def _fill(node: Node, environment: Mapping[str, str] | None, problems: list[Problem]) -> Node:
    """Fill in a value and all below it; without an environment, references are refused."""
    if isinstance(node.value, Mapping):
        below = None if node.place.path.endswith(_TOLD) else environment
        return replace(node, value={key: _fill(child, below, problems) for key, child in node.value.items()})
    if isinstance(node.value, tuple):
        return replace(node, value=tuple(_fill(child, environment, problems) for child in node.value))
    if not isinstance(node.value, str):
        return node
    text = node.value
    if environment is not None:
        text = _REFERENCE.sub(lambda match: _look_up(match, node, environment, problems), text)
    elif "${env:" in text and node.place.path != LATER:
        problems.append(node.place.problem(_explain_refusal(node.place.path)))
    if has_secret(text):
        message = "this looks like a key or a password; files are shared, so keep it out of them"
        if node.place.path == LATER:
            message += "; write ${env:NAME}, which is filled in where the request is made"
        problems.append(node.place.problem(message))
        text = ""
    return replace(node, value=text)


def _explain_refusal(path: str) -> str:
    if _TOLD in path:
        return "pods show their variables; put the value into a Secret of the cluster and name it in `secrets`"
    return (
        f"variables are filled in only in {', '.join(PLACES[:-1])} and {PLACES[-1]} of project.yaml, since what stands "
        "here is kept with the results; write the value itself"
    )


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
