import hashlib
import io
import json
import re
import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest
from mmengine.config import Config
from rich.console import Console

from mmsca.apis.commands import config, project_root
from mmsca.apis.comparison import Run
from mmsca.apis.jobs import Job, JobError
from mmsca.apis.records import changes, config_hash, uses_bf16
from mmsca.apis.study import Study
from mmsca.apis.study_table import known_tables, read_table
from mmsca.engine.optimizers.bf16_optim_wrapper import has_fast_bf16
from mmsca.utils.errors import InputError
from mmsca.visualization.curves import read_scalars
from mmsca.visualization.panels import read_image

OPTIONS = [
    'train_dataloader.batch_size=8',
    'train_dataloader.num_workers=0',
    'train_cfg.max_epochs=2',
]


@pytest.fixture(scope='module')
def cifar10(tmp_path_factory):
    """Noise of 32 px in class folders, as the configs expect CIFAR-10."""
    root = tmp_path_factory.mktemp('images') / 'cifar10'
    generator = np.random.default_rng(0)
    for split, number in (('train', 3), ('test', 1)):
        for label in range(10):
            folder = root / split / str(label)
            folder.mkdir(parents=True)
            for i in range(number):
                image = generator.integers(0, 255, (32, 32, 3), np.uint8)
                cv2.imwrite(str(folder / f'{i}.png'), image)
    return root


@pytest.fixture
def write_table(tmp_path, cifar10):
    """Writes a table of an untrained and a pretrained arm with two seeds."""

    def write(**fields):
        content = dict(
            title='Noise',
            suite='cifar10',
            data_root=str(cifar10),
            control='untrained',
            seeds=[0, 1],
            arms=dict(
                untrained=dict(title='untrained', config=None),
                sca=dict(
                    title='SwAV + SCA',
                    config='sca/swav_sca_r18_cifar10.py',
                    options=OPTIONS,
                ),
            ),
            compare=[('sca', 'untrained')],
            small=dict(arms=['sca'], seeds=[1]),
        )
        lines = [f'{k} = {v!r}' for k, v in (content | fields).items()]
        file = tmp_path / 'noise.py'
        file.write_text('\n'.join(lines) + '\n')
        return file

    return write


def quick_jobs(run):
    """In place of the real ones: made-up scores, and a note that it ran."""
    run.folder.mkdir(parents=True, exist_ok=True)
    value = 10.0 * run.seed + len(run.arm.name)
    scores = {
        'knn': {'top1': {'20': value}},
        'linear': {'accuracy/top1': value + 1},
    }
    before = ()
    jobs = []
    for stage, content in scores.items():
        out = run.folder / f'{stage}.json'
        code = (
            'import json, pathlib\n'
            f'assert not pathlib.Path({str(run.folder)!r}, "broken").exists()'
            f'\njson.dump({content}, open({str(out)!r}, "w"))\n'
        )
        name = f'{run.name}_{stage}'
        jobs.append(Job(name, ('-c', code), before, (out,)))
        before = (name,)
    return jobs


@pytest.fixture
def study(tmp_path, write_table, monkeypatch):
    """Runs a study of quick jobs; gives what it printed."""
    monkeypatch.setattr(Run, 'jobs', quick_jobs)

    def run(table=None, report_only=False, **kwargs):
        console = Console(file=io.StringIO(), width=200)
        study = Study(
            [table or write_table()],
            work_dir=tmp_path / 'work',
            records=tmp_path / 'records',
            workers=1,
            console=console,
            **kwargs,
        )
        try:
            study.report() if report_only else study.run()
        finally:
            run.text = console.file.getvalue()
        return run.text

    return run


def ran(text):
    """Names of the runs whose first job was started."""
    lines = [li for li in text.splitlines() if li.endswith('_knn: running')]
    return [
        li.removeprefix('noise_').removesuffix('_knn: running') for li in lines
    ]


ALL = ['untrained_seed0', 'sca_seed0', 'untrained_seed1', 'sca_seed1']


def test_finished_runs_are_not_run_again(study, tmp_path):
    text = study()
    assert ran(text) == ALL  # one seed of every arm before the next
    files = sorted((tmp_path / 'records' / 'noise').iterdir())
    assert [file.stem for file in files] == sorted(ALL)
    report = (tmp_path / 'records' / 'noise.md').read_text()
    # 9 and 19 for the untrained one, 3 and 13 for the other.
    assert '| untrained (control) | 2 | 14.0 ± 63.5 | 15.0 ± 63.5 |' in report
    assert '| SwAV + SCA − untrained | 2 | -6.0 ± 0.0 | -6.0 ± 0.0 |' in report

    assert ran(study()) == []
    shutil.rmtree(tmp_path / 'work')
    assert ran(study()) == []
    assert 'noise: 4 of 4 runs have their record.' in study.text
    assert (tmp_path / 'records' / 'noise.md').read_text() == report


