"""Write environment.yml: the packages that pyproject.toml names, at their locked versions."""

import re
import tomllib
from pathlib import Path

HEAD = """\
# The same environment for conda users; `make lock` writes it from the lock files.
name: workbench
channels:
  - conda-forge
dependencies:
  - python {python}
  - openjdk >=17
  - pip
  - pip:
"""


def environment() -> str:
    """Return the text of environment.yml."""
    project = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))["project"]
    locked = Path("requirements/test.txt").read_text(encoding="utf-8")
    version = dict(re.findall(r"^([\w.-]+)==([\w.]+)", locked, re.MULTILINE))
    wanted = project["dependencies"] + project["optional-dependencies"]["test"]
    names = sorted({re.split(r"[=<>]", requirement)[0] for requirement in wanted})
    pins = "".join(f"      - {name}=={version[name.partition('[')[0]]}\n" for name in names)
    return HEAD.format(python=project["requires-python"]) + pins + "      - --editable .\n"


if __name__ == "__main__":
    Path("environment.yml").write_text(environment(), encoding="utf-8")
