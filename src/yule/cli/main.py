"""Where the ``yule`` program begins and ends, and its exit codes.

0 done; 1 a task or the data failed; 2 wrong usage or configuration; 4 the workspace or this machine refuses;
75 a service does not answer: the same may succeed later; 130 interrupted. `yule status RUN` has 3, for a run that is
running.

This module imports next to nothing, so that whatever ends the program while it loads ends it with a word, too.
"""

import os
import signal
import sys
from types import FrameType

AWAY = 75


def main() -> None:
    """Run the command and leave with its exit code; what is no bug is printed in a sentence, not traced."""
    _open_closed_streams()
    try:
        _use_utf8()
        _run()
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        sys.exit(1)


def _run() -> None:
    # Modules that are being loaded wrap an interruption into errors of their own, or lose it.
    before = signal.getsignal(signal.SIGINT)
    if before is signal.default_int_handler:  # a shell's jobs in the background are started without it
        signal.signal(signal.SIGINT, _leave_at_once)
    from yule.core.errors import YuleError
    from yule.core.limits import explain_limit, list_causes
    from yule.core.patience import is_unanswered
    from yule.core.streams import clean, filter_output

    filter_output(clean)
    try:
        from yule.cli.app import app

        signal.signal(signal.SIGINT, before)
        app()
    except YuleError as error:
        print(f"yule: {error}", file=sys.stderr)
        sys.exit(AWAY if is_unanswered(error) else error.exit_code)
    except Exception as error:
        if any(isinstance(cause, KeyboardInterrupt) for cause in list_causes(error)):
            raise KeyboardInterrupt from None
        limit = explain_limit(error)
        if isinstance(error, BrokenPipeError) or limit is None:
            raise
        print(f"yule: {limit}", file=sys.stderr)
        sys.exit(AWAY if is_unanswered(error) else 4)


def _leave_at_once(number: int, frame: FrameType | None) -> None:
    """Leave while nothing is done yet."""
    del number, frame
    os._exit(130)


def _use_utf8() -> None:
    """Begin anew where the locale is none of UTF-8: else no file could be named, nor a worker be told of one.

    What is printed stays in the encoding of the terminal.
    """
    if sys.getfilesystemencoding() == "utf-8" or os.environ.get("PYTHONUTF8") == "1":
        return
    os.environ["PYTHONUTF8"] = "1"
    if sys.stdout is not None and sys.stdout.encoding not in ("ascii", "ansi_x3.4-1968"):
        os.environ.setdefault("PYTHONIOENCODING", sys.stdout.encoding)
    os.execv(sys.executable, [sys.executable, "-X", "utf8", *sys.orig_argv[1:]])


def _open_closed_streams() -> None:
    """Give the places of closed streams to nothing: else the next file that is opened gets what is printed."""
    descriptor = 0
    while descriptor <= 2:
        descriptor = os.open(os.devnull, os.O_RDWR)
        os.set_inheritable(descriptor, descriptor <= 2)
    os.close(descriptor)
