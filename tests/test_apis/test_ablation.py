import csv
import json
import re
from pathlib import Path

import pytest

from mmsca.apis.ablation import Ablation
from mmsca.apis.jobs import LastCheckpoint
from mmsca.visualization.panels import read_image

CONFIGS = [
    Path('configs/sca/swav_r18_materials.py'),
    Path('configs/sca/swav_sca_r18_materials.py'),
]
SWAV, SCA = (file.stem for file in CONFIGS)
STAGES = ('pretrain', 'linear', 'localization_test', 'knn')
SMALL = (
    'train_dataloader.batch_size=8',
    'train_dataloader.num_workers=0',
    'train_cfg.max_epochs=2',
)


@pytest.fixture(params=[False, True], ids=['', 'detection'])
def jobs(tmp_path, request):
    ablation = Ablation(
        CONFIGS,
        seeds=(3, 4),
        work_dir=tmp_path,
        data_root=tmp_path / 'scenes',
        pretrain_options=SMALL,
        detection=request.param,
    )
    return {job.name: job for job in ablation.jobs()}


def test_there_is_every_evaluation_of_every_seed(jobs, request):
    stages = STAGES
    if 'detection' in request.node.callspec.id:
        stages += ('detection', 'detection_test')
    names = {
        f'{name}_seed{seed}_{stage}'
        for name in (SWAV, SCA)
        for seed in (3, 4)
        for stage in stages
    }
    assert set(jobs) == names | {'scenes'}


def test_jobs_are_linked_within_their_config_and_seed(jobs):
    for name, job in jobs.items():
        if name == 'scenes':
            continue
        start, stage = re.fullmatch(r'(.*_seed\d)_(.*)', name).groups()
        if stage == 'pretrain':
            assert job.after == ('scenes',)
            assert '--resume' in job.command
            assert set(SMALL) <= set(job.command)
            continue
        assert not set(SMALL) & set(job.command)
        # The checkpoint is that of the job it waits for.
        (checkpoint,) = (
            a for a in job.command if isinstance(a, LastCheckpoint)
        )
        sources = dict(localization_test='linear', detection_test='detection')
        source = sources.get(stage, 'pretrain')
        assert job.after == (f'{start}_{source}',)
        assert jobs[job.after[0]].products == (
            checkpoint.work_dir / 'last_checkpoint',
        )


def test_no_two_jobs_write_the_same_file(jobs):
    products = [product for job in jobs.values() for product in job.products]
    assert len(set(products)) == len(products)


def test_commands_differ_between_seeds_in_the_seed_only(jobs):
    for name, job in jobs.items():
        if '_seed3_' in name:
            other = jobs[name.replace('_seed3_', '_seed4_')]
            command = repr(job.command).replace('seed3', 'seed4')
            command = command.replace('randomness.seed=3', 'randomness.seed=4')
            assert command == repr(other.command)
            draws = not name.endswith('_test')
            assert ('randomness.seed=3' in job.command) == draws


@pytest.fixture(scope='module')
def ablate(run_tool, material_scenes, tmp_path_factory):
    """Runs an ablation of a few iterations; always in the same folder."""
    work_dir = tmp_path_factory.mktemp('ablation')

    def run(*configs, options=(), check=True):
        process = run_tool(
            'run_ablation.py',
            *(configs or CONFIGS),
            '--control',
            CONFIGS[0],
            '--seeds',
            1,
            '--work-dir',
            work_dir,
            '--data-root',
            material_scenes,
            '--cfg-options-pretrain',
            *SMALL,
            *options,
            check=check,
        )
        return process, work_dir

    return run


@pytest.fixture(scope='module')
def finished(ablate):
    return ablate()


def states(process):
    """Last state of every job."""
    lines = process.stdout.splitlines()
    return dict(li.split(': ') for li in lines if '_seed1_' in li)


