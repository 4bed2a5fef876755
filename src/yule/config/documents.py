"""YAML documents as trees whose every value knows its place."""

import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias

from ruamel.yaml import YAML
from ruamel.yaml.composer import Composer
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode
from ruamel.yaml.nodes import Node as YamlNode
from ruamel.yaml.reader import ReaderError

from yule.core.characters import show_in_line
from yule.core.errors import Problem
from yule.core.secrets import redact
from yule.core.settings import Json

VERSION = 1
"""The version of the written forms that this code reads."""

MAX_BYTES = 1_000_000
MAX_DEPTH = 40
MAX_VALUES = 100_000
"""Bounds of a file that a person wrote: its size, how deep its values lie in each other, and how many there are when
aliases are written out."""

Scalar: TypeAlias = str | int | float | bool | None

_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
_TOO_DEEP = f"values lie in each other more than {MAX_DEPTH} deep here; no file of Yule needs that"

_HINTS = {
    "found character '\\t' that cannot start any token": "a tab; YAML is indented with spaces",
    "mapping values are not allowed here": "a second ':' here, or wrong indentation; text with ': ' in it needs quotes",
    "could not find expected ':'": "a line without ':'; write 'key: value'",
    "found character '@' that cannot start any token": "text that begins with '@' needs quotes",
    "found character '`' that cannot start any token": "text that begins with '`' needs quotes",
    "found character '%' that cannot start any token": "text that begins with '%' needs quotes",
    "but found another document": "a second document after '---'; write one per file",
}


@dataclass(frozen=True, kw_only=True)
class Place:
    """A place in a file.

    Parameters
    ----------
    file
        Path of the file as a person would type it.
    path
        Where in the document, e.g. ``models[0].num_leaves``.
    line, column
        1-based.
    width
        How many characters the caret line marks.
    text
        The line of the file.
    """

    file: str
    path: str
    line: int
    column: int
    width: int = 1
    text: str = ""

    @property
    def marked(self) -> str:
        """What stands there, as it is written."""
        return self.text[self.column - 1 : self.column - 1 + self.width]

    def problem(self, message: str) -> Problem:
        """Return a problem at this place, with the line and a caret below it."""
        number = f"{self.line:>5} | "
        before = "".join("\t" if character == "\t" else " " for character in self.text[: self.column - 1])
        caret = " " * (len(number) - 2) + "| " + before + "^" + "~" * (self.width - 1)
        return Problem(
            file=self.file,
            line=self.line,
            column=self.column,
            path=show_in_line(redact(self.path)),
            message=show_in_line(redact(message)),  # it may say what stands there
            excerpt=f"{number}{redact(self.text)}\n{caret}",
        )


@dataclass(frozen=True, kw_only=True)
class Node:
    """A value of a document.

    Parameters
    ----------
    value
        A scalar, a tuple of nodes, or a mapping from keys to nodes.
    place
        Where the value stands.
    key
        Where its key stands; the same as ``place`` for the items of a list and for the whole document.
    """

    value: "Scalar | tuple[Node, ...] | Mapping[str, Node]"
    place: Place
    key: Place

    def child(self, part: str | int) -> "Node | None":
        """Return the value of a key or the item of an index; None when there is none."""
        if isinstance(self.value, Mapping) and isinstance(part, str):
            return self.value.get(part)
        if isinstance(self.value, tuple) and isinstance(part, int) and part < len(self.value):
            return self.value[part]
        return None

    def plain(self) -> Json:
        """Return the value as plain data."""
        if isinstance(self.value, Mapping):
            return {key: node.plain() for key, node in self.value.items()}
        if isinstance(self.value, tuple):
            return [node.plain() for node in self.value]
        return self.value


def read_document(path: Path, file: str, problems: list[Problem]) -> Node | None:
    """Read a YAML file whose top is a mapping.

    Parameters
    ----------
    path
        The file.
    file
        Its path as a person would type it.
    problems
        Problems that are found are appended.

    Returns
    -------
    Node or None
        None when nothing can be made of the file: it is missing, no YAML, empty, or of another version.
    """
    text = read_text(path, file, problems)
    root = None if text is None else _compose(text, file, problems)
    if text is None or root is None:
        return None
    try:
        node = _Builder(file, text, problems).build(root, "", ())
    except _Unbounded as error:
        problems.append(error.problem)
        return None
    return node if _has_known_version(node, problems) else None


