"""What users get wrong ends with a sentence and an exit code.

A row of the tables is a command and what its sentence holds; names in braces
are those of the fixture `places`. The tools run in this process, a few below
in their own.
"""

import contextlib
import io
import runpy
import shlex
import signal
import sys
import tempfile
from pathlib import Path

import pytest
import torch

ROOT = Path(__file__).parents[2]
BACKBONE = 'model.backbone.init_cfg.checkpoint'
FILES = {
    'syntax.py': 'model = dict(\n',
    'raises.py': 'x = 1\ny = x / 0\n',
    'exits.py': 'raise SystemExit(0)\n',
    'no_base.py': "_base_ = 'gone.py'\n",
    'circle.py': "_base_ = 'circle.py'\n",
    'notes.txt': 'model = None\n',
    'no_scope.py': "model = dict(type='ResNet')\n",
    'our_scope.py': "default_scope = 'mmsca'\n",
    'other_scope.py': "default_scope = 'mmpretrain'\n"
    "model = dict(type='mmdet.MaskRCNN')\n",
    'name.py': "_base_ = '{sca}'\noptim_wraper = dict(type='X')\n",
    'argument.py': "_base_ = '{sca}'\nmodel = dict(head=dict(epsilom=1))\n",
    'type.py': "_base_ = '{sca}'\nmodel = dict(type='mmsca.SwAVSC')\n",
    'value.py': "_base_ = '{sca}'\nmodel = dict(head=dict(epsilon=0))\n",
    'size.py': "_base_ = '{sca}'\n"
    'train_dataloader = dict(dataset=dict(pipeline=[dict(\n'
    "    type='mmsca.MultiCrop', num_crops=[2], sizes=[0])]))\n",
    'preprocessor.py': "_base_ = '{sca}'\n"
    'model = dict(data_preprocessor=dict(tipe=1))\n',
    'transform.py': "_base_ = '{sca}'\n"
    'train_dataloader = dict(dataset=dict(pipeline=[dict(\n'
    "    type='mmsca.MultiCrops')]))\n",
    'table.py': "title = 'x'\n",
    'rest.npz': '',
    'afile': '',
}

