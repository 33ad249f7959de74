"""Tools as forks of this process, which skip the imports."""

import os
import runpy
import sys
import tempfile
import traceback
from threading import Event, Thread
from types import SimpleNamespace

from mmsca.comparison.processes import Processes, end_with_parent


class ForkedTool:
    """The part of `subprocess.Popen` that a stage uses.

    The fork is of a thread of its own. At its end a process joins the threads
    of pools; a fork of one of these would be told to join itself, and workers
    of its loaders end with exit code 1.
    """

    def __init__(self, command, stdout, env):
        self.started = Event()
        self.thread = Thread(target=self.run, args=(command, stdout, env))
        self.thread.start()
        self.started.wait()

    def run(self, command, stdout, env):
        """Fork, and stay: the child is killed when this thread ends."""
        sys.stdout.flush()
        parent = os.getpid()
        self.pid = os.fork()
        if self.pid == 0:
            run_as_tool(command, stdout, env, parent)
        self.started.set()
        self.code = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])

    def wait(self):
        self.thread.join()
        return self.code


def run_as_tool(command, stdout, env, parent):
    """Run a script as Python does, and end this process."""
    code = 1
    try:
        os.setsid()
        end_with_parent(parent)
        os.dup2(stdout.fileno(), 1)
        os.dup2(stdout.fileno(), 2)
        sys.stdout = open(1, 'w', buffering=1, closefd=False)
        sys.stderr = sys.stdout
        os.environ.update(env)
        sys.argv = command
        runpy.run_path(command[0], run_name='__main__')
        code = 0
    except SystemExit as stop:  # as Python ends on it
        if isinstance(stop.code, str):
            print(stop.code)
        else:
            code = stop.code or 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        os._exit(code)


class ForkingProcesses(Processes):
    def start(self, command, *, stdout, env, **kwargs):
        return ForkedTool(command[1:], stdout, env)


def run_forked(command, *, env=(), **kwargs):
    """As `subprocess.run`; what a tool prints is its stderr."""
    with tempfile.TemporaryFile('w+') as log:
        code = ForkedTool(command[1:], log, env).wait()
        log.seek(0)
        return SimpleNamespace(returncode=code, stderr=log.read())


# In place of a module's own `subprocess`.
forked_subprocess = SimpleNamespace(run=run_forked)