def merge(base: Node, over: Node) -> Node:
    """Lay one document over another: mappings are merged, all else is replaced, also what is of another ``kind``."""
    if not (isinstance(base.value, Mapping) and isinstance(over.value, Mapping)):
        return over
    kinds = [node.child("kind") for node in (base, over)]
    if kinds[0] and kinds[1] and kinds[0].value != kinds[1].value:
        return over
    merged = dict(base.value)
    for key, node in over.value.items():
        merged[key] = merge(merged[key], node) if key in merged else node
    return replace(over, value=merged)


def without(node: Node, key: str) -> Node:
    """Return a mapping without one of its keys."""
    assert isinstance(node.value, Mapping)
    return replace(node, value={other: child for other, child in node.value.items() if other != key})


def read_text(path: Path, file: str, problems: list[Problem]) -> str | None:
    """Read a text file whole; None, with a problem, if it is no UTF-8 text."""
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            problems.append(Problem(file=file, message="this is no file; write one"))
            return None
        if status.st_size > MAX_BYTES:
            message = f"the file has {status.st_size:,} bytes; Yule reads at most {MAX_BYTES:,}. Is it the right one?"
            problems.append(Problem(file=file, line=1, column=1, message=message))
            return None
        content = path.read_bytes()
    except OSError as error:
        problems.append(Problem(file=file, message=f"the file cannot be read: {error.strerror}"))
        return None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        text = content.decode("utf-8", errors="replace")
        place = _find_place(file, text, len(content[: error.start].decode("utf-8", errors="replace")))
        problems.append(place.problem("the file is not UTF-8 text from here on; save it as UTF-8"))
        return None


def _compose(text: str, file: str, problems: list[Problem]) -> MappingNode | None:
    """Make YAML's own nodes of a text."""
    yaml = YAML(typ="safe", pure=True)
    yaml.Composer = _BoundedComposer
    try:
        root = yaml.compose(text)
    except _TooDeep as error:
        problems.append(_find_place(file, text, error.position).problem(_TOO_DEEP))
    except MarkedYAMLError as error:
        problems.append(_explain_syntax(error, file, text))
    except ReaderError as error:
        place = _find_place(file, text, error.position)
        problems.append(place.problem(f"the character {chr(error.character)!r} is not allowed in YAML; delete it"))
    else:
        if isinstance(root, MappingNode):
            return root
        found = "is empty" if root is None else "is not a mapping"
        message = f"the file {found}; write 'key: value' lines, first 'version: {VERSION}'"
        problems.append(Problem(file=file, line=1, column=1, message=message))
    return None


def _find_place(file: str, text: str, position: int) -> Place:
    before = _BREAK.split(text[:position])
    return Place(
        file=file,
        path="",
        line=len(before),
        column=len(before[-1]) + 1,
        text=_BREAK.split(text)[len(before) - 1],
    )


def _explain_syntax(error: MarkedYAMLError, file: str, text: str) -> Problem:
    mark = error.problem_mark or error.context_mark
    found = str(error.problem or error.context)
    if error.context and error.problem and error.context.startswith("while parsing"):
        found = f"{found} {error.context}"
    message = _HINTS.get(str(error.problem), found)
    return _find_place(file, text, mark.index).problem(f"not YAML: {message}")


def _has_known_version(node: Node, problems: list[Problem]) -> bool:
    """Say whether the file's version can be read; a missing one is found with the other keys."""
    version = node.child("version")
    if version is None or (type(version.value) is int and version.value == VERSION):
        return True
    if version.value is None:
        problems.append(version.place.problem(f"expected {VERSION}, got nothing; this Yule reads version {VERSION}"))
        return False
    found = version.plain()
    problems.append(version.place.problem(f"version {found!r} is not known here; this Yule reads version {VERSION}"))
    return False


class _Unbounded(Exception):
    """A document is deeper or larger than what a person writes."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(str(problem))


class _TooDeep(Exception):
    """Values lie too deep in each other, from a place of the text on."""

    def __init__(self, position: int) -> None:
        self.position = position
        super().__init__(position)


class _BoundedComposer(Composer):
    """YAML's own, which follows any depth until Python gives up."""

    _level = 0

    def compose_node(self, parent: YamlNode | None, index: object) -> YamlNode | None:
        if self._level > MAX_DEPTH:
            raise _TooDeep(self.parser.peek_event().start_mark.index)
        self._level += 1
        try:
            node: YamlNode | None = super().compose_node(parent, index)
        finally:
            self._level -= 1
        return node