def test_report_shows_what_the_evaluations_wrote(finished):
    process, work_dir = finished
    assert set(states(process).values()) == {'done'}
    with (work_dir / 'ablation.csv').open(newline='') as f:
        values = {
            (row['config'], row['metric']): float(row['value'])
            for row in csv.DictReader(f)
        }
    assert len(values) == 8
    for name in (SWAV, SCA):
        folder = work_dir / name / 'seed1'
        knn = json.loads((folder / 'knn.json').read_text())
        assert values[name, 'kNN'] == knn['top1']['20']
        file = folder / 'localization.json'
        localization = json.loads(file.read_text())
        assert values[name, 'linear'] == localization['accuracy/top1']
        assert localization['cam/threshold_from'] == 'val'
        for metric in ('MaxBoxAccV2', 'pointing'):
            assert values[name, metric] == localization[f'cam/{metric}']
    report = (work_dir / 'ablation.md').read_text()
    assert f'| {SWAV} | {values[SWAV, "kNN"]:.1f} |' in report
    assert f'{CONFIGS[1]} --work-dir {work_dir}/{SCA}/seed1/pre' in report
    assert read_image(work_dir / 'ablation.png').std() > 1
    assert f'difference to {SWAV}' in process.stdout
    table = process.stdout[process.stdout.index('MaterialScenes, test') :]
    table = table[: table.index('The report')]
    assert max(map(len, table.splitlines())) <= 79


def test_second_run_runs_nothing(finished, ablate):
    process, work_dir = finished
    before = (work_dir / 'ablation.md').read_text()
    again, _ = ablate()
    assert set(states(again).values()) == {'done before'}
    assert 'running' not in again.stdout
    assert (work_dir / 'ablation.md').read_text() == before


def test_killed_pretraining_goes_on_and_its_evaluations_follow(
    finished, ablate
):
    _, work_dir = finished
    before = (work_dir / 'ablation.csv').read_text()
    # As after a kill in the second epoch.
    (work_dir / 'jobs' / f'{SCA}_seed1_pretrain.json').unlink()
    (work_dir / SCA / 'seed1/pretrain/epoch_2.pth').unlink()
    process, _ = ablate()
    expected = {f'{SWAV}_seed1_{s}': 'done before' for s in STAGES}
    expected |= {f'{SCA}_seed1_{s}': 'done' for s in STAGES}
    assert states(process) == expected
    log = (work_dir / 'logs' / f'{SCA}_seed1_pretrain.log').read_text()
    assert 'Epoch(train) [2]' in log and 'Epoch(train) [1]' not in log
    assert (work_dir / 'ablation.csv').read_text() == before


def test_other_options_in_the_same_folder_are_refused(finished, ablate):
    process, work_dir = ablate(options=['model.weight=0'], check=False)
    assert process.returncode == 1
    assert f"error: '{work_dir / SWAV}/seed1' holds a run of" in process.stderr
    assert 'Traceback' not in process.stderr


@pytest.fixture
def fails(run_tool, tmp_path):
    def run(*args):
        process = run_tool(
            'run_ablation.py', *args, '--work-dir', tmp_path / 'w', check=False
        )
        assert process.returncode == 1
        assert process.stderr.startswith('error: ')
        assert 'Traceback' not in process.stderr
        assert not (tmp_path / 'w').exists()
        return process.stderr

    return run


def test_two_configs_of_the_same_name(fails, tmp_path):
    twin = tmp_path / CONFIGS[0].name
    twin.touch()
    message = fails(CONFIGS[0], twin)
    assert f"'{CONFIGS[0]}' and '{twin}' have the same name" in message


def test_missing_config(fails):
    message = fails(CONFIGS[0], 'configs/sca/nowhere.py')
    assert "'configs/sca/nowhere.py' does not exist" in message


def test_control_that_is_not_among_the_configs(fails):
    message = fails(CONFIGS[0], '--control', CONFIGS[1])
    assert f"control '{CONFIGS[1]}' is not among the configs" in message


def test_failure_ends_the_tool_with_the_log(run_tool, tmp_path):
    config = tmp_path / 'mine.py'
    config.write_text("default_scope = 'mmpretrain'\n")
    data_root = tmp_path / 'scenes'
    data_root.mkdir()
    (data_root / 'meta.json').touch()
    process = run_tool(
        'run_ablation.py',
        *(config, '--seeds', 0, '--work-dir', tmp_path / 'work'),
        *('--data-root', data_root),
        check=False,
    )
    assert process.returncode == 1
    assert 'has no train_dataloader or train_cfg' in process.stderr
    assert 'Job mine_seed0_pretrain ended with exit code 1' in process.stderr
