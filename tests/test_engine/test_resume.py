"""Killed anywhere and resumed, a run is the one that was never stopped."""

import multiprocessing
import os
import random
import shutil
import signal

import pytest
import torch
from mmengine.runner import Runner
from small_runs import data_root_options, logged

from mmsca.apis.train import train
from mmsca.utils.run_checkpoints import newest_whole_checkpoint

FORK = multiprocessing.get_context('fork')
PRETRAIN = 'sca/swav_sca_r18_materials'
LINEAR = 'classification/r18_linear_materials'
SMALL = [
    'model.backbone.base_channels=8',
    'model.backbone.stem_channels=8',
    'train_dataloader.num_workers=0',
    'train_dataloader.batch_size=4',
    'train_dataloader.dataset.indices=20',
    'default_hooks.logger.interval=1',
    'default_hooks.checkpoint.max_keep_ckpts=2',
]
SWAV = [
    *SMALL,
    'train_dataloader.dataset.pipeline.1.sizes=[24, 16]',
    'model.neck.in_channels=64',
    'model.head.queue_length=12',
    'model.head.queue_start=1',
    'model.memory.length=16',
    'model.memory.map_size=[3, 3]',
]
# Name: config, options, checkpoints by epoch or by iteration.
RUNS = {
    'epochs': (PRETRAIN, [*SWAV, 'train_cfg.max_epochs=3'], True, 1),
    'within epochs': (PRETRAIN, [*SWAV, 'train_cfg.max_epochs=3'], False, 2),
    'iterations': (
        PRETRAIN,
        [
            *SWAV,
            'train_cfg._delete_=True',
            'train_cfg.type=IterBasedTrainLoop',
            'train_cfg.max_iters=14',
            'train_dataloader.sampler.infinite=True',
        ],
        False,
        4,
    ),
    'validated': (
        LINEAR,
        [
            *SMALL,
            'model.head.in_channels=64',
            'model.neck.1.input_features=64',
            'model.backbone.init_cfg=None',
            'train_cfg.max_epochs=3',
            'train_cfg.val_interval=1',
            'val_dataloader.num_workers=0',
            'val_dataloader.batch_size=5',
        ],
        True,
        1,
    ),
}


