"""The edit life: JupyterLab on the notebooks, with the house settings and without a network.

It opens on the desk, and git keeps what is edited there without outputs.
"""

import os
import subprocess
import sys

from workbench import paths
from workbench.run import kernel
from workbench.run.strip import strip_on_commit


def open_lab(port: int, *, browser: bool = True) -> int:
    """Run JupyterLab on this machine until it is stopped and return its exit status."""
    environment = kernel.environment(os.environ.get("WORKBENCH_DATA_VERSION"))
    environment["JUPYTER_CONFIG_PATH"] = _config_path()
    strip_on_commit(paths.project())
    return subprocess.run(_command(port, browser=browser), env=environment, check=False).returncode


def _command(port: int, *, browser: bool) -> list[str]:
    settings = {
        "ServerApp.root_dir": paths.notebooks(),
        "ServerApp.port": port,
        "ServerApp.open_browser": browser,
        "ServerApp.jpserver_extensions": "{'workbench.run.desk': True}",
        "LabApp.default_url": "/workbench",
        # A machine that has only root, such as a container, may still edit notebooks.
        "ServerApp.allow_root": os.name == "posix" and os.geteuid() == 0,
    }
    options = [f"--{name}={value}" for name, value in settings.items()]
    return [sys.executable, "-m", "jupyterlab", *options]


def _config_path() -> str:
    theirs = os.environ.get("JUPYTER_CONFIG_PATH")
    return os.pathsep.join(filter(None, [str(paths.templates() / "lab"), theirs]))