def test_only_what_has_no_record_runs(study, tmp_path):
    study()
    record = tmp_path / 'records/noise/sca_seed1.json'
    before = record.read_text()
    record.unlink()
    # Its jobs are done, so that the record is written from what they left.
    assert ran(study()) == []
    assert json.loads(record.read_text()) == json.loads(before)
    record.unlink()
    shutil.rmtree(tmp_path / 'work')
    assert ran(study()) == ['sca_seed1']


def test_failure_loses_no_finished_run(study, tmp_path):
    broken = tmp_path / 'work/noise/untrained/seed1/broken'
    broken.parent.mkdir(parents=True)
    broken.touch()
    with pytest.raises(JobError):
        study()
    files = (tmp_path / 'records/noise').iterdir()
    assert {file.stem for file in files} == {'untrained_seed0', 'sca_seed0'}
    broken.unlink()
    assert ran(study()) == ALL[2:]


def test_changed_configs_run_again_and_are_never_mixed(
    study, write_table, tmp_path
):
    mine = tmp_path / 'mine.py'
    base = config('sca/swav_sca_r18_cifar10.py').resolve()
    mine.write_text(f'_base_ = {str(base)!r}\n')
    arms = dict(
        untrained=dict(title='untrained', config=None),
        sca=dict(title='SwAV + SCA', config=str(mine)),
    )
    table = write_table(arms=arms)
    study(table)
    kept = tmp_path / 'work/noise/sca/seed0/epoch_1.pth'
    kept.touch()
    mine.write_text(f'# Another comment.\n_base_ = {str(base)!r}\n')
    config_hash.cache_clear()
    assert ran(study(table)) == []
    assert kept.exists()

    mine.write_text(f'_base_ = {str(base)!r}\nmodel = dict(weight=0.1)\n')
    config_hash.cache_clear()
    study(table, report_only=True)
    message = 'noise_sca_seed0: the record is from before a change (config of '
    assert message + 'pretrain) and does not count.' in study.text
    report = (tmp_path / 'records/noise.md').read_text()
    assert 'untrained (control) | 2' in report and 'SwAV + SCA |' not in report
    assert ran(study(table)) == ['sca_seed0', 'sca_seed1']
    assert message in study.text
    # The checkpoints of the old config are gone, too.
    assert 'sca/seed0 is from before a change' in study.text
    assert not kept.exists()

    arms['sca']['options'] = OPTIONS
    assert ran(study(write_table(arms=arms))) == ['sca_seed0', 'sca_seed1']
    assert 'before a change (options)' in study.text


def test_changes_of_evaluations():
    old = dict(
        hashes=dict(pretrain='a', linear='b'), options=[], scenes_args=[]
    )
    new = dict(old, hashes=dict(pretrain='a', linear='b', detection='c'))
    # A record may lack an evaluation, or have one more.
    assert changes(old, new) == changes(new, old) == []
    other = dict(old, hashes=dict(pretrain='a', linear='x'))
    assert changes(old, other) == ['config of linear']
    untrained = dict(old, hashes=dict(linear='b'), scenes_args=['--seed', '1'])
    assert changes(old, untrained) == ['config of pretrain', 'scenes_args']


def test_hash_is_that_of_the_fields():
    file = config('sca/swav_sca_r18_cifar10.py')
    text = json.dumps(Config.fromfile(file).to_dict(), sort_keys=True)
    expected = hashlib.sha256(text.encode()).hexdigest()[:16]
    assert config_hash(file) == expected


def test_part_of_a_table(study, tmp_path):
    assert ran(study(arms=['sca'], seeds=[1])) == ['sca_seed1']
    assert 'noise: 0 of 1 runs' in study.text
    assert ran(study(arms=['sca'])) == ['sca_seed0']
    # The report is on all records.
    report = (tmp_path / 'records/noise.md').read_text()
    assert '| SwAV + SCA | 2 |' in report


def test_arm_with_fewer_seeds(study, write_table):
    arms = dict(
        untrained=dict(title='untrained', config=None, seeds=[1]),
        sca=dict(title='SCA', config='sca/swav_sca_r18_cifar10.py'),
    )
    assert ran(study(write_table(arms=arms))) == [
        'sca_seed0',
        'untrained_seed1',
        'sca_seed1',
    ]


def test_seeds_of_the_untrained_backbone_differ(write_table, tmp_path):
    study = Study([write_table()], work_dir=tmp_path)
    (run,) = [
        r
        for r in study._runs(study.tables[0])
        if r.name.endswith('_untrained_seed1')
    ]
    draws = {'linear', 'knn'}  # the test reads what `linear` trained
    seeded = {
        job.name.removeprefix(f'{run.name}_')
        for job in run.jobs()
        if 'randomness.seed=1' in job.command
    }
    assert seeded == draws


