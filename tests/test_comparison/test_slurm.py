"""A job array on a real cluster of one node."""

import importlib.util
import os
import subprocess
from threading import Event, Thread

import pytest

from mmsca.comparison.slurm import queue
from mmsca.utils.errors import InputError

needs_submitit = pytest.mark.skipif(
    importlib.util.find_spec('submitit') is None,
    reason='no submitit: pip install submitit',
)


@needs_submitit
def test_job_array_is_cancelled_and_goes_on(
    cluster, compare, fields, tools, monkeypatch, tmp_path
):
    monkeypatch.setattr('mmsca.comparison.slurm.SECONDS', 0.2)
    # Its second seed waits in the linear classifier for what never comes.
    gate, train = tmp_path / 'gate', tools / 'train.py'
    os.mkfifo(gate)
    text = train.read_text()
    train.write_text(
        'import sys\n'
        'if "linear" in sys.argv[1] and "seed1" in " ".join(sys.argv):\n'
        f'    open({str(gate)!r}).read()\n{text}'
    )
    backbones = dict(sca=fields['backbones']['sca'])
    fields |= dict(backbones=backbones, control='sca')

    def cancel():
        with gate.open('w'):  # it waits now
            (job,) = (job for job in queue() if job.endswith('_1'))
            subprocess.run(['scancel', job], check=True)
            over.wait()

    over = Event()
    thread = Thread(target=cancel, daemon=True)
    thread.start()
    slurm = dict(partition='main', time='10', cpus_per_task='1')
    result = compare(fields, slurm=slurm)
    assert list(result.failures) == ['sca_seed1'], result.failures
    over.set()
    thread.join()
    assert 'give the same command again' in result.failures['sca_seed1']
    assert 'sca_seed0 done' in result.text
    assert 'noise: 0 of 2 runs' in result.text
    train.write_text(text)
    ages = {f: f.stat().st_mtime_ns for f in tmp_path.rglob('done.json')}
    again = compare(fields, slurm=slurm)
    assert again.failures == {}
    assert 'noise: 1 of 2 runs' in again.text
    for file, age in ages.items():
        assert file.stat().st_mtime_ns == age
    assert queue() == {}
    # The same as on this machine alone.
    csv = again.file.with_suffix('.csv').read_text()
    (tmp_path / 'work').rename(tmp_path / 'old')
    assert compare(fields).file.with_suffix('.csv').read_text() == csv


@needs_submitit
def test_unknown_parameter(cluster, compare, fields):
    with pytest.raises(InputError, match='--slurm: .*partitoin'):
        compare(fields, slurm=dict(partitoin='main'))


@needs_submitit
def test_no_slurm(compare, fields, monkeypatch, tmp_path):
    monkeypatch.setenv('PATH', str(tmp_path))
    with pytest.raises(InputError, match='--slurm: .*srun'):
        compare(fields, slurm=dict(partition='main'))
