"""Parameters of a notebook: declared once in its parameters cell, read here by every life.

The cell tagged `parameters` holds one annotated variable a line, with its help in the comment.
Words before a colon that begin the comment with a capital are read in place of the name.
It is read as text and never executed: a link or a command line can only choose values.
"""

import ast
import importlib
import inspect
import io
import json
import re
import tokenize
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Any
from urllib.parse import parse_qsl, quote, unquote_plus, urlencode

from workbench.run import WrongUsage

TAG = "parameters"
# What Papermill's own reader understands: names, brackets and commas, and one equals sign.
LABELLED = re.compile(r"([A-Z][^:]{0,40}): (.+)")
PLAIN_ANNOTATION = re.compile(r"\w[\w\[\],\s]*")
MOST_FIELDS = 100
MOST_TEXT = 2000


class ParameterError(WrongUsage):
    """Parameters that cannot be used; `problems` maps each name to what is wrong with it."""

    def __init__(self, message: str, problems: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.problems = dict(problems or {})


@dataclass(frozen=True)
class Parameter:
    """One parameter: `kind` checks values, `default` is the plain value the notebook holds."""

    name: str
    kind: Any
    default: object
    help: str
    title: str = ""

    @property
    def label(self) -> str:
        """Return what people read: the title, or else the name in words."""
        return self.title or self.name.replace("_", " ").capitalize()

    @property
    def kind_name(self) -> str:
        """Return the name of the kind, such as Int or Period."""
        return (self.kind if isinstance(self.kind, type) else type(self.kind)).__name__

    def parse(self, value: object) -> object:
        """Return the checked plain value, or raise ValueError saying what is allowed."""
        if isinstance(value, str) and len(value) > MOST_TEXT:
            raise ValueError(f"{_short(value)} is too long; allowed: {MOST_TEXT} characters")
        try:
            return _plain(self.kind.parse(value))
        except (TypeError, OverflowError, RecursionError):
            raise ValueError(f"{_short(value)} is not a {self.kind_name}") from None

    def text(self, value: object) -> str:
        """Return a plain value as the text that a link or a command line carries."""
        if isinstance(value, bool):
            return str(value).lower()
        if isinstance(value, list | tuple):
            return json.dumps(list(value), ensure_ascii=False)
        return str(value)


def declared(node: Any) -> tuple[Parameter, ...]:
    """Return the parameters of a notebook node in the order of its parameters cell.

    Raises ParameterError when the cell holds anything but annotated variables with a default
    that Papermill can read, or a kind that the imports before it do not name.
    """
    tagged = [n for n, cell in enumerate(node.cells) if TAG in cell.metadata.get("tags", [])]
    if not tagged:
        return ()
    if len(tagged) > 1:
        raise ParameterError(f"{len(tagged)} cells are tagged {TAG!r}; a notebook has one")
    source = node.cells[tagged[0]].source
    code = [cell.source for cell in node.cells[: tagged[0]] if cell.cell_type == "code"]
    return _declarations(source, "\n".join(code))


def parse(parameters: tuple[Parameter, ...], given: Mapping[str, object]) -> dict[str, object]:
    """Return a checked plain value for every parameter, defaults filled in.

    Raises one ParameterError that lists every unknown name and every value not allowed.
    """
    values: dict[str, object] = {}
    names = [parameter.name for parameter in parameters]
    problems = {name: _unknown(name, names) for name in given if name not in names}
    for parameter in parameters:
        try:
            values[parameter.name] = parameter.parse(given.get(parameter.name, parameter.default))
        except ValueError as error:
            problems[parameter.name] = f"{parameter.name}: {error}"
    if problems:
        raise ParameterError(". ".join(problems.values()) + ".", problems)
    return values


def from_query(query: str) -> dict[str, str]:
    """Return the texts in the query of a link, the last of each name.

    A query that was percent-encoded twice on its way is decoded twice; NULs and broken UTF-8
    become the replacement character, which no kind but Text accepts.
    """
    text = query.removeprefix("?")
    if _encoded_twice(text):
        text = unquote_plus(text, errors="replace")
    try:
        fields = parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        raise ParameterError(f"the link has more than {MOST_FIELDS} parameters") from None
    return {_clean(name): _clean(value) for name, value in fields}


def to_query(values: Mapping[str, object], parameters: tuple[Parameter, ...]) -> str:
    """Return the query, without its question mark, of what differs from the defaults."""
    return urlencode(texts(values, parameters), quote_via=quote)


def texts(values: Mapping[str, object], parameters: tuple[Parameter, ...]) -> dict[str, str]:
    """Return what differs from the defaults, as the texts of a link or a command line."""
    return {
        parameter.name: parameter.text(values[parameter.name])
        for parameter in parameters
        if parameter.name in values and values[parameter.name] != parameter.default
    }


def _encoded_twice(text: str) -> bool:
    if "=" not in text and "%3d" in text.lower():
        return True
    return bool(re.search(r"%25[0-9a-fA-F]{2}", text)) and not re.search(r"%(?!25)|\+", text)


def _clean(text: str) -> str:
    return text.replace("\0", "\ufffd")


def _unknown(name: str, names: list[str]) -> str:
    near = get_close_matches(name, names, n=1)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    allowed = f"allowed: {', '.join(names)}" if names else "this notebook has no parameters"
    return f"{_short(name)} is not a parameter{hint or ';'} {allowed}"


def _declarations(source: str, imports: str) -> tuple[Parameter, ...]:
    tree = _tree(source)
    helps, lines = dict(_comments(source)), source.splitlines()
    found = []
    for statement in tree.body:
        where = f"parameters cell, line {statement.lineno}"
        line = lines[statement.lineno - 1]
        found.append(_declaration(statement, line, helps.get(statement.lineno, ""), imports, where))
    return tuple(found)


def _declaration(
    statement: ast.stmt, line: str, comment: str, imports: str, where: str
) -> Parameter:
    match statement:
        case ast.AnnAssign(
            target=ast.Name(id=name), annotation=annotation, value=ast.expr() as value
        ):
            pass
        case _:
            raise ParameterError(f"{where}: {line!r} is not `name: Kind = default  # help`")
    if line.count("=") != 1 or not PLAIN_ANNOTATION.fullmatch(ast.unparse(annotation)):
        raise ParameterError(
            f"{where}: Papermill cannot read {line!r}; a kind is written with plain words, "
            "brackets and commas, and the line has one equals sign"
        )
    found = LABELLED.fullmatch(comment)
    title, help_ = found.groups() if found else ("", comment)
    kind = _kind(annotation, imports, where)
    parameter = Parameter(name, kind, _literal(value, where), help_, title)
    try:
        default = parameter.parse(parameter.default)
    except ValueError as error:
        raise ParameterError(f"{where}: the default of {name} is not allowed: {error}") from error
    return replace(parameter, default=default)


def _comments(source: str) -> Iterator[tuple[int, str]]:
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string.lstrip("# ").strip()


def _tree(source: str) -> ast.Module:
    try:
        return ast.parse(source)
    except SyntaxError as error:
        raise ParameterError(f"the notebook's code cannot be read: {error}") from None


def _literal(value: ast.expr, where: str) -> object:
    try:
        return ast.literal_eval(value)
    except ValueError:
        raise ParameterError(f"{where}: {ast.unparse(value)} is not a plain value") from None


def _kind(annotation: ast.expr, imports: str, where: str) -> Any:
    """Return the kind that an annotation names; only the names it needs are imported."""
    needed = {node.id for node in ast.walk(annotation) if isinstance(node, ast.Name)}
    known = _imported(imports, needed)
    missing = sorted(needed - known.keys())
    if missing:
        raise ParameterError(
            f"{where}: {', '.join(missing)} is not imported from workbench in a cell before it"
        )
    kind = _value(annotation, known)
    if isinstance(kind, type) and not inspect.ismethod(getattr(kind, "parse", None)):
        kind = _made(kind, where)
    if not hasattr(kind, "parse"):
        raise ParameterError(f"{where}: {ast.unparse(annotation)} is not a kind of parameter")
    return kind


def _made(kind: type, where: str) -> Any:
    try:
        return kind()
    except TypeError:
        raise ParameterError(f"{where}: {kind.__name__} needs its options in brackets") from None


def _imported(source: str, needed: set[str]) -> dict[str, Any]:
    without_magics = re.sub(r"(?m)^\s*[%!].*$", "", source)
    known = {}
    for statement in _tree(without_magics).body:
        if isinstance(statement, ast.ImportFrom) and _ours(statement):
            for alias in statement.names:
                if (alias.asname or alias.name) in needed:
                    known[alias.asname or alias.name] = _member(str(statement.module), alias.name)
    return known


def _ours(statement: ast.ImportFrom) -> bool:
    return statement.level == 0 and str(statement.module).split(".")[0] == "workbench"


def _member(module: str, name: str) -> Any:
    try:
        owner = importlib.import_module(module)
        return getattr(owner, name) if hasattr(owner, name) else _submodule(module, name)
    except ImportError as error:
        raise ParameterError(f"cannot import {name} from {module}: {error}") from error


def _submodule(module: str, name: str) -> Any:
    return importlib.import_module(f"{module}.{name}")


def _value(node: ast.expr, known: Mapping[str, Any]) -> Any:
    match node:
        case ast.Name(id=name):
            return known[name]
        case ast.Subscript(value=owner, slice=inner):
            return _value(owner, known)[_value(inner, known)]
        case ast.Tuple(elts=items):
            return tuple(_value(item, known) for item in items)
        case _:
            return ast.literal_eval(node)


def _plain(value: object) -> object:
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    return value if isinstance(value, bool | int | float | str) else str(value)


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