class Killer:
    """Kills this process at the n-th of the calls that it counts.

    Each hook call counts, and for a checkpoint the moments with half of its
    bytes written, before it is renamed, and after.
    """

    def __init__(self, kill_at, log):
        self.kill_at = kill_at
        self.log = log
        self.calls = 0

    def count(self, name):
        self.log.write(f'{name}\n')
        self.log.flush()
        if self.calls == self.kill_at:
            os.kill(os.getpid(), signal.SIGKILL)
        self.calls += 1

    def install(self):
        call_hook, fsync, replace = Runner.call_hook, os.fsync, os.replace

        def counted_call_hook(runner, name, **kwargs):
            self.count(name)
            return call_hook(runner, name, **kwargs)

        def counted_fsync(descriptor):
            size = os.fstat(descriptor).st_size
            if self.calls == self.kill_at and size > 4096:
                os.ftruncate(descriptor, size // 2)
            self.count('write')
            fsync(descriptor)

        def counted_replace(*args, **kwargs):
            self.count('before rename')
            replace(*args, **kwargs)
            self.count('after rename')

        Runner.call_hook = counted_call_hook
        os.fsync, os.replace = counted_fsync, counted_replace


def child_main(argv, kill_at, log_file):
    # The parent has its own files for these.
    with open(os.devnull, 'w') as null, open(log_file, 'w') as log:
        os.dup2(null.fileno(), 1)
        Killer(kill_at, log).install()
        train(argv)


def run(name, data, work_dir, kill_at=None, options=(), resume=True):
    """Train in a process of its own: its exit code, and what it called."""
    config, cfg_options, by_epoch, interval = RUNS[name]
    argv = [config, '--work-dir', str(work_dir)]
    argv += ['--resume'] if resume else []
    argv += ['--cfg-options', *data_root_options(config, data), *cfg_options]
    argv += [
        f'default_hooks.checkpoint.by_epoch={by_epoch}',
        f'default_hooks.checkpoint.interval={interval}',
        *options,
    ]
    log_file = work_dir.with_suffix('.calls')
    process = FORK.Process(target=child_main, args=(argv, kill_at, log_file))
    process.start()
    process.join()
    return process.exitcode, log_file.read_text().split('\n')


def final_state(work_dir):
    """All of the last checkpoint that a run goes on from."""
    path = newest_whole_checkpoint(work_dir)
    checkpoint = torch.load(path, weights_only=False)
    state = {
        key: checkpoint[key]
        for key in ('state_dict', 'optimizer', 'param_schedulers')
    }
    meta = checkpoint['meta']
    return path.name, (meta['epoch'], meta['iter']), state


def logged_values(work_dir):
    """Values by kind and step, of all starts of a run; they must agree."""
    values = {}
    for entry in logged(work_dir):
        for key in ('time', 'data_time', 'memory'):
            entry.pop(key, None)
        step = ('loss' in entry, entry['step'])
        assert values.setdefault(step, entry) == entry
    return values


def assert_same(state, expected):
    if isinstance(expected, dict):
        assert state.keys() == expected.keys()
        for key in expected:
            assert_same(state[key], expected[key])
    elif isinstance(expected, (list, tuple)):
        for one, other in zip(state, expected, strict=True):
            assert_same(one, other)
    elif isinstance(expected, torch.Tensor):
        assert torch.equal(state, expected)
    else:
        assert state == expected


@pytest.fixture(scope='module')
def uninterrupted(material_scenes, tmp_path_factory):
    """Work directory and calls of each run, trained when asked for."""
    done = {}

    def get(name):
        if name not in done:
            work_dir = tmp_path_factory.mktemp('whole') / 'run'
            code, calls = run(name, material_scenes, work_dir)
            assert code == 0
            done[name] = work_dir, calls
        return done[name]

    return get


def kill_points(calls, count, seed):
    """Calls to be killed at: by turns in training, other hooks, writes."""
    kinds = [
        ('_train_iter',),
        ('_val', '_epoch', 'checkpoint'),
        ('write', 'rename'),
    ]
    rng = random.Random(seed)
    rng.shuffle(kinds)
    points = []
    for i in range(count):
        words = kinds[i % len(kinds)]
        of_kind = [
            number
            for number, call in enumerate(calls)
            if any(word in call for word in words)
        ]
        points.append(rng.choice(of_kind))
    return points


@pytest.mark.parametrize(
    'count', [2, pytest.param(20, marks=pytest.mark.sweep)]
)
@pytest.mark.parametrize('name', RUNS)
def test_killed_and_resumed(
    name, count, material_scenes, uninterrupted, tmp_path
):
    whole, calls = uninterrupted(name)
    expected = logged_values(whole)
    assert len(expected) > 10
    for kill_at in kill_points(calls, count, seed=f'{name} {count}'):
        work_dir = tmp_path / 'run'
        code, killed = run(name, material_scenes, work_dir, kill_at)
        assert code == -signal.SIGKILL
        assert killed[-2] == calls[kill_at]
        code, _ = run(name, material_scenes, work_dir)
        assert code == 0
        assert_same(final_state(work_dir), final_state(whole))
        assert logged_values(work_dir) == expected, calls[kill_at]
        shutil.rmtree(work_dir)


def test_workers_change_nothing(material_scenes, uninterrupted, tmp_path):
    """Two workers until the kill, none after it: still the same run."""
    whole, calls = uninterrupted('within epochs')
    work_dir = tmp_path / 'run'
    workers = [
        'train_dataloader.num_workers=2',
        'train_dataloader.persistent_workers=True',
    ]
    kill_at = kill_points(calls, 1, seed=5)[0]
    code, _ = run('within epochs', material_scenes, work_dir, kill_at, workers)
    assert code == -signal.SIGKILL
    assert run('within epochs', material_scenes, work_dir)[0] == 0
    assert_same(final_state(work_dir), final_state(whole))


def test_a_broken_checkpoint_is_passed_over(
    material_scenes, uninterrupted, tmp_path, capfd
):
    whole, _ = uninterrupted('epochs')
    work_dir = tmp_path / 'run'
    shutil.copytree(whole, work_dir)
    newest = work_dir / 'epoch_3.pth'
    newest.write_bytes(newest.read_bytes()[:-1000])
    assert run('epochs', material_scenes, work_dir)[0] == 0
    assert "epoch_3.pth' is cut off or damaged" in capfd.readouterr().err
    assert_same(final_state(work_dir), final_state(whole))
