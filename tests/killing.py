"""What tests that kill share: a process that imports once, then does its work in a child that it kills when it is told to."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]


def obey(once: Callable[[], None], for_ever: Callable[[], None]) -> None:
    """Do what the lines of standard input say, and answer each with the seconds that it took.

    Args:
        once: What `time` has a child do.
        for_ever: What a child does that is killed after the number of seconds in the line.
    """
    for line in sys.stdin:
        began = time.perf_counter()
        if line.startswith("time"):
            os.waitpid(_child(once), 0)
        else:
            number = _child(for_ever)
            time.sleep(float(line))
            os.kill(number, signal.SIGKILL)
            os.waitpid(number, 0)
        sys.stdout.write(f"{time.perf_counter() - began}\n")
        sys.stdout.flush()


def _child(work: Callable[[], None]) -> int:
    number = os.fork()
    if number == 0:
        try:
            work()
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(0)
    return number


@contextmanager
def killer(code: str, *arguments: str) -> Iterator[Callable[[str], float]]:
    """Run code that ends with `obey`; yield what tells it «time», or a number of seconds, and returns its answer.

    The import takes longer than the work, so it is done once. The code finds the arguments from `sys.argv[1]` on.
    """
    command = [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(REPOSITORY)!r})\n{code}", *arguments]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8") as process:
        assert process.stdin is not None
        assert process.stdout is not None

        def tell(line: str) -> float:
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write(line + "\n")
            process.stdin.flush()
            return float(process.stdout.readline())

        yield tell
        process.stdin.close()
        assert process.wait(timeout=60) == 0