def _explain_tag(node: YamlNode) -> str:
    tag = str(node.tag).removeprefix("tag:yaml.org,2002:")
    return f"the tag {tag!r} is not read; write plain text, numbers, lists, mappings"


class _Builder:
    """Makes nodes of what YAML found in one file."""

    def __init__(self, file: str, text: str, problems: list[Problem]) -> None:
        self._file = file
        self._lines = _BREAK.split(text)
        self._n_values = 0
        self._problems = problems
        self._constructor = YAML(typ="safe", pure=True).constructor

    def build(self, node: YamlNode, path: str, above: tuple[int, ...], key: Place | None = None) -> Node:
        """Build the node of a value and of all below it; ``above`` are the ids of the values it lies in."""
        place = self._place(node, path)
        if key is not None and node.start_mark.index == node.end_mark.index:
            place = key  # of a key without a value YAML has no place
        if id(node) in above:
            self._problems.append(
                (key or place).problem("this alias refers to what it is part of; write the value out")
            )
            return Node(value=None, place=place, key=key or place)
        self._n_values += 1
        if self._n_values > MAX_VALUES:
            message = f"aliases make more than {MAX_VALUES:,} values of this file; write them out, or fewer"
            raise _Unbounded((key or place).problem(message))
        if len(above) > MAX_DEPTH:
            raise _Unbounded((key or place).problem(_TOO_DEEP))
        inside = (*above, id(node))
        value: Scalar | tuple[Node, ...] | Mapping[str, Node]
        if not isinstance(node, ScalarNode) and not str(node.tag).endswith((":map", ":seq")):
            self._problems.append(place.problem(_explain_tag(node)))
        if isinstance(node, MappingNode):
            value = self._build_mapping(node, path, inside)
        elif isinstance(node, SequenceNode):
            value = tuple(self.build(item, f"{path}[{index}]", inside) for index, item in enumerate(node.value))
        else:
            assert isinstance(node, ScalarNode)
            value = self._build_scalar(node, place)
        return Node(value=value, place=place, key=key or place)

    def _build_mapping(self, node: MappingNode, path: str, inside: tuple[int, ...]) -> dict[str, Node]:
        built: dict[str, Node] = {}
        for key_node, value_node in node.value:
            name = str(key_node.value) if isinstance(key_node, ScalarNode) else ""
            key_path = f"{path}.{name}" if path else name
            key = self._place(key_node, key_path)
            if key_node.tag.endswith(":merge"):
                self._problems.append(key.problem("'<<' is not read; a case can build on another with 'extends'"))
            elif not key_node.tag.endswith((":str", ":timestamp")):
                self._problems.append(key.problem("keys are text; put this one in quotes"))
            elif name in built:
                first = built[name].key.line
                self._problems.append(key.problem(f"the key {name!r} stands twice; first in line {first}"))
            else:
                built[name] = self.build(value_node, key_path, inside, key)
        return built

    def _build_scalar(self, node: ScalarNode, place: Place) -> Scalar:
        tag = str(node.tag).rsplit(":", 1)[-1]
        match tag:
            case "null":
                return None
            case "bool" if str(node.value).lower() in ("true", "false"):
                return str(node.value).lower() == "true"
            case "int" | "float":
                return self._build_number(node, place, tag)
            # Dates stay text: what they mean is for the form to say.
            case "str" | "timestamp" | "value" | "merge":
                return str(node.value)
        self._problems.append(place.problem(_explain_tag(node)))
        return None

    def _build_number(self, node: ScalarNode, place: Place, tag: str) -> Scalar:
        try:
            if tag == "int":
                return int(self._constructor.construct_yaml_int(node))
            return float(self._constructor.construct_yaml_float(node))
        except (ValueError, OverflowError):
            self._problems.append(place.problem("this is no number that can be read; write it plainly, as in 1000"))
            return None

    def _place(self, node: YamlNode, path: str) -> Place:
        start, end = node.start_mark, node.end_mark
        text = self._lines[start.line] if start.line < len(self._lines) else ""
        is_short = isinstance(node, ScalarNode) and end.line == start.line
        width = end.column - start.column if is_short else 1
        return Place(
            file=self._file, path=path, line=start.line + 1, column=start.column + 1, width=max(width, 1), text=text
        )