def test_report_only_runs_nothing(study, tmp_path):
    assert 'noise: there are no records yet.' in study(report_only=True)
    assert not (tmp_path / 'work').exists()
    study(seeds=[0])
    (tmp_path / 'records/noise.md').unlink()
    assert ran(study(report_only=True)) == []
    assert (
        'untrained (control) | 1 |'
        in (tmp_path / 'records/noise.md').read_text()
    )


def test_a_seed_is_trained_by_the_tools(
    run_tool, write_table, cifar10, tmp_path
):
    file, work_dir = write_table(), tmp_path / 'work'
    published = tmp_path / 'published'
    arguments = (file, '--small', '--work-dir', work_dir)
    arguments += ('--records', published, '--workers', 1)
    process = run_tool('run_study.py', *arguments)
    record_file = work_dir / 'records/noise/sca_seed1.json'
    assert [record_file] == list((work_dir / 'records/noise').iterdir())
    text = record_file.read_text()
    # Nothing tells where on this machine it was.
    for path in (tmp_path, cifar10, project_root(), Path.home()):
        assert str(path) not in text
    record = json.loads(text)
    assert record['config'] == 'configs/sca/swav_sca_r18_cifar10.py'
    assert (record['seed'], record['options']) == (1, OPTIONS)
    folder = work_dir / 'noise/sca/seed1'
    knn = json.loads((folder / 'knn.json').read_text())
    linear = json.loads((folder / 'linear.json').read_text())
    assert record['scores'] == dict(
        kNN=round(knn['top1']['20'], 4),
        linear=round(linear['accuracy/top1'], 4),
    )
    assert (knn['num_train'], knn['num_test']) == (30, 10)
    # Two epochs of a step each, to four decimals.
    _, losses = read_scalars(folder / 'pretrain', 'loss')
    assert len(losses) == 2
    assert record['loss'] == pytest.approx(losses, abs=1e-4)
    assert list(record['hashes']) == ['pretrain', 'linear']
    stages = ['pretrain', 'linear', 'linear_test', 'knn']
    assert list(record['seconds']) == stages
    starts = ['train.py', 'train.py', 'test.py', 'knn.py']
    for line, tool in zip(record['commands'], starts, strict=True):
        assert line.startswith(f'python tools/{tool} configs/')
        assert 'data_root=data/cifar10' in line
    assert record['machine']['bf16'] == has_fast_bf16('cpu')
    assert read_image(work_dir / 'records/noise.png').size > 0

    # As if the same had been published, with another seed beside.
    shutil.copytree(work_dir / 'records/noise', published / 'noise')
    other = dict(record, seed=0, scores=dict(kNN=90.0, linear=95.0))
    (published / 'noise/sca_seed0.json').write_text(json.dumps(other))
    process = run_tool('run_study.py', *arguments, '--report-only')
    here = f'{record["scores"]["kNN"]:.1f}'
    row = f'| sca | 1 | kNN | {here} | {here} | {here} to 90.0 (2) |'
    assert row in process.stdout
    assert row in (work_dir / 'records/noise.md').read_text()
    assert not (published / 'noise.md').exists()


def test_photographs_of_coco_without_labels(
    run_tool, write_table, material_scenes, tmp_path, monkeypatch
):
    coco = tmp_path / 'data/coco'
    (coco / 'annotations').mkdir(parents=True)
    for split in ('train', 'val'):
        source = material_scenes / f'annotations/masks_{split}.json'
        content = json.loads(source.read_text())
        (coco / f'{split}2017').mkdir()
        for image in content['images']:
            old = image['file_name']
            image['file_name'] = f'{image["id"]:012}.png'
            new = coco / f'{split}2017' / image['file_name']
            shutil.copy(material_scenes / old, new)
        target = coco / f'annotations/instances_{split}2017.json'
        target.write_text(json.dumps(content))
    # What its README says makes the folder.
    readme = (project_root() / 'configs/localization/README.md').read_text()
    (recipe,) = re.findall('```python\n(.*?)```', readme, re.DOTALL)
    monkeypatch.chdir(tmp_path)
    exec(recipe.replace('[:100]', '[:12]'), {})
    root = tmp_path / 'data/coco_first100'
    assert len(list((root / 'train2017').iterdir())) == 12

    arm = dict(title='SwAV', config='sca/swav_r18_coco.py', options=OPTIONS)
    file = write_table(
        suite='coco',
        data_root=str(root),
        control='swav',
        arms=dict(swav=arm),
        compare=[],
        seeds=[0],
        small=dict(arms=[], seeds=[]),
    )
    folders = ('--work-dir', tmp_path / 'work', '--records', tmp_path)
    run_tool('run_study.py', file, *folders, '--workers', 1)
    record = json.loads((tmp_path / 'noise/swav_seed0.json').read_text())
    assert len(record['commands']) == 2
    results = tmp_path / 'work/noise/swav/seed0/localization.json'
    metrics = json.loads(results.read_text())
    assert record['scores'] == {
        name: round(metrics[f'cam/{name}'], 4)
        for name in ('MaxBoxAccV2', 'CorLoc', 'PxAP', 'pointing')
    }


