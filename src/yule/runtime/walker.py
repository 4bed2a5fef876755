"""The walker: hands each task to a worker as soon as all it requires is there, first those whose turn it is.

It decides only what is ready and what comes first. luigi's own parallel workers fork, which deadlocks the model
libraries.
"""

import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from yule.core.limits import MEMORY
from yule.core.patience import Patience, find_patience, read_clock
from yule.messages.message import Message, quote
from yule.messages.telling import tell_message
from yule.messages.values import Count, Said, name_some
from yule.runtime.events import OutputsLost, RunEvent, TaskBroken, TaskFinished, TaskRetried, TaskStarted
from yule.runtime.messages import TaskReply, describe_task
from yule.runtime.plan import Plan, Turn, find_complete, find_needed, find_reachable, rank_tasks
from yule.runtime.protocol import Reply, TaskAgain, WorkerGone, Workers
from yule.storage.claims import Claims
from yule.storage.task import Task

POLL_SECONDS = 0.5  # how often tasks that another process is at are looked at again
MAX_LOSSES = 2  # an output that is lost more often within one run lies on a disk that does not keep it
MAX_ATTEMPTS = 2  # a task whose worker is killed twice is given up: it most likely needs more memory


@dataclass(kw_only=True)
class _Walk:
    """What is where: every task to run is in exactly one of these."""

    waiting: dict[str, set[str]]
    ready: list[str]
    turns: dict[str, Turn]
    elsewhere: set[str] = field(default_factory=set)
    resting: dict[str, float] = field(default_factory=dict)
    """Tasks that a service did not answer, and when they may try again."""
    running: dict[str, float] = field(default_factory=dict)
    attempts: dict[str, int] = field(default_factory=dict)
    patience: dict[str, Patience] = field(default_factory=dict)
    losses: dict[str, int] = field(default_factory=dict)
    broken: list[TaskBroken] = field(default_factory=list)

    def is_over(self) -> bool:
        return not (self.ready or self.elsewhere or self.resting or self.running)

    def list_open(self) -> set[str]:
        return {*self.waiting, *self.ready, *self.elsewhere, *self.resting, *self.running}


def walk(
    plan: Plan,
    *,
    workers: Workers,
    claims: Claims,
    find_log: Callable[[Task], str],
    tell: Callable[[RunEvent], None],
    check_interrupt: Callable[[], None],
    n_cores: int | None = None,
) -> tuple[TaskBroken, ...]:
    """Run all tasks of a plan that must run.

    Parameters
    ----------
    plan
        The tasks.
    workers
        Run the tasks; stopped by the caller.
    claims
        Keep other processes from the tasks at hand.
    find_log
        Names the log file of a task.
    tell
        Receives every event as it happens.
    check_interrupt
        Called at least every ``POLL_SECONDS``, at a moment when it may raise.
    n_cores
        Cores that a task may use which has nothing beside it; None for no more than others.

    Returns
    -------
    tuple of TaskBroken
        The tasks that failed; empty when every root is there.
    """
    state = _begin(plan)
    while not state.is_over():
        check_interrupt()
        _look_elsewhere(state, plan, claims, tell)
        _wake_rested(state)
        _start_ready(state, plan, workers, claims, tell, n_cores=n_cores)
        for reply in workers.wait(POLL_SECONDS):
            if not isinstance(reply, TaskAgain):
                claims.release(reply.unique_id)
            _settle(state, plan, reply, find_log, tell)
    return tuple(state.broken)


def _begin(plan: Plan) -> _Walk:
    to_run = {planned.task.unique_id for planned in plan.to_run()}
    waiting = {
        unique_id: set(plan.tasks[unique_id].requires) & to_run for unique_id in plan.tasks if unique_id in to_run
    }
    return _Walk(
        waiting={k: v for k, v in waiting.items() if v},
        ready=[k for k, v in waiting.items() if not v],
        turns=rank_tasks(plan),
    )


def _look_elsewhere(state: _Walk, plan: Plan, claims: Claims, tell: Callable[[RunEvent], None]) -> None:
    """See which tasks that another process was at are there by now, or free again."""
    complete = find_complete([plan.tasks[unique_id].task for unique_id in state.elsewhere])
    for unique_id in sorted(state.elsewhere):
        if unique_id in complete:
            state.elsewhere.remove(unique_id)
            _finish(state, plan, unique_id, seconds=0.0, elsewhere=True, tell=tell)
        elif claims.take(unique_id):
            claims.release(unique_id)
            state.elsewhere.remove(unique_id)
            state.ready.append(unique_id)


