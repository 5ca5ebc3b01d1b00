"""Plain `papermill` on our notebooks: parameters are checked before a kernel starts.

Papermill itself only warns of an unknown name and checks no value. It loads this module as an
entry point wherever the workbench is installed; notebooks that are not ours run as ever.
"""

from typing import Any

from click import ClickException

OURS = "from workbench"


class Refused(ClickException, ValueError):  # noqa: N818 - reads as the fact it states
    """Parameters that are not allowed; the command line shows the text and no traceback."""


class CheckedEngine:
    """Papermill's own engine, behind a check of the parameters."""

    @staticmethod
    def execute_notebook(nb: Any, kernel_name: str, **options: Any) -> Any:
        """Run the notebook, or raise Refused with everything that is wrong."""
        if any(OURS in cell.source for cell in nb.cells if cell.cell_type == "code"):
            _check(nb)
        return engines.NBClientEngine.execute_notebook(nb, kernel_name, **options)

    @staticmethod
    def nb_kernel_name(nb: Any, name: str | None = None) -> str:
        """Return the kernel's name, as Papermill finds it."""
        return engines.NBClientEngine.nb_kernel_name(nb, name)

    @staticmethod
    def nb_language(nb: Any, language: str | None = None) -> str:
        """Return the notebook's language, as Papermill finds it."""
        return engines.NBClientEngine.nb_language(nb, language)


def _check(node: Any) -> None:
    from workbench.run import params

    try:
        params.parse(params.declared(node), node.metadata.papermill.get("parameters", {}))
    except ValueError as error:
        raise Refused(str(error)) from None


# Papermill loads this module while it loads its engines, so the class has to be there first.
from papermill import engines  # noqa: E402

engines.papermill_engines.register(None, CheckedEngine)
