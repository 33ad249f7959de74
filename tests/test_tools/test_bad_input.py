"""What users get wrong ends with a sentence and an exit code.

A row of the tables is a command and what its sentence holds; names in braces
are those of the fixture `places`, and `--cfg` is short for `--cfg-options`.
"""

import shlex
import tempfile
from pathlib import Path

import pytest
import torch

ROOT = Path(__file__).parents[2]
BACKBONE = 'model.backbone.init_cfg'
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
    'table.py': "title = 'x'\n",
    'rest.npz': '',
    'afile': '',
    'empty/train/notes.txt': '',
    'broken/iter_3.pth': 'PK',
}
# These inherit the config of the pretraining.
CHILDREN = {
    'name.py': "optim_wraper = dict(type='X')\n",
    'argument.py': 'model = dict(head=dict(epsilom=1))\n',
    'type.py': "model = dict(type='mmsca.SwAVSC')\n",
    'value.py': 'model = dict(head=dict(epsilon=0))\n',
    'preprocessor.py': 'model = dict(data_preprocessor=dict(tipe=1))\n',
    'transform.py': 'train_dataloader = dict(dataset=dict(pipeline=['
    "dict(type='mmsca.MultiCrops')]))\n",
}

CONFIGS = [
    ('train {tmp}/syntax.py', "syntax.py', line 1 is not Python"),
    ('train {tmp}/raises.py', "raises.py', line 2 cannot be read: ZeroDiv"),
    ('train {tmp}/exits.py', "exits.py', line 1 cannot be read: SystemExit"),
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
    ('compare gone.py', "'gone.py' does not exist"),
    ('compare {tmp}/syntax.py', 'is not Python'),
    ('compare {tmp}/table.py', 'no evaluations'),
]
CHECKPOINTS = [
    ('train {sca} --work-dir {tmp}/broken --resume', 'No checkpoint in'),
    ('train {sca} --resume https://host/a.pth', 'on this machine'),
    ('train {sca} --resume {cut} {few}', 'is cut off or damaged'),
    ('train {sca} --resume {foreign} {few}', 'it has no meta, message_hub'),
    ('train {pretrain} load_from={foreign}', 'covers 0 of'),
    (f'train {{pretrain}} {{load}}{{foreign}} {BACKBONE}.type=Pretrained',
     'covers 0 of'),
    ('train {linear} {split} --resume gone.pth', 'gone.pth'),
    ('train {linear} {split}', '{load}'),
    ('train {linear} {split} {load}gone.pth', "'gone.pth'"),
    ('train {linear} {split} {load}{foreign}', 'encoder.conv1'),
    ('train {linear} {split} {load}{cut}', '{cut}'),
    ('train {detection} {split}', '{load}'),
    ('test {linear} gone.pth', "'gone.pth' does not exist"),
    ('test {linear} https://host/a.pth', 'on this machine'),
    ('test {linear} {cut} {tested}', '{cut}'),
    ('test {linear} {tmp}/afile {tested}', 'cut off or no PyTorch file'),
    ('test {linear} {tmp}/notes.txt {tested}', 'cut off or no PyTorch file'),
    ('test {linear} {foreign} {tested}', 'lacks backbone.conv1.weight'),
    ('knn {linear} gone.pth', "'gone.pth'"),
    ('knn {linear} {cut}', '{cut}'),
    ('knn {linear} {foreign}', 'encoder.conv1'),
    ('extract_features {linear} gone.pth {data} {npz}', "'gone.pth'"),
    ('voc_svm {linear} gone.pth {voc}', "'gone.pth'"),
    ('attention_statistics {watched} gone.pth', "'gone.pth'"),
    ('visualize_attention {sca} gone.pth {imgs}', "'gone.pth'"),
    ('convert_swav gone.pth {tmp}/new.pth', "'gone.pth'"),
    ('convert_swav {cut} {tmp}/new.pth', '{cut}'),
    ('export_backbone gone.pth {tmp}/new.pth --to timm', "'gone.pth'"),
    ('export_backbone {cut} {tmp}/new.pth --to timm', '{cut}'),
    ('inspect_checkpoint gone.pth', "'gone.pth'"),
    ('inspect_checkpoint {cut}', '{cut}'),
    ('inspect_checkpoint {foreign}', 'holds no backbone that is known'),
]  # fmt: skip
VALUES = [
    ('train {pretrain} model.head.num_prototypes=0', 'num_prototypes is 0.'),
    ('train {pretrain} model.backbone.depth=17', 'backbone.depth=17'),
    ('train {pretrain} train_dataloader.batch_size=x', "batch_size is 'x"),
    ('test {linear} x --interval 0', 'argument --interval: 0 is not'),
    ('knn {linear} none --cfg model.backbone.depth=17', 'depth=17'),
    ('knn {linear} x --k 0', '0 is not a whole number of 1 or'),
    ('knn {linear} x --temperature nan', '--temperature must be above 0'),
    ('voc_svm {linear} x {voc} --draws 0', '0 is not a whole number of'),
    ('visualize_attention {sca} x {imgs} --size 0', '--size: 0 is not'),
    ('browse_views {sca} --number x', 'argument --number: x is not'),
    ('make_material_scenes {tmp}/new --size 1', 'size is 1, but must be at'),
    ('make_material_scenes {tmp}/new --object-size 0.8 0.2', 'object_size is'),
    ('compare {sca} --workers 0', '0 is not a whole number of'),
]  # fmt: skip
TYPES = [
    ('train {pretrain} model.type=mmsca.SwAVSC', "'mmsca.SwAVSCA'?"),
    ('train {pretrain} model.backbone.type=mmpretrain.ResNett',
     "Did you mean 'mmpretrain.ResNet'?"),
    ('train {pretrain} train_cfg.type=mmsca.Nope', 'registry of loops'),
    ('train {pretrain} default_hooks.frozen.type=mmsca.FreezHook',
     "Did you mean 'mmsca.FreezeHook'?"),
    ('train {pretrain} optim_wrapper.optimizer.type=AdamX', "type is 'AdamX'"),
    ('test {linear} {foreign} --cfg model.head.type=Lin', "type is 'Lin'"),
    ('knn {linear} none --cfg model.backbone.type=ResNett', "is 'ResNett'"),
    ('extract_features {linear} none {data} {npz} '
     '--cfg model.backbone.type=ResNett', "model.backbone.type is 'ResNett'"),
    ('voc_svm {linear} none {voc} --cfg model.neck.0.type=Pool',
     "model.neck.0.type is 'Pool'"),
    ('attention_statistics {watched} x --cfg model.head.type=Head',
     "model.head.type is 'Head'"),
    ('visualize_attention {tmp}/type.py x {imgs}', "'mmsca.SwAVSCA'?"),
    ('browse_views {tmp}/transform.py {to}{data}',
     "pipeline.0.type is 'mmsca.MultiCrops'"),
]  # fmt: skip
NAMES = [
    ('train {pretrain} optim_wraper.optimizer.lr=1', "'optim_wrapper'?"),
    ('train {pretrain} model.head.epsilom=1', "'epsilon'?"),
    ('train {pretrain} noequals', "'noequals' is not of the form KEY="),
    ('test {linear} x --cfg randomnes.seed=7', "'randomness'?"),
    ('knn {linear} x --cfg model.backbone.dept=7', "'depth'?"),
    ('knn {linear} x --cfg a', "'a' is not of the form KEY=VALUE"),
    ('extract_features {linear} x {data} {npz} '
     '--cfg test_dataloader.batchsize=1', "'batch_size'?"),
    ('voc_svm {linear} x {voc} --cfg modl.neck=None', "'model'?"),
    ('attention_statistics {watched} x --cfg model.sca.partner=own',
     "'partners'?"),
    ('visualize_attention {tmp}/argument.py x {imgs}', 'epsilom is no'),
    ('browse_views {tmp}/preprocessor.py {to}{data} --number 2',
     'model.data_preprocessor.tipe is no argument'),
    ('make_material_scenes {tmp}/new --sizes x', 'unrecognized arguments'),
    ('convert_swav {cut} {tmp}/new.pth --to mmscaa', 'invalid choice'),
    ('export_backbone {cut} {tmp}/new.pth --to tim', 'invalid choice'),
    ('compare {sca} --set x', 'expected KEY=VALUE,VALUE'),
    ('compare {sca} --armz x', 'unrecognized arguments'),
]  # fmt: skip
PLACES = [
    ('train {sca} --work-dir {tmp}/afile', "--work-dir is '{tmp}/afile', but"),
    ('train {sca} --work-dir /proc/x', 'nothing can be written'),
    ('test {linear} {foreign} --work-dir {tmp}/afile/x', "afile' is a file"),
    ('test {linear} {foreign} --out {tmp}', "--out is '{tmp}', which is a fo"),
    ('test {linear} {foreign} --out {tmp}/a.txt', 'ends in .pkl or'),
    ('test {linear} {foreign} --show-dir {tmp}/afile', "afile' is a file"),
    ('knn {linear} none --out {tmp}', 'which is a folder'),
    ('knn {linear} none --work-dir {tmp}/afile', "afile' is a file"),
    ('extract_features {linear} none {data} {tmp}', 'which is a folder'),
    ('extract_features {linear} none {data} {tmp}/a.txt', 'ends in .npz'),
    ('extract_features {linear} none {data} {tmp}/rest.npz', 'exists and is'),
    ('voc_svm {linear} none {voc} --out {tmp}', 'which is a folder'),
    ('attention_statistics {watched} x --out {tmp}', 'which is a folder'),
    ('visualize_attention {sca} x {imgs} --out-dir {tmp}/afile', 'is a file'),
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
    (f'train {{linear}} {{split}} {BACKBONE}=None model.head.num_classes=3',
     'num_classes=3, but train_dataloader has the classes 10: brick, coins'),
    ('knn {linear} none {few} test_dataloader.dataset.data_root={data} '
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
    ('extract_features {linear} none {tmp}/gone {npz}', 'does not exist'),
    ('voc_svm {linear} none {tmp}/gone', 'Give the folder VOCdevkit'),
    ('prepare_data stl10 {tmp}/gone', "gone' does not exist"),
    ('split_folder {tmp}/gone', "gone' does not exist"),
    ('split_folder {tmp}/voc', 'neither class folders nor boxes'),
]  # fmt: skip
ROWS = CONFIGS + CHECKPOINTS + VALUES + TYPES + NAMES + PLACES + DATA


@pytest.fixture(scope='module')
def places(material_scenes, tmp_path_factory):
    """What the commands name: files, folders and options."""
    tmp = tmp_path_factory.mktemp('bad_input')
    to = '--cfg-options train_dataloader.dataset.data_root='
    few = f'{to}{material_scenes} train_dataloader.batch_size=8'
    image = material_scenes / 'test/brick/brick_0000.png'
    names = dict(
        tmp=tmp,
        data=material_scenes,
        imgs=f'{image} {image}',
        voc=tmp / 'voc',
        npz=tmp / 'new.npz',
        foreign=tmp / 'foreign.pth',
        cut=tmp / 'cut.pth',
        sca='sca/swav_sca_r18_materials',
        watched='sca/swav_sca_r18_materials_watched',
        linear='classification/r18_linear_materials',
        detection='detection/mask-rcnn_r18_fpn_materials',
        to=to,
        few=few,
        pretrain=f'sca/swav_sca_r18_materials {few}',
        split=f'--no-validate {to}{material_scenes}',
        tested=f'{to}{material_scenes}'.replace('train_data', 'test_data'),
        load=f'{BACKBONE}.checkpoint=',
    )
    base = ROOT / 'configs/sca/swav_sca_r18_materials.py'
    children = {k: f"_base_ = '{base}'\n{v}" for k, v in CHILDREN.items()}
    for name, text in (FILES | children).items():
        (tmp / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp / name).write_text(text)
    lists = tmp / 'voc/ImageSets/Main'
    lists.mkdir(parents=True)
    for split in ('trainval', 'test'):
        lines = [f'{i:06d} {1 if i % 2 else -1}' for i in range(200)]
        (lists / f'cat_{split}.txt').write_text('\n'.join(lines))
    foreign = dict(state_dict={'encoder.conv1': torch.ones(3)})
    torch.save(foreign, names['foreign'])
    torch.save(dict(state_dict={'conv1': torch.ones(999)}), names['cut'])
    names['cut'].write_bytes(names['cut'].read_bytes()[:1500])
    return names


@pytest.mark.parametrize('command, words', ROWS, ids=[row[0] for row in ROWS])
def test_says(command, words, places, call_tool, monkeypatch, tmp_path):
    monkeypatch.setattr(tempfile, 'tempdir', str(tmp_path))
    monkeypatch.setenv('LOCAL_RANK', '0')
    # Relative defaults, such as work_dirs/, belong to nobody.
    monkeypatch.chdir(tmp_path)
    tool, *arguments = shlex.split(command.format(**places))
    done = call_tool(f'{tool}.py', *arguments, check=False)
    assert done.returncode in (1, 2)  # 2 of argparse
    assert 'Traceback (' not in done.stderr
    _, _, sentence = done.stderr.partition('error: ')
    assert words.format(**places) in sentence


def test_every_tool_is_in_the_table():
    tools = {path.stem for path in (ROOT / 'tools').glob('*.py')}
    assert {command.split()[0] for command, _ in ROWS} == tools


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
