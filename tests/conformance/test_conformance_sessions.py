"""A program runs cases on a cluster through a session, without a command: on the stand-in and on a real one alike."""

import pytest
from sites import Site, wait_for

from yule import Session, open_project
from yule.runtime.events import CaseEnded, RunEvent


@pytest.fixture
def session(site: Site, monkeypatch: pytest.MonkeyPatch) -> Session:
    """A session of this process, with the environment that commands have."""
    for name, value in site.environment.items():
        monkeypatch.setenv(name, value)
    return open_project(site.project)


def test_a_session_runs_a_case_on_a_cluster_and_has_its_result(
    site: Site, session: Session, local: dict[str, str]
) -> None:
    told: list[RunEvent] = []
    (run,) = session.run(["beer"], on="kubernetes", progress=told.append)
    assert run.status == "done"
    assert run.record.launch
    assert {"started", "finished"} <= {event.event for event in told}
    assert list(run.users.columns[:3]) == ["user_id", "rank", "score"]
    assert len(run.users) > 0
    assert site.digests() == local
    again: list[RunEvent] = []
    assert [one.run_id for one in session.run(["beer"], on="kubernetes", progress=again.append)] == [run.run_id]
    assert not [event for event in again if event.event == "started"]


def test_a_session_that_is_interrupted_leaves_the_run_at_work_and_what_is_stopped_goes_on_later(
    site: Site, session: Session, local: dict[str, str]
) -> None:
    def interrupt(event: RunEvent) -> None:
        if event.event == "started" and site.find("pods", "work"):  # before, tables are brought from this machine
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        session.run(["beer"], on="kubernetes", progress=interrupt)
    assert len(site.find("jobs", "driver")) == 1
    assert "Stopped: beer-" in site.yule("stop", "beer").printed
    wait_for(lambda: not site.objects())
    assert [run.status for run in session.runs()] == ["interrupted"]
    (run,) = session.run(["beer"], on="kubernetes")
    assert run.status == "done"
    assert site.digests() == local


def test_cases_of_a_launch_end_one_by_one_and_one_that_cannot_be_read_stops_no_other(
    site: Site, session: Session
) -> None:
    text = (site.project / "cases/beer.yaml").read_text()
    (site.project / "cases/urgent.yaml").write_text(f"{text}\nseed: 7\ndue: 2026-01-01\n")
    (site.project / "cases/misspelt.yaml").write_text(f"{text}\nsed: 7\n")
    told: list[RunEvent] = []
    results = session.run_each(["beer", "misspelt", "urgent"], on="kubernetes", progress=told.append)
    assert [one.run is not None for one in results] == [True, False, True]
    ended = [event for event in told if isinstance(event, CaseEnded)]
    assert sorted(event.case for event in ended) == ["beer", "urgent"]  # with room for both the quicker one ends first
    assert all(event.is_done for event in ended)
