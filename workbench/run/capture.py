"""Run code in the IPython shell and keep what it shows instead of publishing it."""

import contextlib
import io
import logging
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from IPython.core.displayhook import CapturingDisplayHook
from IPython.core.displaypub import CapturingDisplayPublisher

Bundle = dict[str, Any]
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Shown:
    """What some code showed: mime bundles in order, and the error that ended it, if any."""

    outputs: list[Bundle] = field(default_factory=list)
    error: BaseException | None = None


async def run(shell: Any, source: str, *, value: bool = True) -> Shown:
    """Run code in the shell's namespace; an error is returned and logged, never raised.

    `value` says whether the last expression's value counts as shown.
    """
    outputs: list[dict[str, Any]] = []
    with _captured(shell, outputs, value=value) as printed:
        result = await shell.run_cell_async(
            source, store_history=False, **_transformed(shell, source)
        )
    bundles = [output["data"] for output in outputs]
    if text := printed.getvalue():
        bundles.insert(0, {"text/plain": text})
    error = result.error_before_exec or result.error_in_exec
    if error:
        log.error("A cell failed:\n%s", source, exc_info=error)
    return Shown(bundles, error)


def _transformed(shell: Any, source: str) -> dict[str, Any]:
    try:
        return {"transformed_cell": shell.transform_cell(source)}
    except SyntaxError:
        return {"transformed_cell": source, "preprocessing_exc_tuple": sys.exc_info()}


def message(error: BaseException) -> str:
    """Return an error as one paragraph for people who do not read tracebacks."""
    text = " ".join(str(error).split())
    if isinstance(error, SyntaxError) or not text:
        return f"The notebook has a mistake ({type(error).__name__}). {text}".strip()
    return text


@contextlib.contextmanager
def _captured(shell: Any, outputs: list[Any], *, value: bool) -> Iterator[io.StringIO]:
    """Send everything that code displays to a list, and keep its traceback off the page."""
    publisher, hook = shell.display_pub, shell.display_trap.hook
    interactivity = shell.ast_node_interactivity
    shell.ast_node_interactivity = "last_expr" if value else "none"
    shell.display_pub = CapturingDisplayPublisher(outputs=outputs)
    shell.display_pub.outputs = outputs
    shell.display_trap.hook = CapturingDisplayHook(shell, outputs)
    shell.showtraceback = shell.showsyntaxerror = _nothing
    try:
        with (
            contextlib.redirect_stderr(io.StringIO()),
            contextlib.redirect_stdout(io.StringIO()) as printed,
        ):
            yield printed
    finally:
        shell.display_pub, shell.display_trap.hook = publisher, hook
        shell.ast_node_interactivity = interactivity
        del shell.showtraceback, shell.showsyntaxerror


def _nothing(*_: object, **__: object) -> None:
    """Show no traceback: the page has its own words for a failed cell."""
