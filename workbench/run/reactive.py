"""Which statements depend on which names, so that a changed parameter re-runs nothing else.

Read from the code alone: a statement depends on the nearest earlier one that wrote a name it
reads. Changes inside an object, such as `list.append`, do not show in the code; notebooks whose
steps give their results a name need not think of it.
"""

import ast
import symtable
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from IPython.core.inputtransformer2 import TransformerManager


@dataclass(frozen=True)
class Statement:
    """One statement of a cell, the names it takes from before, and the names it leaves.

    `last` is set on the statement whose value the cell shows.
    """

    source: str
    reads: frozenset[str] = frozenset()
    writes: frozenset[str] = frozenset()
    last: bool = True


def statements(source: str) -> list[Statement]:
    """Return the statements of a cell; a cell with a syntax error is one that reads nothing.

    >>> [sorted(s.reads) for s in statements("top = labels.head(bands)")]
    [['bands', 'labels']]
    """
    try:
        body = ast.parse(_plain_python(source)).body
    except SyntaxError:
        return [Statement(source)]
    return [_statement(node, last=node is body[-1]) for node in body]


def stale(steps: Sequence[Statement], changed: Iterable[str]) -> list[int]:
    """Return the positions of the statements to run again, in order, when names have changed."""
    names = set(changed)
    found = []
    for position, step in enumerate(steps):
        if step.reads & names:
            found.append(position)
            names |= step.writes
        else:
            names -= step.writes
    return found


# What these assign may stay unassigned, and an earlier statement's value may live on.
_BRANCHING = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.Try, ast.TryStar, ast.Match)


def _statement(node: ast.stmt, *, last: bool) -> Statement:
    used, assigned = _names(node)
    reads = used | assigned if isinstance(node, _BRANCHING) else used
    return Statement(ast.unparse(node), frozenset(reads), frozenset(assigned), last)


def _plain_python(source: str) -> str:
    return str(TransformerManager().transform_cell(source))


def _names(statement: ast.stmt) -> tuple[set[str], set[str]]:
    """Return the global names that one statement uses and assigns."""
    table = symtable.symtable(ast.unparse(statement), "<cell>", "exec")
    used = {symbol.get_name() for symbol in table.get_symbols() if symbol.is_referenced()}
    used |= set(_used_inside(table)) | set(_augmented(statement))
    assigned = {s.get_name() for s in table.get_symbols() if s.is_assigned() or s.is_imported()}
    deleted = set(_deleted(statement))
    changed = set(_changed_in_place(statement)) & used
    return used | deleted, assigned | set(_walrus(statement)) | changed | deleted


def _used_inside(table: symtable.SymbolTable) -> Iterator[str]:
    """Yield the global names used in the functions, classes and comprehensions of a table."""
    for child in table.get_children():
        for symbol in child.get_symbols():
            if symbol.is_global() and symbol.is_referenced():
                yield symbol.get_name()
        yield from _used_inside(child)


def _augmented(statement: ast.stmt) -> Iterator[str]:
    for node in ast.walk(statement):
        if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
            yield node.target.id


def _walrus(statement: ast.stmt) -> Iterator[str]:
    """Yield what `:=` binds, which in a comprehension is a name of the cell."""
    if not isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        named = (node for node in ast.walk(statement) if isinstance(node, ast.NamedExpr))
        yield from (node.target.id for node in named)


def _changed_in_place(statement: ast.stmt) -> Iterator[str]:
    """Yield the names whose items or attributes are assigned."""
    for node in ast.walk(statement):
        if isinstance(node, ast.Subscript | ast.Attribute) and not isinstance(node.ctx, ast.Load):
            yield from _root(node)


def _root(node: ast.expr) -> Iterator[str]:
    while isinstance(node, ast.Subscript | ast.Attribute):
        node = node.value
    if isinstance(node, ast.Name):
        yield node.id


def _deleted(statement: ast.stmt) -> Iterator[str]:
    for node in ast.walk(statement):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Del):
            yield node.id