def _wake_rested(state: _Walk) -> None:
    for unique_id, until in list(state.resting.items()):
        if time.monotonic() >= until:
            del state.resting[unique_id]
            state.ready.append(unique_id)


def _start_ready(
    state: _Walk,
    plan: Plan,
    workers: Workers,
    claims: Claims,
    tell: Callable[[RunEvent], None],
    *,
    n_cores: int | None,
) -> None:
    n_free = workers.n_free
    state.ready.sort(key=state.turns.__getitem__)
    starting, state.ready = state.ready[:n_free], state.ready[n_free:]
    claimed = [unique_id for unique_id in starting if claims.take(unique_id)]
    state.elsewhere.update(set(starting) - set(claimed))
    complete = find_complete([plan.tasks[unique_id].task for unique_id in claimed])
    n_threads = n_cores if len(claimed) == 1 and not state.running else None
    for unique_id in claimed:
        task = plan.tasks[unique_id].task
        if unique_id in complete:  # another process finished it since the plan was made
            claims.release(unique_id)
            _finish(state, plan, unique_id, seconds=0.0, elsewhere=True, tell=tell)
        else:
            tell(TaskStarted(unique_id=unique_id, family=task.task_family, text=task.describe()))
            state.running[unique_id] = time.monotonic()
            state.attempts[unique_id] = state.attempts.get(unique_id, 0) + 1
            workers.start(describe_task(task, n_threads=n_threads))


def _settle(
    state: _Walk,
    plan: Plan,
    reply: Reply,
    find_log: Callable[[Task], str],
    tell: Callable[[RunEvent], None],
) -> None:
    unique_id = reply.unique_id
    task = plan.tasks[unique_id].task
    if isinstance(reply, TaskAgain):
        tell(TaskRetried(unique_id=unique_id, family=task.task_family, text=task.describe(), why=reply.why))
        return
    seconds = time.monotonic() - state.running.pop(unique_id)
    if isinstance(reply, TaskReply) and reply.status == "done":
        known = seconds if reply.seconds is None else reply.seconds
        _finish(state, plan, unique_id, seconds=known, elsewhere=False, tell=tell)
        return
    if isinstance(reply, TaskReply) and reply.status == "transient" and _let_rest(state, plan, reply, tell):
        return
    if isinstance(reply, WorkerGone) and state.attempts[unique_id] < MAX_ATTEMPTS:
        state.ready.append(unique_id)
        tell(TaskRetried(unique_id=unique_id, family=task.task_family, text=task.describe(), why=_explain_end(reply)))
        return
    if isinstance(reply, TaskReply) and _make_up(state, plan, reply, tell):
        return
    broken = TaskBroken(
        unique_id=unique_id,
        family=task.task_family,
        text=task.describe(),
        message=_explain_last_end(reply) if isinstance(reply, WorkerGone) else _explain_failure(reply),
        is_bug=isinstance(reply, TaskReply) and reply.status == "crashed",
        log=find_log(task),
    )
    state.broken.append(broken)
    _drop_unneeded(state, plan)
    tell(broken)


def _let_rest(state: _Walk, plan: Plan, reply: TaskReply, tell: Callable[[RunEvent], None]) -> bool:
    """Have a task that a service did not answer try again in a while; False if that has been going on for too long."""
    unique_id, task = reply.unique_id, plan.tasks[reply.unique_id].task
    is_first = unique_id not in state.patience
    wait_seconds = state.patience.setdefault(unique_id, Patience(find_patience())).next_wait()
    if wait_seconds is None:
        return False
    state.resting[unique_id] = time.monotonic() + wait_seconds
    state.attempts[unique_id] -= 1
    if is_first:
        said, until = Said(reply.text.splitlines()[0].rstrip(". ")), Said(read_clock(find_patience()))
        why = Message(code="service-silent", values={"said": said, "until": until})
        tell(TaskRetried(unique_id=unique_id, family=task.task_family, text=task.describe(), why=why))
    return True