CONFIGS = [
    ('train {tmp}/syntax.py', "syntax.py', line 1 is not Python"),
    ('train {tmp}/raises.py', "raises.py', line 2 can not be read: ZeroDiv"),
    ('train {tmp}/exits.py', "exits.py', line 1 can not be read: SystemExit"),
    ('train {tmp}/no_base.py', "no_base.py' inherits"),
    ('train {tmp}/circle.py', 'inherits itself'),
    ('train {tmp}/notes.txt', 'ends in none of .py'),
    ('train {tmp}', 'is a folder'),
    ('train {tmp}/no_scope.py', 'default_scope=None'),
    ('train {tmp}/our_scope.py', "'mmpretrain' (pretraining"),
    ('train {tmp}/other_scope.py', "Set default_scope='mmdet'"),
    ('train {tmp}/name.py', 'sets optim_wraper, which nothing reads'),
    ('train {tmp}/argument.py', 'model.head.epsilom is no argument of SwAVH'),
    ('train {tmp}/type.py', "model.type is 'mmsca.SwAVSC'"),
    ('train {tmp}/value.py', 'model.head.epsilon is 0. Expected a number ab'),
    ('knn gone.py x', "'gone.py' does not exist"),
    ('test gone.py x', "'gone.py' does not exist"),
    ('extract_features gone.py x {data} {tmp}/o.npz', "'gone.py' does not"),
    ('voc_svm gone.py x {voc}', "'gone.py' does not exist"),
    ('attention_statistics gone.py x', "'gone.py' does not exist"),
    ('visualize_attention gone.py x {img} {img}', "'gone.py' does not exist"),
    ('browse_views gone.py', "'gone.py' does not exist"),
    ('compare gone.py', "'gone.py' does not exist"),
    ('compare {tmp}/syntax.py', 'is not Python'),
    ('compare {tmp}/table.py', 'no evaluations'),
]
CHECKPOINTS = [
    ('train {linear} {split} --resume gone.pth', 'gone.pth'),
    ('train {linear} {split}', f'{BACKBONE}='),
    (f'train {{linear}} {{split}} {BACKBONE}=gone.pth', "'gone.pth'"),
    (f'train {{linear}} {{split}} {BACKBONE}={{foreign}}', 'encoder.conv1'),
    (f'train {{linear}} {{split}} {BACKBONE}={{cut}}', '{cut}'),
    ('train {detection} {split}', f'{BACKBONE}='),
    ('test {linear} gone.pth', "'gone.pth' does not exist"),
    ('test {linear} https://host/a.pth', 'on this machine'),
    ('test {linear} {cut} {tested}', '{cut}'),
    ('test {linear} {tmp}/afile {tested}', 'cut off or no PyTorch file'),
    ('test {linear} {tmp}/notes.txt {tested}', 'cut off or no PyTorch file'),
    ('test {linear} {foreign} {tested}', 'lacks backbone.conv1.weight'),
    ('train {sca} --resume https://host/a.pth', 'on this machine'),
    ('train {sca} --resume {cut} {few}', 'is cut off or damaged'),
    ('train {sca} --resume {foreign} {few}', 'it has no meta, message_hub'),
    ('train {sca} {few} load_from={foreign}', 'covers 0 of'),
    (
        'train {sca} {few} model.backbone.init_cfg.type=Pretrained '
        'model.backbone.init_cfg.checkpoint={foreign}',
        'covers 0 of',
    ),
    ('knn {linear} gone.pth', "'gone.pth'"),
    ('knn {linear} {cut}', '{cut}'),
    ('knn {linear} {foreign}', 'encoder.conv1'),
    ('extract_features {linear} gone.pth {data} {tmp}/o.npz', "'gone.pth'"),
    ('voc_svm {linear} gone.pth {voc}', "'gone.pth'"),
    ('attention_statistics {watched} gone.pth', "'gone.pth'"),
    ('visualize_attention {sca} gone.pth {img} {img}', "'gone.pth'"),
    ('convert_swav gone.pth {tmp}/new.pth', "'gone.pth'"),
    ('convert_swav {cut} {tmp}/new.pth', '{cut}'),
    ('export_backbone gone.pth {tmp}/new.pth --to timm', "'gone.pth'"),
    ('export_backbone {cut} {tmp}/new.pth --to timm', '{cut}'),
    ('inspect_checkpoint gone.pth', "'gone.pth'"),
    ('inspect_checkpoint {cut}', '{cut}'),
    ('inspect_checkpoint {foreign}', 'holds no backbone that is known'),
]
FIELDS = [
    # Values.
    ('train {sca} {options} model.head.num_prototypes=0', 'prototypes is 0.'),
    ('train {sca} {options} model.backbone.depth=17', 'backbone.depth=17'),
    (
        'train {sca} {options} train_dataloader.batch_size=x',
        "batch_size is 'x",
    ),
    ('test {linear} x --cfg-options randomness.seed=-1', 'seed is -1.'),
    ('knn {linear} x --cfg-options model.backbone.depth=1.5', 'depth is 1.5.'),
    ('knn {linear} x --k 0', '0 is not a whole number of 1 or'),
    ('knn {linear} none --cfg-options model.backbone.depth=17', 'depth=17'),
    (
        'extract_features {linear} x {data} {tmp}/o.npz --cfg-options '
        'test_dataloader.batch_size=0',
        'batch_size is 0.',
    ),
    ('voc_svm {linear} x {voc} --draws 0', '0 is not a whole number of'),
    (
        'voc_svm {linear} x {voc} --cfg-options test_dataloader.num_workers=x',
        "num_workers is 'x'.",
    ),
    (
        'attention_statistics {watched} x --cfg-options model.head.epsilon=0',
        'model.head.epsilon is 0.',
    ),
    ('visualize_attention {tmp}/value.py x {img} {img}', 'epsilon is 0.'),
    ('browse_views {tmp}/size.py', 'sizes is [0].'),
    ('make_material_scenes {tmp}/new --size 1', 'size is 1, but must be at'),
    ('make_material_scenes {tmp}/new --object-size 0.8 0.2', 'object_size is'),
    ('knn {linear} x --temperature nan', '--temperature must be above 0'),
    ('test {linear} x --interval 0', 'argument --interval: 0 is not'),
    ('visualize_attention {sca} x {img} {img} --size 0', '--size: 0 is not'),
    ('browse_views {sca} --number x', 'argument --number: x is not'),
    ('compare {sca} --workers 0', '0 is not a whole number of'),
    # Unknown types.
    ('train {sca} {options} model.type=mmsca.SwAVSC', "'mmsca.SwAVSCA'?"),
    (
        'train {sca} {options} model.backbone.type=mmpretrain.ResNett',
        "Did you mean 'mmpretrain.ResNet'?",
    ),
    ('train {sca} {options} train_cfg.type=mmsca.Nope', 'registry of loops'),
    (
        'train {sca} {options} default_hooks.frozen.type=mmsca.FreezHook',
        "Did you mean 'mmsca.FreezeHook'?",
    ),
    (
        'train {sca} {few} optim_wrapper.optimizer.type=AdamX',
        "optimizer.type is 'AdamX'",
    ),
    (
        'test {linear} {foreign} --cfg-options model.head.type=Lin',
        "model.head.type is 'Lin'",
    ),
    (
        'knn {linear} none --cfg-options model.backbone.type=ResNett',
        "model.backbone.type is 'ResNett'",
    ),
    (
        'extract_features {linear} none {data} {tmp}/o.npz --cfg-options '
        'model.backbone.type=ResNett',
        "model.backbone.type is 'ResNett'",
    ),
    (
        'voc_svm {linear} none {voc} --cfg-options model.neck.0.type=Pool',
        "model.neck.0.type is 'Pool'",
    ),
    (
        'attention_statistics {watched} x --cfg-options model.head.type=Head',
        "model.head.type is 'Head'",
    ),
    ('visualize_attention {tmp}/type.py x {img} {img}', "'mmsca.SwAVSCA'?"),
    (
        'browse_views {tmp}/transform.py {to}{data}',
        "pipeline.0.type is 'mmsca.MultiCrops'",
    ),
    # Unknown arguments and misspelled options.
    ('train {sca} {options} optim_wraper.optimizer.lr=1', "'optim_wrapper'?"),
    ('train {sca} {options} model.head.epsilom=1', "'epsilon'?"),
    ('train {sca} {options} noequals', "'noequals' is not of the form KEY="),
    ('test {linear} x --cfg-options randomnes.seed=7', "'randomness'?"),
    ('knn {linear} x --cfg-options model.backbone.dept=7', "'depth'?"),
    ('knn {linear} x --cfg-options a', "'a' is not of the form KEY=VALUE"),
    (
        'extract_features {linear} x {data} {tmp}/o.npz --cfg-options '
        'test_dataloader.batchsize=1',
        "'batch_size'?",
    ),
    ('voc_svm {linear} x {voc} --cfg-options modl.neck=None', "'model'?"),
    (
        'attention_statistics {watched} x --cfg-options model.sca.partner=own',
        "'partners'?",
    ),
    ('visualize_attention {tmp}/argument.py x {img} {img}', 'epsilom is no'),
    (
        'browse_views {tmp}/preprocessor.py {to}{data} --number 2',
        'model.data_preprocessor.tipe is no argument',
    ),
    ('make_material_scenes {tmp}/new --sizes x', 'unrecognized arguments'),
    ('convert_swav {cut} {tmp}/new.pth --to mmscaa', 'invalid choice'),
    ('export_backbone {cut} {tmp}/new.pth --to tim', 'invalid choice'),
    ('compare {sca} --set x', 'expected KEY=VALUE,VALUE'),
    ('compare {sca} --armz x', 'unrecognized arguments'),
]
PLACES = [
    ('train {sca} --work-dir {tmp}/afile', "afile' is a file"),
    ('train {sca} --work-dir /proc/x', 'nothing can be written'),
    ('test {linear} {foreign} --work-dir {tmp}/afile/x', "afile' is a file"),
    ('test {linear} {foreign} --out {tmp}', 'which is a folder'),
    ('test {linear} {foreign} --out {tmp}/a.txt', 'ends in .pkl or'),
    ('test {linear} {foreign} --show-dir {tmp}/afile', "afile' is a file"),
    ('knn {linear} none --out {tmp}', 'which is a folder'),
    ('knn {linear} none --work-dir {tmp}/afile', "afile' is a file"),
    ('extract_features {linear} none {data} {tmp}', 'which is a folder'),
    ('extract_features {linear} none {data} {tmp}/a.txt', 'ends in .npz'),
    ('extract_features {linear} none {data} {tmp}/rest.npz', 'exists and is'),
    ('voc_svm {linear} none {voc} --out {tmp}', 'which is a folder'),
    ('attention_statistics {watched} x --out {tmp}', 'which is a folder'),
    (
        'visualize_attention {sca} x {img} {img} --out-dir {tmp}/afile',
        "afile' is a file",
    ),
    ('browse_views {sca} --out {tmp}', 'which is a folder'),
    ('convert_swav {cut} {tmp}', 'which is a folder'),
    ('export_backbone {cut} {tmp}/afile/x --to timm', "afile' is a file"),
    ('make_material_scenes {tmp}', 'not a MaterialScenes folder'),
    ('make_material_scenes {tmp}/afile/x', "afile' is a file"),
    ('compare {sca} --work-dir {tmp}/afile', "afile' is a file"),
]
DATA = [
    ('train {sca} {to}{tmp}/gone', '{tmp}/gone'),
    ('train {linear} --no-validate {to}{tmp}/gone', '{tmp}/gone'),
    ('train {detection} --no-validate {to}{tmp}/gone custom_hooks=[]',
     'It comes from train_dataloader.dataset.data_root={tmp}/gone'),
    ('train {sca} "{to}{tmp}/a b"', '{tmp}/a b'),
    ("""train {sca} '{to}"{tmp}/a, b"'""", '{tmp}/a, b'),
    ('train {linear} {split} model.backbone.init_cfg=None '
     'model.head.num_classes=3',
     'num_classes=3, but train_dataloader has the classes 10: brick, coins'),
    ('knn {linear} none {options} test_dataloader.dataset.data_root={data} '
     'test_dataloader.dataset.data_prefix=detection',
     'unknown classes: 3: test, train, val. Known are 10: brick'),
    ('train {detection} {split} custom_hooks=[] '
     'train_dataloader.dataset.metainfo.classes=[wood,brick]',
     'the data set expects 2: wood, brick. Set `metainfo.classes`'),
    ('train {sca} {to}{tmp}/empty', 'holds no image'),
    ('train {sca} {to}{data}', 'images are no batch of 64'),
    ('test {sca} any.pth', 'no test_dataloader'),
    ('knn {sca} none', 'no test_dataloader'),
    ('browse_views {sca} {to}{tmp}/gone', '{tmp}/gone'),
    ('browse_views {sca} {to}{data} --number 99', '--number is 99'),
    ('extract_features {linear} none {tmp}/gone {tmp}/o.npz', 'does not exis'),
    ('voc_svm {linear} none {tmp}/gone', 'Give the folder VOCdevkit'),
    ('prepare_data stl10 {tmp}/gone', "gone' does not exist"),
    ('split_folder {tmp}/gone', "gone' does not exist"),
    ('split_folder {tmp}/voc', 'neither class folders nor boxes'),
]  # fmt: skip


