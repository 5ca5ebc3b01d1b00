"""Seals: the checksum of every file of an edition, written with it and read again on demand.

A seal file `editions/000003.sha256` has one line per data file, checksum and path, as the
command `sha256sum` writes and checks them. Data files are never changed once written, so those
that the edition before had are not read again.
"""

from pathlib import Path

from deltalake import DeltaTable

from workbench.data.lake import Edition, Lake
from workbench.files import checksum, write_whole

LOG = "_delta_log"


def sealable(lake: Lake, edition: Edition) -> list[str]:
    """Return the files an edition rests on, as paths inside the lake: data, and Delta's log."""
    found = []
    for table, version in edition.tables.items():
        folder = lake.path(edition.place, table)
        actions = DeltaTable(folder, version=version).get_add_actions(flatten=True)
        files = [folder / str(name) for name in actions.column("path").to_pylist()]
        logged = [path for path in folder.glob(f"{LOG}/*.json") if int(path.stem) <= version]
        found += [path.relative_to(lake.folder).as_posix() for path in (*files, *logged)]
    return sorted(found)


def seal(lake: Lake, edition: Edition, before: Edition | None) -> None:
    """Write the checksums of an edition's files; those of the edition `before` are known."""
    known = read(lake, before) if before else {}
    files = sealable(lake, edition)
    lines = [f"{known.get(name) or checksum(lake.folder / name)}  {name}\n" for name in files]
    write_whole(_path(lake, edition), "".join(lines))


def read(lake: Lake, edition: Edition) -> dict[str, str]:
    """Return the checksum of each data file of an edition, as they were sealed."""
    path = _path(lake, edition)
    if not path.exists():
        return {}
    pairs = (line.split("  ", 1) for line in path.read_text(encoding="utf-8").splitlines())
    return {name: digest for digest, name in pairs}


def broken(lake: Lake, edition: Edition) -> list[str]:
    """Return what is wrong with an edition's files, a sentence each; nothing if all is well."""
    sealed = read(lake, edition)
    found = [f"{name} has no checksum" for name in sealable(lake, edition) if name not in sealed]
    for name, digest in sealed.items():
        path = lake.folder / name
        if path.exists():
            if checksum(path) != digest:
                found.append(f"{name} is not what was written: its checksum differs")
        elif LOG not in name:
            found.append(f"{name} is gone")
    return found


def _path(lake: Lake, edition: Edition) -> Path:
    return lake.folder / "editions" / f"{edition.number:06d}.sha256"
