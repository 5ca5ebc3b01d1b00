"""The catalogue: the notebooks folder is the registry."""

from pathlib import Path

import pytest
from tiny import Write

from workbench.run import catalogue
from workbench.run.catalogue import BadNotebook, UnknownNotebook


def test_names_are_paths_below_the_folder(write: Write) -> None:
    """Every notebook is found, checkpoints are not, and names are sorted."""
    for name in ("segments/rfm", "data_health", "segments/.ipynb_checkpoints/rfm-checkpoint"):
        write(name)
    assert catalogue.names() == ["data_health", "segments/rfm"]


@pytest.mark.parametrize("asked", ["segments/rfm", "segments/rfm.ipynb", "rfm"])
def test_a_notebook_is_found_by_any_of_its_names(write: Write, asked: str) -> None:
    """The path, the file name and a unique last part name the same notebook."""
    write("segments/rfm", parameters="bands: Int = 5  # scores")
    found = catalogue.find(asked)
    assert (found.name, found.team) == ("segments/rfm", "segments")
    assert (found.title, found.summary) == ("Tiny baskets", "Who buys little?")
    assert [parameter.name for parameter in found.parameters] == ["bands"]


def test_a_notebook_at_the_top_belongs_to_data(write: Write) -> None:
    """A notebook in no team's folder is about the data."""
    write("data_health")
    assert catalogue.find("data_health").team == "data"


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("rmf", "did you mean 'rfm'"),
        ("zzz", "there are: marketing/rfm, segments/rfm"),
        ("rfm", "several notebooks: marketing/rfm, segments/rfm"),
        ("../secret", "there is no notebook"),
        ("/etc/passwd", "there is no notebook"),
    ],
)
def test_an_unknown_name_says_what_there_is(write: Write, asked: str, said: str) -> None:
    """No name leads outside the folder, and the error names the notebooks there are."""
    notebooks = write("segments/rfm").parents[1]
    write("marketing/rfm")
    (notebooks.parent / "secret.ipynb").write_text("{}")
    with pytest.raises(UnknownNotebook, match=said):
        catalogue.find(asked)


@pytest.mark.parametrize("content", ["", "not json", "{}", '{"cells": 5}', "[]"])
def test_a_broken_file_is_named(project: Path, content: str) -> None:
    """A file that is no notebook is an error that names it."""
    (project / "notebooks" / "broken.ipynb").write_text(content)
    with pytest.raises(BadNotebook, match=r"broken\.ipynb is not a readable notebook"):
        catalogue.find("broken")


def test_a_fault_in_the_parameters_names_the_notebook(write: Write) -> None:
    """An error in a parameters cell says whose it is."""
    write("segments/rfm", parameters="bands = 5")
    with pytest.raises(ValueError, match=r"^segments/rfm: parameters cell, line 1"):
        _ = catalogue.find("rfm").parameters
