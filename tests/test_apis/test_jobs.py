import io
import json
import multiprocessing
import os
import select
import signal
import subprocess
import sys

import pytest
from rich.console import Console

from mmsca.apis.job_table import JobTable, training_eta
from mmsca.apis.jobs import (
    Job,
    JobError,
    JobRunner,
    LastCheckpoint,
    run_jobs_tool,
)
from mmsca.utils.errors import InputError


def note(directory, name, code=''):
    """A command that writes its start and end times to a file."""
    path = str(directory / f'{name}.txt')
    return (
        '-c',
        f'import time; start = time.time(); {code or "pass"}\n'
        f'open({path!r}, "w").write(f"{{start}} {{time.time()}}")',
    )


def make_runner(jobs, directory, **kwargs):
    return JobRunner(
        jobs, directory, console=Console(file=io.StringIO()), **kwargs
    )


def test_job_starts_after_those_it_depends_on(tmp_path):
    edges = dict(a=(), b=('a',), c=('a',), d=('b', 'c'))
    jobs = [Job(n, note(tmp_path, n), after=e) for n, e in edges.items()]
    runner = make_runner(jobs, tmp_path)
    runner.run()
    assert set(runner.states.values()) == {'done'}
    times = {
        name: [
            float(t) for t in (tmp_path / f'{name}.txt').read_text().split()
        ]
        for name in edges
    }
    for name, before in edges.items():
        for other in before:
            assert times[other][1] <= times[name][0]


def test_no_more_processes_than_workers(tmp_path):
    # Each job fails if it sees the mark of another one that is running.
    mark = str(tmp_path / 'running')
    code = f'import os; os.mkdir({mark!r}); os.rmdir({mark!r})'
    jobs = [Job(str(i), ('-c', code)) for i in range(4)]
    runner = make_runner(jobs, tmp_path, workers=1)
    runner.run()
    assert set(runner.states.values()) == {'done'}


def test_failure_stops_the_rest_and_shows_the_log(tmp_path):
    started = str(tmp_path / 'pid')
    sleep = (
        'import os, time\n'
        f'open({started!r}, "w").write(str(os.getpid()))\n'
        'time.sleep(600)'
    )
    fail = (
        'import os, sys, time\n'
        f'while not os.path.exists({started!r}): time.sleep(0.01)\n'
        'sys.exit("no such [bold]prototype[/]")'
    )
    jobs = [
        Job('sleep', ('-c', sleep)),
        Job('fail', ('-c', fail)),
        Job('next', note(tmp_path, 'next'), after=('fail',)),
    ]
    runner = make_runner(jobs, tmp_path)
    with pytest.raises(JobError, match='Job fail ended with exit code 1') as e:
        runner.run()
    assert 'no such [bold]prototype[/]' in str(e.value)
    assert runner.states == dict(
        sleep='stopped', fail='failed', next='waiting'
    )
    assert not (tmp_path / 'next.txt').exists()
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / 'pid').read_text()), 0)


def test_missing_product_is_a_failure(tmp_path):
    product = tmp_path / 'model.pth'
    runner = make_runner([Job('a', ('-c', ''), products=(product,))], tmp_path)
    with pytest.raises(JobError, match='did not write .*model.pth'):
        runner.run()


def test_each_end_is_told(tmp_path):
    jobs = [Job(n, note(tmp_path, n)) for n in 'ab']
    seen = []
    make_runner(jobs, tmp_path, workers=1, ended=seen.append).run()
    assert seen == [{'a'}, {'a', 'b'}]
    # Those of an earlier run have ended as well.
    make_runner(jobs, tmp_path, workers=1, ended=seen.append).run()
    assert seen[2:] == [{'a'}, {'a', 'b'}]


@pytest.fixture
def chain(tmp_path):
    """Three jobs in a row, all finished, and a way to run them again."""

    def run(commands=None):
        jobs, before = [], ()
        for name in 'abc':
            command = (commands or {}).get(name, note(tmp_path, name))
            product = tmp_path / f'{name}.txt'
            jobs.append(Job(name, command, before, (product,)))
            before = (name,)
        runner = make_runner(jobs, tmp_path)
        runner.run()
        return runner.states

    assert set(run().values()) == {'done'}
    return run


def test_finished_jobs_are_skipped(chain):
    assert set(chain().values()) == {'done before'}


def test_changed_command_runs_again_with_all_that_follows(chain, tmp_path):
    states = chain(dict(b=note(tmp_path, 'b', 'time.time()')))
    assert states == dict(a='done before', b='done', c='done')


def test_missing_product_runs_again(chain, tmp_path):
    (tmp_path / 'c.txt').unlink()
    assert chain() == dict(a='done before', b='done before', c='done')


def test_interrupted_job_runs_again_with_all_that_follows(chain, tmp_path):
    (tmp_path / 'jobs' / 'a.json').unlink()
    with pytest.raises(JobError):
        chain(dict(b=('-c', 'raise SystemExit(3)')))
    # Job c is from before the second run of a and b.
    assert chain() == dict(a='done before', b='done', c='done')


