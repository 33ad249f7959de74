import signal
import subprocess
import sys

import pytest
from mmengine.config import Config

from mmsca.apis.commands import data_root_options, project_root
from mmsca.apis.demo import ARMS, Demo
from mmsca.apis.jobs import Job, LastCheckpoint, shell_line
from mmsca.apis.options import parse_options
from mmsca.apis.suites import CIFAR10

PRETRAINED = [arm for arm, (_, config) in ARMS.items() if config]
CONFIGS = [
    *(ARMS[arm][1] for arm in PRETRAINED),
    'classification/r18_linear_materials.py',
    'localization/r18_gradcam_materials.py',
    'detection/mask-rcnn_r18_fpn_materials.py',
]
CIFAR10_CONFIGS = [
    'sca/swav_sca_r18_cifar10.py',
    CIFAR10.linear,
]

DETECTION = ('detection', 'detection_test')


@pytest.fixture(scope='module')
def jobs():
    demo = Demo(cfg_options=dict(detection=['train_cfg.max_epochs=1']))
    return {job.name: job for job in demo.jobs}


def needed(jobs, name):
    """All jobs that must have ended before this one."""
    before = set(jobs[name].after)
    return before.union(*(needed(jobs, other) for other in before))


def test_there_is_every_evaluation_of_every_arm(jobs):
    stages = ('linear', 'localization_test', 'knn', *DETECTION)
    names = {f'{arm}_{stage}' for stage in stages for arm in ARMS}
    names |= {f'{arm}_pretrain' for arm in PRETRAINED} | {'scenes'}
    assert set(jobs) == names


@pytest.mark.parametrize('arm', ARMS)
@pytest.mark.parametrize(
    'stage', ['localization_test', 'knn', 'detection_test']
)
def test_evaluation_waits_for_its_own_pretraining_only(jobs, stage, arm):
    before = needed(jobs, f'{arm}_{stage}')
    pretrained = {name for name in before if name.endswith('pretrain')}
    assert pretrained == ({f'{arm}_pretrain'} if arm in PRETRAINED else set())
    assert 'scenes' in before


def test_checkpoints_come_from_jobs_that_have_ended(jobs):
    for name, job in jobs.items():
        for argument in job.command:
            if isinstance(argument, LastCheckpoint):
                written = argument.work_dir / 'last_checkpoint'
                assert any(
                    written in jobs[n].products for n in needed(jobs, name)
                )


def test_arms_differ_in_the_backbone_only(jobs):
    for stage in ('linear', 'detection'):
        own = {}
        for arm in ARMS:
            job = jobs[f'{arm}_{stage}']
            work_dir = job.products[0].parent
            start, *rest = (
                a for a in job.command if 'model.backbone.init_cfg' in repr(a)
            )
            assert not rest
            own[arm] = [a for a in job.command if a not in (work_dir, start)]
        assert all(arguments == own['swav'] for arguments in own.values())


def test_options_reach_training_and_test_of_their_stage(jobs):
    for name, job in jobs.items():
        given = 'train_cfg.max_epochs=1' in job.command
        assert given == name.endswith(DETECTION)


def test_commands_name_existing_files(jobs):
    for job in jobs.values():
        for path in job.command[:2]:
            if job.name != 'scenes':
                assert path.is_file()


@pytest.mark.parametrize('name', [*CONFIGS, *CIFAR10_CONFIGS])
def test_data_root_reaches_every_path_of_a_config(name, tmp_path):
    file = project_root() / 'configs' / name
    options = data_root_options(file, tmp_path)
    cfg = Config.fromfile(file)
    root = 'data/cifar10' if 'cifar10' in name else 'data/material_scenes'
    before = cfg.pretty_text.count(root)
    assert before > 0
    cfg.merge_from_dict(parse_options(options))
    assert cfg.pretty_text.count(root) == 0
    assert cfg.pretty_text.count(str(tmp_path)) == before


def test_shell_line_can_be_pasted(tmp_path):
    (tmp_path / 'last_checkpoint').write_text('x/epoch_1.pth')
    job = Job('a', ('tools/train.py', LastCheckpoint(tmp_path, 'p'), 'b c'))
    assert shell_line(job) == (
        f"python tools/train.py p={tmp_path}/epoch_1.pth 'b c'"
    )


def test_failure_ends_the_tool_with_the_log(run_tool, tmp_path):
    data_root = tmp_path / 'photos'
    data_root.mkdir()
    (data_root / 'cat.png').write_bytes(b'')
    work_dir = tmp_path / 'demo'
    result = run_tool(
        'demo.py',
        '--work-dir',
        work_dir,
        '--data-root',
        data_root,
        check=False,
    )
    assert result.returncode == 1
    assert 'Job scenes ended with exit code 1' in result.stderr
    # What the job itself said.
    assert f'error: {data_root}' in result.stderr
    assert not list(work_dir.glob('jobs/*'))


def test_termination_stops_the_running_jobs(tmp_path):
    work_dir = tmp_path / 'demo'
    demo = subprocess.Popen(
        [sys.executable, '-u', 'tools/demo.py', '--work-dir', work_dir]
        + ['--data-root', tmp_path / 'scenes'],
        cwd=project_root(),
        stdout=subprocess.PIPE,
        text=True,
    )
    assert demo.stdout.readline() == 'scenes: running\n'
    demo.terminate()
    rest, _ = demo.communicate()
    assert rest.endswith('scenes: stopped\n')
    assert demo.returncode == 128 + signal.SIGTERM
    assert not list(work_dir.glob('jobs/*'))