@pytest.fixture(scope='module')
def places(material_scenes, tmp_path_factory):
    """What the commands name: files, folders and options."""
    tmp = tmp_path_factory.mktemp('bad_input')
    configs = ROOT / 'configs'
    names = dict(
        tmp=tmp,
        data=material_scenes,
        img=material_scenes / 'test/brick/brick_0000.png',
        voc=tmp / 'voc',
        foreign=tmp / 'foreign.pth',
        cut=tmp / 'cut.pth',
        sca=configs / 'sca/swav_sca_r18_materials.py',
        watched=configs / 'sca/swav_sca_r18_materials_watched.py',
        linear=configs / 'classification/r18_linear_materials.py',
        detection=configs / 'detection/mask-rcnn_r18_fpn_materials.py',
    )
    names['to'] = '--cfg-options train_dataloader.dataset.data_root='
    names['options'] = f'{names["to"]}{material_scenes}'
    tested = '--cfg-options test_dataloader.dataset.data_root='
    names['tested'] = f'{tested}{material_scenes}'
    names['few'] = f'{names["options"]} train_dataloader.batch_size=8'
    names['split'] = f'--no-validate {names["options"]}'
    for name, text in FILES.items():
        (tmp / name).write_text(text.replace('{sca}', str(names['sca'])))
    (tmp / 'empty/train').mkdir(parents=True)
    (tmp / 'empty/train/notes.txt').touch()
    lists = tmp / 'voc/ImageSets/Main'
    lists.mkdir(parents=True)
    for split in ('trainval', 'test'):
        lines = [f'{i:06d} {1 if i % 2 else -1}' for i in range(200)]
        (lists / f'cat_{split}.txt').write_text('\n'.join(lines))
    torch.save({'state_dict': {'encoder.conv1': torch.ones(3)}}, tmp / 'f')
    (tmp / 'f').rename(names['foreign'])
    torch.save({'state_dict': {'conv1': torch.ones(999)}}, names['cut'])
    names['cut'].write_bytes(names['cut'].read_bytes()[:1500])
    return names