def _make_up(state: _Walk, plan: Plan, reply: TaskReply, tell: Callable[[RunEvent], None]) -> bool:
    """Have what a task could not read computed again, and then the task; False if nothing of what it reads is lost.

    Whoever finds an output damaged deletes it, so the workspace says what is lost, whatever the task died of.
    """
    required = plan.tasks[reply.unique_id].requires
    lacking = set(required) - find_complete([plan.tasks[key].task for key in required])
    lost = find_needed(plan, lacking) - state.list_open()
    if not lacking:  # what was lost may be there again by now
        has_missed = reply.has_missed or any(key in state.losses for key in required)
        return has_missed and _try_again(state, plan, reply, tell)
    if any(state.losses.get(key, 0) >= MAX_LOSSES for key in lost):
        return False
    for key in lost:
        state.losses[key] = state.losses.get(key, 0) + 1
    awaited = lost | state.list_open()
    waiting = {key: set(plan.tasks[key].requires) & awaited for key in sorted({reply.unique_id} | lost)}
    for key in [*state.ready, *state.waiting]:
        waiting[key] = state.waiting.get(key, set()) | (set(plan.tasks[key].requires) & lost)
    state.ready = [key for key, awaits in waiting.items() if not awaits]
    state.waiting = {key: awaits for key, awaits in waiting.items() if awaits}
    if lost:  # else another task has missed it before
        names = name_some([plan.tasks[key].task.describe() for key in sorted(lacking)])
        gone = Message(code="outputs-gone", values={"outputs": names})
        tell(OutputsLost(n_tasks=len(lost), why=quote(reply.text) if reply.status == "refused" else gone))
    return True


def _try_again(state: _Walk, plan: Plan, reply: TaskReply, tell: Callable[[RunEvent], None]) -> bool:
    """Put a task back; False if it had as many goes as losses of what it reads can account for."""
    if state.attempts[reply.unique_id] >= MAX_ATTEMPTS + MAX_LOSSES:
        return False
    task = plan.tasks[reply.unique_id].task
    state.ready.append(reply.unique_id)
    why = Message(code="inputs-renewed")
    tell(TaskRetried(unique_id=reply.unique_id, family=task.task_family, text=task.describe(), why=why))
    return True


def _finish(
    state: _Walk, plan: Plan, unique_id: str, *, seconds: float, elsewhere: bool, tell: Callable[[RunEvent], None]
) -> None:
    task = plan.tasks[unique_id].task
    tell(
        TaskFinished(
            unique_id=unique_id,
            family=task.task_family,
            text=task.describe(),
            seconds=round(seconds, 3),
            elsewhere=elsewhere,
        )
    )
    for other in [key for key, waits_for in state.waiting.items() if unique_id in waits_for]:
        state.waiting[other].remove(unique_id)
        if not state.waiting[other]:
            del state.waiting[other]
            state.ready.append(other)


def _drop_unneeded(state: _Walk, plan: Plan) -> None:
    """Forget the tasks that only lead to roots which can no longer be reached."""
    wanted = find_reachable(plan, plan.roots, without=[task.unique_id for task in state.broken])
    state.ready = [unique_id for unique_id in state.ready if unique_id in wanted]
    state.waiting = {unique_id: rest for unique_id, rest in state.waiting.items() if unique_id in wanted}
    state.elsewhere &= wanted
    state.resting = {unique_id: until for unique_id, until in state.resting.items() if unique_id in wanted}


def _explain_failure(reply: TaskReply) -> str:
    if reply.status != "transient":
        return reply.text
    return (
        f"{reply.text.rstrip('. ')}. It was tried again and again. Run the case again once that is mended: what is "
        "finished is kept."
    )


def _explain_last_end(gone: WorkerGone) -> str:
    remedy = f". {MEMORY}" if gone.signal_number == signal.SIGKILL else ""
    return f"{tell_message(_explain_end(gone))}{remedy}"


def _explain_end(gone: WorkerGone) -> Message:
    if gone.signal_number == signal.SIGKILL:
        return Message(code="worker-killed")
    if gone.signal_number:
        return Message(code="worker-signalled", values={"signal": Count(gone.signal_number)})
    return Message(code="worker-ended")
