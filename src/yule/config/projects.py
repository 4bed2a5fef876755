"""Projects: the folder a team keeps, with its download library and its feature sets."""

import importlib.util
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from yule.config.documents import Node, merge, read_document, without
from yule.config.forms.checks import NAME, Known, suggest_choice
from yule.config.forms.features import FeatureSetForm
from yule.config.forms.project import ProjectForm, resolve_path
from yule.config.methods import read_method
from yule.config.substitution import PLACES, substitute
from yule.config.validation import validate
from yule.core.errors import ConfigError, Problem
from yule.downloads.settings import Method, SourceSettings
from yule.downloads.specs import Budget, Fetching
from yule.features.settings import FeatureSet
from yule.runtime.kubernetes.settings import ClusterSettings

PROJECT = "project.yaml"


@dataclass(frozen=True, kw_only=True)
class Project:
    """A project, read and checked.

    Parameters
    ----------
    name
        Its name.
    root
        The folder with ``project.yaml``, absolute.
    profile
        The profile it was read with; None for none.
    workspace
        Absolute path of the folder of all that is computed.
    sources
        Where the data are, by name; paths are absolute.
    downloads
        The methods of the download library, by name.
    feature_sets
        The feature sets, by name.
    budget
        How much downloads may read.
    image
        The container image without tag; None when the project has none.
    notify
        Where the end of a run is told, with references to variables as they were written; None for nowhere.
    kubernetes
        The cluster of ``--on kubernetes``; None when the project has none.
    ledger
        Workspace whose ledger and budget downloads are on; empty for its own.
    """

    name: str
    root: Path
    profile: str | None = None
    workspace: str
    sources: Mapping[str, SourceSettings]
    downloads: Mapping[str, Method]
    feature_sets: Mapping[str, FeatureSet]
    budget: Budget = field(default_factory=Budget)
    image: str | None = None
    notify: str | None = None
    kubernetes: ClusterSettings | None = None
    ledger: str = ""

    @property
    def fetching(self) -> Fetching:
        """Where downloads come from and what they may cost."""
        limits = {name: method.max_bytes for name, method in self.downloads.items() if method.max_bytes is not None}
        checks = {name: method.checks for name, method in self.downloads.items() if method.checks is not None}
        budget = replace(self.budget, methods=limits)
        return Fetching(sources=self.sources, budget=budget, checks=checks, ledger=self.ledger)


def find_project(start: Path) -> Path:
    """Return the folder of the project that a folder or file lies in.

    Raises
    ------
    ConfigError
        If neither the folder nor one above it has a ``project.yaml``.
    """
    start = start.resolve()
    for folder in (start, *start.parents):
        if (folder / PROJECT).is_file():
            return folder
    message = f"there is no {PROJECT} here or in a folder above; go to a project, or make one with `yule init`"
    raise ConfigError((Problem(file=str(start), message=message),))


def require_project(root: Path) -> Path:
    """Return the folder of a project that was there; a ConfigError if it is there no more."""
    if not (root / PROJECT).is_file():
        raise ConfigError((Problem(file=str(root), message=f"the project is gone: there is no {PROJECT} any more"),))
    return root


def read_project(root: Path, profile: str | None, environment: Mapping[str, str]) -> Project:
    """Read ``project.yaml``, ``downloads/`` and ``features/``.

    Parameters
    ----------
    root
        Folder of the project.
    profile
        Name of the profile that is laid over ``project.yaml``; None for none.
    environment
        Values for ``${env:NAME}``.

    Raises
    ------
    ConfigError
        With all problems of all these files.
    """
    problems: list[Problem] = []
    project, _ = survey_project(root.resolve(), profile, environment, problems)
    raise_problems(problems)
    assert project is not None
    return project