def test_record_and_log(tmp_path):
    make_runner([Job('a', ('-c', 'print("hello")'))], tmp_path).run()
    record = json.loads((tmp_path / 'jobs' / 'a.json').read_text())
    assert record['command'] == ['-c', 'print("hello")']
    assert record['seconds'] > 0
    assert (tmp_path / 'logs' / 'a.log').read_text() == 'hello\n'


def test_last_checkpoint_is_an_argument(tmp_path):
    (tmp_path / 'last_checkpoint').write_text('/old/place/epoch_3.pth')
    argument = LastCheckpoint(tmp_path, 'load_from')
    assert str(argument) == f'load_from={tmp_path}/epoch_3.pth'


@pytest.mark.parametrize(
    'number, code', [(signal.SIGKILL, -9), (signal.SIGHUP, 129)]
)
def test_jobs_end_with_their_runner(tmp_path, number, code):
    started = tmp_path / 'started'
    os.mkfifo(started)
    command = (
        'import os, time\n'
        f'open({str(started)!r}, "w").write(str(os.getpid()))\n'
        'time.sleep(600)'
    )
    jobs = make_runner([Job('sleep', ('-c', command))], tmp_path)
    fork = multiprocessing.get_context('fork')
    runner = fork.Process(target=run_jobs_tool, args=(jobs.run,))
    runner.start()
    pid = int(started.read_text())
    with pytest.raises(InputError, match=f'in use by process {runner.pid}'):
        make_runner([], tmp_path).run()
    job = os.pidfd_open(pid)
    os.kill(runner.pid, number)
    runner.join()
    assert runner.exitcode == code
    assert select.select([job], [], [], 60)[0]  # it has ended
    os.close(job)
    make_runner([], tmp_path).run()


def test_dependency_must_stand_before(tmp_path):
    with pytest.raises(ValueError, match="job a depends on \\['b'\\]"):
        make_runner([Job('a', (), after=('b',)), Job('b', ())], tmp_path)


@pytest.mark.parametrize(
    'text, seconds',
    [
        ('Epoch(train) [1][5/9]  eta: 0:01:05  time: 0.2', 65),
        ('eta: 1:00:00  x\neta: 0:00:09  y', 9),
        ('eta: 2 days, 1:00:00', 49 * 3600),
        ('Epoch(val) [1][5/9]', None),
    ],
)
def test_training_eta(text, seconds):
    assert training_eta(text) == seconds


def test_remaining_time_follows_the_pace_of_this_machine(tmp_path):
    jobs = [Job('a', (), seconds=10), *(Job(n, (), seconds=30) for n in 'bc')]
    runner = make_runner(jobs, tmp_path, workers=2)
    table = JobTable(runner)
    assert table.remaining() == 35
    runner.states['a'], runner.seconds['a'] = 'done', 20.0
    assert table.remaining() == 60


def test_table_shows_the_last_line_of_a_running_job(tmp_path):
    runner = make_runner([Job('a', ('-c', ''))], tmp_path)
    runner.run()
    runner.states['a'] = 'running'
    runner.log_file(runner.jobs[0]).write_text(
        '11/22 23:07:01 - mmengine - INFO - Epoch(train) [1][5/9]\n\n'
    )
    console = Console(file=io.StringIO(), width=100)
    console.print(JobTable(runner))
    assert 'Epoch(train) [1][5/9]' in console.file.getvalue()
    assert 'mmengine' not in console.file.getvalue()


def test_long_table_shows_what_runs_and_what_is_next(tmp_path):
    jobs = [Job(f'job{i:02}', ()) for i in range(60)]
    runner = make_runner(jobs, tmp_path)
    for job in jobs[:20]:
        runner.states[job.name] = 'done'
    runner.states['job40'] = 'failed'
    table = JobTable(runner)
    names = [job.name for job in table.shown()]
    assert names[:3] == ['job40', 'job20', 'job21'] and len(names) == 30
    console = Console(file=io.StringIO(), width=100)
    console.print(table)
    assert '20 of 60 jobs' in console.file.getvalue()


def test_cache_of_yapf_is_written_before_jobs_start(tmp_path):
    # In a process of its own, which has not imported yapf yet.
    look = (
        'import os, pathlib\n'
        "cache = pathlib.Path(os.environ['XDG_CACHE_HOME'])\n"
        "files = cache.rglob('*.pickle')\n"
        'assert [f for f in files if f.stat().st_size]'
    )
    script = tmp_path / 'run.py'
    script.write_text(
        'from pathlib import Path\n'
        'from mmsca.apis.jobs import Job, JobRunner\n'
        f'jobs = [Job("look", ("-c", {look!r}))]\n'
        f'JobRunner(jobs, Path({str(tmp_path)!r})).run()\n'
    )
    subprocess.run(
        [sys.executable, script],
        env={**os.environ, 'XDG_CACHE_HOME': str(tmp_path / 'cache')},
        check=True,
    )
