"""Stages of a comparison as forks of this process, which skip the imports."""

import os
import runpy
import sys
import traceback

from mmsca.comparison.processes import Processes, end_with_parent


class ForkedTool:
    """The part of `subprocess.Popen` that a stage uses."""

    def __init__(self, command, stdout, env):
        sys.stdout.flush()
        parent = os.getpid()
        self.pid = os.fork()
        if self.pid == 0:
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

    def wait(self):
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


class ForkingProcesses(Processes):
    def start(self, command, *, stdout, env, **kwargs):
        return ForkedTool(command[1:], stdout, env)
