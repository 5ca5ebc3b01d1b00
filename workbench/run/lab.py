"""The edit life: JupyterLab on the notebooks, with the house settings and without a network."""

import os
import subprocess
import sys

from workbench import paths
from workbench.run import kernel


def open_lab(port: int, *, browser: bool = True) -> int:
    """Run JupyterLab on this machine until it is stopped and return its exit status."""
    environment = kernel.environment(os.environ.get("WORKBENCH_DATA_VERSION"))
    environment["JUPYTER_CONFIG_PATH"] = _config_path()
    return subprocess.run(_command(port, browser=browser), env=environment, check=False).returncode


def _command(port: int, *, browser: bool) -> list[str]:
    settings = {
        "ServerApp.root_dir": paths.notebooks(),
        "ServerApp.port": port,
        "ServerApp.open_browser": browser,
        # A machine that has only root, such as a container, may still edit notebooks.
        "ServerApp.allow_root": os.name == "posix" and os.geteuid() == 0,
    }
    options = [f"--{name}={value}" for name, value in settings.items()]
    return [sys.executable, "-m", "jupyterlab", *options]


def _config_path() -> str:
    theirs = os.environ.get("JUPYTER_CONFIG_PATH")
    return os.pathsep.join(filter(None, [str(paths.templates() / "lab"), theirs]))