def survey_project(
    root: Path, profile: str | None, environment: Mapping[str, str], problems: list[Problem]
) -> tuple[Project | None, Known]:
    """Read a project as far as it can be read.

    Parameters
    ----------
    root, profile, environment
        See :func:`read_project`; the root is absolute.
    problems
        All problems of its files are added.

    Returns
    -------
    tuple
        The project, None if there are problems; and what its cases can be checked against.
    """
    n_before = len(problems)
    form = _read_project_form(root, profile, environment, problems)
    known = Known(sources=None if form is None else tuple(form.sources), downloads={})
    downloads: dict[str, Method | None] = {}
    for label, folder in _list_libraries(root, form, problems):
        for path, node in _read_folder(folder, label, environment, problems):
            if path.stem in downloads:
                message = f"there is a method {path.stem} already; names are the same for all libraries of a project"
                problems.append(Problem(file=f"{label}/{path.name}", message=message))
            downloads[path.stem] = read_method(path, label, node, known, problems)
    known = replace(known, downloads=downloads)
    feature_sets: dict[str, FeatureSet | None] = {}
    for path, node in _read_folder(root / "features", "features", environment, problems):
        feature_set = validate(FeatureSetForm, node, known, problems) if node else None
        feature_sets[path.stem] = None if feature_set is None else feature_set.root.settings(path.stem)
    known = Known(downloads=downloads, feature_sets=tuple(feature_sets))
    if form is None or len(problems) > n_before:
        return None, known
    project = Project(
        name=form.name,
        root=root,
        profile=profile,
        workspace=resolve_path(root, form.workspace),
        sources={name: source.settings(root) for name, source in form.sources.items()},
        downloads={name: method for name, method in downloads.items() if method is not None},
        feature_sets={name: found for name, found in feature_sets.items() if found is not None},
        budget=form.budget.settings() if form.budget else Budget(),
        image=form.image,
        notify=form.notify,
        kubernetes=form.kubernetes.settings() if form.kubernetes else None,
    )
    return project, known


def raise_problems(problems: Iterable[Problem]) -> None:
    """Raise the problems that were found, if any, in the order of files and lines, each once."""
    found = sorted(dict.fromkeys(problems), key=lambda problem: (problem.file, problem.line, problem.column))
    if found:
        raise ConfigError(tuple(found))


def check_file_name(path: Path, file: str, problems: list[Problem]) -> None:
    """Refuse names of files that cannot name folders and columns."""
    if not re.fullmatch(NAME, path.stem):
        message = f"{path.stem!r} cannot be a name; name the file with letters, digits, '-' and single '_'"
        problems.append(Problem(file=file, message=message))


def _read_project_form(
    root: Path, profile: str | None, environment: Mapping[str, str], problems: list[Problem]
) -> ProjectForm | None:
    document = read_document(root / PROJECT, PROJECT, problems)
    if document is None:
        return None
    profiles = document.child("profiles") or replace(document, value={})
    chosen = profiles.child(profile) if profile is not None else None
    if profile is not None and chosen is None:
        names = profiles.value if isinstance(profiles.value, Mapping) else ()
        problems.append(profiles.key.problem(f"there is no profile {profile!r}{suggest_choice(profile, names)}"))
    # All profiles are checked, but only the chosen one's variables have to be set here.
    validate(ProjectForm, document, Known(), problems)
    merged = without(document, "profiles")
    merged = merge(merged, chosen) if chosen is not None and isinstance(chosen.value, Mapping) else merged
    return validate(ProjectForm, substitute(merged, environment, problems, keys=PLACES), Known(), problems)


def _list_libraries(root: Path, form: ProjectForm | None, problems: list[Problem]) -> Iterable[tuple[str, Path]]:
    """Yield the folders of methods with the names that people know them by: the project's own comes first."""
    yield "downloads", root / "downloads"
    for index, package in enumerate(form.libraries if form else ()):
        folder = _find_library(package)
        if folder is None:
            message = f"there is no Python package {package!r} with a folder `downloads` here; install it with pip"
            problems.append(Problem(file=PROJECT, path=f"libraries[{index}]", message=message))
        else:
            yield f"{package}/downloads", folder


def _find_library(package: str) -> Path | None:
    try:
        spec = importlib.util.find_spec(package)
    except (ImportError, ValueError):
        return None
    folders = [Path(place) / "downloads" for place in (spec.submodule_search_locations or ())] if spec else []
    return next((folder for folder in folders if folder.is_dir()), None)


def _read_folder(
    root: Path, folder: str, environment: Mapping[str, str], problems: list[Problem]
) -> Iterable[tuple[Path, Node | None]]:
    """Yield the files of a folder with their documents, or with None where nothing can be made of one."""
    for path in sorted(root.glob("[!.]*")):
        file = f"{folder}/{path.name}"
        if path.suffix == ".yml":
            problems.append(Problem(file=file, message=f"the file is not read; name it {path.stem}.yaml"))
        if path.suffix == ".yaml":
            check_file_name(path, file, problems)
            document = read_document(path, file, problems)
            yield path, document and substitute(document, environment, problems)
