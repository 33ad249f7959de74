import fcntl
import json
import os
import shutil
import signal
import sys
import time
from pathlib import Path
from threading import Thread

import pytest
import torch
from forked_tools import ForkingProcesses

from mmsca.comparison.execute import full_disk, work
from mmsca.comparison.fields import make_table
from mmsca.comparison.local import free_devices
from mmsca.comparison.processes import Processes, Stopped
from mmsca.comparison.project import project_root
from mmsca.comparison.run import runs_of
from mmsca.utils.errors import InputError

ALL = ['untrained_seed0', 'sca_seed0', 'untrained_seed1', 'sca_seed1']


def ended(comparison):
    lines = comparison.text.splitlines()
    return [li.removesuffix(' done') for li in lines if li.endswith(' done')]


def test_finished_runs_are_not_done_again(compare, fields, tmp_path):
    first = compare(fields)
    assert ended(first) == ALL, first.failures
    csv = first.file.with_suffix('.csv').read_text()
    assert csv.count('\n') == 9
    again = compare(fields)
    assert ended(again) == []
    assert 'noise: 4 of 4 runs have their record.' in again.text
    assert again.file.with_suffix('.csv').read_text() == csv
    # Nor when nothing but records is left.
    for folder in (tmp_path / 'work').glob('*-*'):
        shutil.rmtree(folder)
    assert ended(compare(fields)) == []


def test_a_stage_leaves_what_it_was(compare, fields, tmp_path):
    compare(fields, seeds=[1], names=['sca'])
    (folder,) = (tmp_path / 'work').glob('sca-*/seed1')
    (file,) = folder.glob('knn-*/done.json')
    done = json.loads(file.read_text())
    assert done['stage'] == 'knn' and done['seconds'] >= 0
    assert list(done['scores']) == ['kNN']
    assert done['command'][2].endswith('pretrain/epoch_3.pth')
    assert set(done) >= {'settings', 'machine', 'commit', 'dirty'}
    assert (file.parent / 'log.txt').read_text() == 'done\n'


def test_only_what_is_new_is_done(compare, fields, tmp_path):
    compare(fields)
    ages = {
        file: file.stat().st_mtime_ns
        for file in (tmp_path / 'work').rglob('done.json')
    }
    option = dict(options=['train_cfg.max_epochs=7'])
    fields['evaluations']['linear'] |= option
    assert ended(compare(fields)) == ALL
    for file, age in ages.items():
        assert file.stat().st_mtime_ns == age
    new = {f.parent.name for f in (tmp_path / 'work').rglob('done.json')}
    assert len(new) == 6  # pretrain, knn, and two each of the others


def test_failure_ends_no_other_run(compare, fields, tools):
    broken = dict(title='b', pretrain='sca/swav_r18_cifar10.py')
    fields['backbones'] |= dict(b=broken)
    train = (tools / 'train.py').read_text()
    (tools / 'train.py').write_text(
        "import sys\nif 'swav_r18' in sys.argv[1]:\n"
        "    sys.exit('no such [bold]prototype[/]')\n" + train
    )
    result = compare(fields, workers=2)
    assert sorted(ended(result)) == sorted(ALL)
    assert list(result.failures) == ['b_seed0', 'b_seed1']
    message = result.failures['b_seed0']
    assert 'no such [bold]prototype[/]' in message
    assert 'pretrain of b_seed0 ended with exit code 1' in message
    assert 'give the same command again to go on' in message
    (tools / 'train.py').write_text(train)
    assert ended(compare(fields)) == ['b_seed0', 'b_seed1']


def test_column_that_no_evaluation_writes(compare, fields):
    columns = {'kNN': 'top1.20', 'top-5': 'top5'}
    fields['evaluations']['knn']['columns'] = columns
    result = compare(fields, names=['untrained'], seeds=[0])
    assert 'holds no top5.' in result.failures['untrained_seed0']
    assert 'expected is one of top1' in result.failures['untrained_seed0']


def test_checkpoint_that_fits_no_backbone(
    compare, fields, tools, monkeypatch, tmp_path
):
    checkpoint = tmp_path / 'other.pth'
    torch.save({'encoder.weight': torch.zeros(3)}, checkpoint)
    other = dict(title='other', checkpoint=str(checkpoint))
    fields['backbones'] |= dict(other=other)
    (tools / 'knn.py').unlink()
    (tools / 'knn.py').symlink_to(project_root() / 'tools/knn.py')
    monkeypatch.setattr('mmsca.comparison.local.Processes', ForkingProcesses)
    result = compare(fields, names=['other'], seeds=[0])
    message = result.failures['other_seed0']
    assert message.startswith('error: ') and "other.pth'" in message
    assert 'give the same command again' in message


