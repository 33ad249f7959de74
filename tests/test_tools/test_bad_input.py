"""What users get wrong ends with a sentence and an exit code."""

import pytest
import torch

PRETRAIN = 'configs/sca/swav_r18_materials.py'
LINEAR = 'configs/classification/r18_linear_materials.py'
DETECTION = 'configs/detection/mask-rcnn_r18_fpn_materials.py'
CHECKPOINT = 'model.backbone.init_cfg.checkpoint'


@pytest.fixture
def fails(run_tool, tmp_path):
    def run(tool, *args):
        process = run_tool(
            tool, *args, '--work-dir', tmp_path / 'work', check=False
        )
        assert process.returncode == 1, process.stdout + process.stderr
        assert 'Traceback' not in process.stderr
        return process.stderr[process.stderr.index('error: ') :]

    return run


def test_missing_config(fails):
    assert "'nowhere.py' does not exist" in fails('train.py', 'nowhere.py')


@pytest.mark.parametrize('config', [PRETRAIN, LINEAR, DETECTION])
def test_missing_data_root(fails, tmp_path, config):
    data_root = f'train_dataloader.dataset.data_root={tmp_path / "gone"}'
    options = ['--no-validate', '--cfg-options', data_root]
    if config == DETECTION:
        options.append('custom_hooks=[]')
    message = fails('train.py', config, *options)
    assert str(tmp_path / 'gone') in message
    assert 'data_root' in message


def test_empty_folder(fails, tmp_path):
    (tmp_path / 'train').mkdir()
    (tmp_path / 'train' / 'notes.txt').touch()
    data_root = f'train_dataloader.dataset.data_root={tmp_path}'
    message = fails('train.py', PRETRAIN, '--cfg-options', data_root)
    assert 'holds no image' in message and '.jpg' in message


def test_fewer_images_than_a_batch(fails, material_scenes):
    data_root = f'train_dataloader.dataset.data_root={material_scenes}'
    message = fails('train.py', PRETRAIN, '--cfg-options', data_root)
    assert 'images are no batch of 64' in message
    assert 'Lower train_dataloader.batch_size' in message


@pytest.mark.parametrize(
    'text, expected',
    [
        ("model = dict(type='ResNet')", 'default_scope=None'),
        ("default_scope = 'mmsca'", "'mmpretrain' (pretraining"),
        (
            "default_scope = 'mmpretrain'\n"
            "model = dict(type='mmdet.MaskRCNN')",
            "Set default_scope='mmdet'",
        ),
    ],
    ids=['none', 'ours', 'detector'],
)
def test_wrong_scope(fails, tmp_path, text, expected):
    config = tmp_path / 'mine.py'
    config.write_text(text)
    assert expected in fails('train.py', config)


def test_nothing_to_test_in_pretraining(fails):
    assert 'no test_dataloader' in fails('test.py', PRETRAIN, 'any.pth')


def test_missing_checkpoint(fails):
    message = fails('test.py', LINEAR, 'gone.pth')
    assert "'gone.pth' does not exist" in message


@pytest.mark.parametrize('config', [LINEAR, DETECTION])
def test_no_checkpoint_given(fails, config, data_options):
    message = fails('train.py', config, '--cfg-options', *data_options(config))
    assert f'{CHECKPOINT}=' in message


@pytest.mark.parametrize('config', [LINEAR, DETECTION])
def test_foreign_checkpoint(fails, config, data_options, tmp_path):
    checkpoint = tmp_path / 'foreign.pth'
    torch.save({'state_dict': {'encoder.conv1': torch.ones(3)}}, checkpoint)
    message = fails(
        'train.py',
        config,
        '--cfg-options',
        f'{CHECKPOINT}={checkpoint}',
        *data_options(config),
    )
    assert 'conv1.weight' in message and 'encoder.conv1' in message


def test_truncated_checkpoint(fails, data_options, tmp_path):
    checkpoint = tmp_path / 'truncated.pth'
    torch.save({'state_dict': {'conv1': torch.ones(999)}}, checkpoint)
    checkpoint.write_bytes(checkpoint.read_bytes()[:1500])
    message = fails(
        'train.py',
        LINEAR,
        '--cfg-options',
        f'{CHECKPOINT}={checkpoint}',
        *data_options(LINEAR),
    )
    assert str(checkpoint) in message


@pytest.fixture
def data_options(material_scenes):
    """Points the data of a config to the tiny set."""

    def options(config):
        splits = ('train', 'val') if config == LINEAR else ('train',)
        result = [
            f'{split}_dataloader.dataset.data_root={material_scenes}'
            for split in splits
        ]
        if config == DETECTION:
            ann_file = material_scenes / 'annotations/instances_val.json'
            result += [
                f'val_dataloader.dataset.data_root={material_scenes}',
                f'val_evaluator.ann_file={ann_file}',
            ]
        return result

    return options