def test_precision_follows_the_options():
    file = config('sca/swav_r18_cifar10.py')
    assert uses_bf16(file, []) == has_fast_bf16('cpu')
    assert not uses_bf16(file, ['optim_wrapper.type=OptimWrapper'])
    assert not uses_bf16(None, [])


@pytest.mark.parametrize('file', known_tables(), ids=lambda file: file.stem)
def test_tables_of_the_project(file, tmp_path):
    table = read_table(file)
    assert not table.small_arms or table.control in table.small_arms
    study = Study([file], work_dir=tmp_path)
    for run in study._runs(table):
        for job in run.jobs():
            assert all(path.is_file() for path in job.command[:2])
        if run.arm.config:
            cfg = Config.fromfile(run.arm.config)
            pairs = (option.split('=') for option in run.arm.options)
            cfg.merge_from_dict(dict(pairs))


@pytest.mark.parametrize(
    'fields, message',
    [
        (dict(control='swav'), '`control` of the table .* names .swav.'),
        (dict(compare=[('sca', 'moco')]), '`compare` of .* names .moco.'),
        (dict(suite='voc'), '`suite` .* names .voc.. .* materials, .*cifar10'),
        (
            dict(suite='coco'),
            "arm 'untrained' .* has config=None, but the suite 'coco' tests",
        ),
        (dict(small=dict(arms=['x'], seeds=[0])), '`small.arms` .* names .x.'),
        (dict(small=dict(arms=[], seeds=[7])), '`small.seeds` .* names 7'),
        (dict(arms={}), '`control` of the table .* names .untrained.'),
        (
            dict(arms=dict(a=dict(title='a', config='sca/x.py'))),
            "arm 'a' .* names the config 'sca/x.py', which does not exist",
        ),
        (
            dict(arms=dict(a=dict(title='a', config=None, detection=True))),
            "arm 'a' .* has detection=True, but the suite 'cifar10'",
        ),
        (
            dict(arms=dict(a=dict(title='a', config=None, epochs=3))),
            "arm 'a' .* has epochs. Expected are config, detection",
        ),
        (dict(arms=dict(a=dict(title='a'))), "arm 'a' .* has no `config`"),
    ],
)
def test_bad_table(write_table, fields, message):
    with pytest.raises(InputError, match=message):
        read_table(write_table(**fields))


def test_table_without_a_small_subset(write_table, monkeypatch):
    file = write_table(small=dict(arms=[], seeds=[]))
    with pytest.raises(InputError, match='--small: the table noise has no'):
        Study([file], small=True)
    monkeypatch.setattr('mmsca.apis.study.known_tables', lambda: [file])
    assert Study(small=True).tables == []


def test_missing_field(tmp_path):
    file = tmp_path / 'table.py'
    file.write_text("title = 'Empty'\n")
    with pytest.raises(InputError, match='has no `suite`. Expected are title'):
        read_table(file)


def test_unknown_names(write_table):
    with pytest.raises(
        InputError, match="'x.py' does not exist. .*cifar10.py"
    ):
        Study([Path('x.py')])
    file = write_table()
    with pytest.raises(
        InputError, match='has the arm swav. .* untrained, sca'
    ):
        Study([file], arms=['swav'])
    with pytest.raises(InputError, match='has the seed 9. Expected are 0, 1'):
        Study([file], seeds=[9])
    with pytest.raises(InputError, match="Two tables have the name 'noise'"):
        Study([file, file])


def test_tables_that_want_other_scenes_in_one_folder(write_table):
    one = write_table(suite='materials', scenes_args=['--seed', '1'])
    other = one.with_name('other.py')
    other.write_text(one.read_text().replace("'1'", "'2'"))
    with pytest.raises(InputError, match='other `scenes_args` for the same'):
        Study([one, other])


def test_missing_images(study, write_table, tmp_path, monkeypatch):
    gone = tmp_path / 'gone'
    file = write_table(data_root=str(gone))
    with pytest.raises(InputError, match=f"needs CIFAR-10 in '{gone}', as"):
        study(file)
    # Of all tables, only those that can be run are.
    monkeypatch.setattr('mmsca.apis.study.known_tables', lambda: [file])
    console = Console(file=io.StringIO(), width=400)
    reports = Study(work_dir=tmp_path / 'work', console=console).run()
    assert reports == []
    assert f"Skipped: The table 'noise' needs CIFAR-10 in '{gone}'" in (
        console.file.getvalue()
    )
    assert not (tmp_path / 'work').exists()
