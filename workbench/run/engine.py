"""Plain `papermill` on our notebooks: parameters are checked before a kernel starts.

Papermill itself only warns of an unknown name and checks no value. It loads this module as an
entry point wherever the workbench is installed; notebooks that are not ours run as ever.
"""

from typing import Any

from click import ClickException
from papermill.engines import NBClientEngine, papermill_engines

OURS = "from workbench"


class Refused(ClickException, ValueError):  # noqa: N818 - reads as the fact it states
    """Parameters that are not allowed; the command line shows the text and no traceback."""


class CheckedEngine(NBClientEngine):
    """Papermill's own engine, behind a check of the parameters."""

    @classmethod
    def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, **options: Any) -> Any:
        """Run the notebook, or raise Refused with everything that is wrong."""
        if any(OURS in cell.source for cell in nb_man.nb.cells if cell.cell_type == "code"):
            _check(nb_man.nb)
        return super().execute_managed_notebook(nb_man, kernel_name, **options)


def _check(node: Any) -> None:
    from workbench.run import params

    try:
        params.parse(params.declared(node), node.metadata.papermill.get("parameters", {}))
    except ValueError as error:
        raise Refused(str(error)) from None


papermill_engines.register(None, CheckedEngine)