@pytest.fixture
def says(places, monkeypatch, tmp_path):
    """Runs a command in this process and gives its sentence."""
    monkeypatch.setattr(tempfile, 'tempdir', str(tmp_path))
    monkeypatch.setenv('LOCAL_RANK', '0')
    # Relative defaults, such as work_dirs/, belong to nobody.
    monkeypatch.chdir(tmp_path)
    handlers = {
        s: signal.getsignal(s)
        for s in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    }

    def run(command):
        tool, *arguments = shlex.split(command.format(**places))
        file = ROOT / 'tools' / f'{tool}.py'
        monkeypatch.setattr(sys, 'argv', [str(file), *arguments])
        screen = io.StringIO()
        with (
            contextlib.redirect_stderr(screen),
            pytest.raises(SystemExit) as stop,
        ):
            runpy.run_path(str(file), run_name='__main__')
        code = stop.value.code
        assert code == 2 or str(code).startswith('error: ')
        assert 'Traceback (' not in screen.getvalue() + str(code)
        return screen.getvalue() if code == 2 else code

    yield run
    for number, handler in handlers.items():
        signal.signal(number, handler)


def rows(*tables):
    table = [row for part in tables for row in part]
    return pytest.mark.parametrize(
        'command, words', table, ids=[command for command, _ in table]
    )


@rows(CONFIGS, CHECKPOINTS, FIELDS, PLACES, DATA)
def test_says(says, places, command, words):
    assert words.format(**places) in says(command)


def test_every_tool_is_in_the_table():
    table = [*CONFIGS, *CHECKPOINTS, *FIELDS, *PLACES, *DATA]
    tools = {path.stem for path in (ROOT / 'tools').glob('*.py')}
    assert {command.split()[0] for command, _ in table} == tools


def test_in_a_process_of_its_own(run_tool, tmp_path, monkeypatch):
    """Exit code and stderr, in the plainest locale and a folder of another."""
    monkeypatch.setenv('LC_ALL', 'C')
    process = run_tool(
        *('train.py', 'configs/sca/swav_sca_r18_materials.py'),
        *('--work-dir', tmp_path / 'Größe 日本', '--cfg-options'),
        f'train_dataloader.dataset.data_root={tmp_path}/größe',
        check=False,
    )
    assert process.returncode == 1
    assert 'Traceback' not in process.stdout + process.stderr
    last = process.stderr.strip().splitlines()[-1]
    assert last.startswith('error: ') and 'does not exist' in last