def test_nothing_to_evaluate(compare, fields, tmp_path):
    for evaluation in fields['evaluations'].values():
        evaluation['needs'] = ['splits/classes.txt']
    with pytest.raises(InputError, match='cifar10. has no splits/classes.txt'):
        compare(fields)
    fields['evaluations']['knn']['needs'] = []
    result = compare(fields, names=['untrained'], seeds=[0])
    assert 'linear is left out: ' in result.text
    assert ended(result) == ['untrained_seed0'] and not result.failures


def test_missing_data(compare, fields, tmp_path):
    fields['data_root'] = str(tmp_path / 'gone')
    with pytest.raises(InputError, match="needs CIFAR-10 in '.*gone'"):
        compare(fields)
    assert not (tmp_path / 'work').exists()


def test_full_disk(compare, fields, tmp_path, monkeypatch):
    real = os.replace

    def full(source, target):
        if 'linear' in str(target):
            raise OSError(28, 'No space left on device', str(target))
        real(source, target)

    usage = shutil.disk_usage(tmp_path)._replace(free=0)
    with monkeypatch.context() as patch:
        patch.setattr('os.replace', full)
        patch.setattr('shutil.disk_usage', lambda _: usage)
        assert full_disk(tmp_path / 'not/there') == (
            ' Its disk is full: 0 MiB are free.'
        )
        result = compare(fields, names=['sca'], seeds=[0])
    message = result.failures['sca_seed0']
    assert 'No space left on device' in message and '0 MiB' in message
    done = sorted(p.parent.name for p in tmp_path.rglob('done.json'))
    assert len(done) == 2 and done[1] == 'pretrain'
    assert ended(compare(fields, names=['sca'], seeds=[0])) == ['sca_seed0']


def test_a_run_belongs_to_one_process(tools, fields, tmp_path):
    run = runs_of(make_table('noise', fields), tmp_path / 'work')[0]
    run.folder.mkdir(parents=True)
    told = []
    with (run.folder / '.lock').open('w') as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        thread = Thread(target=work, args=(run, lambda *a: told.append(a[2])))
        thread.start()
        while not told:
            time.sleep(0.01)
        assert not list(run.folder.glob('knn*'))
    thread.join()
    assert told[0] == 'waiting for another process'
    assert told[-1] == 'done'


def test_stages_end_with_the_tool(tools, fields, tmp_path):
    run = runs_of(make_table('noise', fields), tmp_path / 'work')[0]
    assert run.stages  # and so with the tools of this test in the copy
    gate = tmp_path / 'gate'
    os.mkfifo(gate)
    text = (tools / 'knn.py').read_text()
    note = f'import os\nopen({str(gate)!r}, "w").write(str(os.getpid()))\n'
    (tools / 'knn.py').write_text(f'{note}open({str(gate)!r}).read()\n{text}')
    child = os.fork()
    if not child:
        os.setsid()
        try:
            work(run)
        finally:
            os._exit(0)
    stage = int(gate.read_text())
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    state = Path(f'/proc/{stage}/stat')
    while state.exists() and ') Z ' not in state.read_text():
        time.sleep(0.01)
    (tools / 'knn.py').write_text(text)
    work(run)
    assert run.stages[0].done()


def test_stop_ends_what_runs(tmp_path):
    processes = Processes()
    sleep = [sys.executable, '-c', 'import time; time.sleep(600)']
    process = processes.start(sleep)
    processes.stop()
    assert process.wait() == -signal.SIGTERM
    with pytest.raises(Stopped):
        processes.start(sleep)


def test_none_starts_while_others_are_stopped(compare, fields, monkeypatch):
    """As Ctrl-C does: it arrives while the first run ends."""
    stop, started = Processes.stop, []

    def slow_stop(self):
        time.sleep(0.3)  # in which the other worker would take a run
        started.append(len(self.running))
        stop(self)
        started.append(len(self.running))

    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(Processes, 'stop', slow_stop)
    monkeypatch.setattr('mmsca.comparison.compare.make_record', interrupt)
    fields['seeds'] = list(range(20))
    with pytest.raises(KeyboardInterrupt):
        compare(fields, names=['untrained'])
    # Stages of the first run, and at most of the one that was at work.
    assert started[0] <= 6 and started[0] == started[1]


def test_each_worker_has_a_gpu(monkeypatch):
    monkeypatch.setenv('CUDA_VISIBLE_DEVICES', '2,5')
    assert list(free_devices(3).queue) == ['2', '5', '2']
    monkeypatch.delenv('CUDA_VISIBLE_DEVICES')
    monkeypatch.setattr('torch.cuda.device_count', lambda: 0)
    assert list(free_devices(2).queue) == [None, None]
