"""What a finished run keeps in its folder: its list, its report, its model and what its features have learned."""

from dataclasses import replace
from pathlib import Path, PurePosixPath

from yule.core.files import digest_file
from yule.core.settings import to_json
from yule.pipeline.graph import find_bundles, find_whole
from yule.pipeline.prediction import RankUsers
from yule.pipeline.report import WriteReport
from yule.pipeline.runs.learned import keep_learned
from yule.pipeline.runs.record import MODEL, Run, run_place
from yule.pipeline.specs import ReportSpec
from yule.runtime.plan import find_complete
from yule.storage.record import read_record
from yule.storage.store import Store


def report_task(run: Run) -> WriteReport:
    """Return the task whose output finishes a run."""
    outcome = run.outcome or run.asked.model.dataset.labels.table
    report = ReportSpec(case=run.case, question=run.question, resolved=run.resolved, outcome=outcome)
    return WriteReport(answer=to_json(run.asked), report=to_json(report))


def is_whole(run: Run) -> bool:
    """Say whether a run's report, list and model are there."""
    whole = find_whole(run.asked, report_task(run))
    return len(find_complete(whole)) == len(whole)


def publish_run(store: Store, run: Run) -> Run:
    """Put a finished run's answer, and what scores users anew, into its folder; return what is known of it then."""
    for name, file in _list_told(run).items():
        store.objects.write(f"{run_place(run.run_id)}/{name}", file)
    keep_learned(store, run)
    return replace(run, model=keep_model(store, run))


def keep_model(store: Store, run: Run) -> dict[str, str]:
    """Put the model of a finished run into its folder; return the digests of its files by their paths in it."""
    files = _list_model(run)
    for name, file in files.items():
        store.objects.write(f"{run_place(run.run_id)}/{MODEL}/{name}", file)
    return {name: digest_file(file) for name, file in files.items()}


def list_answer(run: Run) -> dict[str, Path]:
    """Return the files of a finished run's list, report and model, by their names in its folder."""
    return _list_told(run) | {f"{MODEL}/{name}": file for name, file in _list_model(run).items()}


def _list_told(run: Run) -> dict[str, Path]:
    files = {}
    for task in (RankUsers(answer=to_json(run.asked)), report_task(run)):
        output = task.output().load()
        for name in read_record(output).files:  # whatever else lies in the folder is none of the output
            if not name.endswith(".json") or name == "report.json":
                files[name] = output / name
    return files


def _list_model(run: Run) -> dict[str, Path]:
    files = {}
    for place, bundle in find_bundles(run.asked.model).items():
        model = bundle.output().load()
        for name in sorted(read_record(model).files):
            files[PurePosixPath(place, name).as_posix()] = model / name
    return files
