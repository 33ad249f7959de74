"""Checkpoints that do not fit, through the tools as they are called."""

from pathlib import Path

import pytest
import torch
from mmengine.config import Config
from mmengine.registry import MODELS, init_default_scope
from scenes_options import data_root_options

from mmsca.apis.test import test as run_test
from mmsca.apis.train import train
from mmsca.utils.errors import InputError

PRETRAIN = 'configs/sca/swav_r18_materials.py'
LINEAR = 'configs/classification/r18_linear_materials.py'
GRAD_CAM = 'configs/localization/r18_gradcam_materials.py'
LABEL_FREE = 'configs/localization/r18_labelfree_materials.py'
SMALL = [
    'train_dataloader.batch_size=8',
    'train_dataloader.num_workers=0',
    'train_cfg.max_epochs=1',
]


class Trap:
    """Makes a pickle that writes a file when it is executed."""

    def __init__(self, marker):
        self.marker = marker

    def __reduce__(self):
        return Path.touch, (self.marker,)


@pytest.fixture
def run(material_scenes, tmp_path):
    """`run(tool, config, *args, options=())` in this process."""

    def call(tool, config, *args, options=()):
        options = [*data_root_options(config, material_scenes), *options]
        argv = [config, *args, '--work-dir', tmp_path / 'run']
        argv += ['--cfg-options', *options] if options else []
        return tool(list(map(str, argv)))

    return call


@pytest.fixture
def saved(tmp_path):
    """`saved(config, **content)` writes a checkpoint of its model."""

    def save(config, **content):
        cfg = Config.fromfile(config)
        init_default_scope('mmpretrain')
        cfg.model.backbone.init_cfg = None
        path = tmp_path / 'a.pth'
        weights = MODELS.build(cfg.model).state_dict()
        torch.save(dict(state_dict=weights, **content), path)
        return path

    return save


def test_classes_of_a_linear_checkpoint(run, saved):
    data = Config.fromfile(GRAD_CAM).test_dataloader.dataset
    classes = list(data.metainfo.classes)
    meta = dict(dataset_meta=dict(classes=classes))
    scores = run(run_test, GRAD_CAM, saved(LINEAR, meta=meta))
    assert 0 <= scores['cam/MaxBoxAccV2'] <= 100
    classes[:2] = classes[1::-1]
    with pytest.raises(InputError, match="class 0 is 'coins' .* 'brick'"):
        run(run_test, GRAD_CAM, saved(LINEAR, meta=meta))


def test_a_pretraining_has_no_classifier(run, saved):
    path = saved(PRETRAIN)
    with pytest.raises(InputError, match='lacks .*head.fc.weight'):
        run(run_test, GRAD_CAM, path)
    assert 0 <= run(run_test, LABEL_FREE, path)['cam/MaxBoxAccV2'] <= 100


@pytest.mark.parametrize(
    'tool, config, args, options',
    [
        (run_test, LINEAR, ['{}'], []),
        (train, PRETRAIN, ['--resume', '{}'], SMALL),
        (train, PRETRAIN, [], ['load_from={}', *SMALL]),
        (
            train,
            PRETRAIN,
            [],
            [
                'model.backbone.init_cfg.type=Pretrained',
                'model.backbone.init_cfg.checkpoint={}',
                *SMALL,
            ],
        ),
    ],
    ids=['test', 'resume', 'load_from', 'init_cfg'],
)
def test_code_in_a_checkpoint_is_not_run(
    tool, config, args, options, run, saved, tmp_path
):
    marker = tmp_path / 'executed'
    path = saved(config, more=Trap(marker))
    args, options = (
        [text.format(path) for text in texts] for texts in (args, options)
    )
    with pytest.raises(InputError, match='first pathlib.* --trust-checkpoint'):
        run(tool, config, *args, options=options)
    assert not marker.exists()


def test_a_trusted_checkpoint_may_run_code(run, saved, tmp_path):
    path = saved(LINEAR, more=Trap(tmp_path / 'executed'))
    run(run_test, LINEAR, path, '--trust-checkpoint')
    assert (tmp_path / 'executed').exists()


def test_a_url_on_the_command_line_is_not_fetched(run):
    with pytest.raises(InputError, match="'https://host/a.pth' .* machine"):
        run(run_test, LINEAR, 'https://host/a.pth')
    with pytest.raises(InputError, match="'https://host/a.pth'"):
        run(train, PRETRAIN, '--resume', 'https://host/a.pth')


def test_pretraining_from_given_weights(run, saved):
    """A prefix that does not fit stops it."""
    options = [
        'model.backbone.init_cfg.type=Pretrained',
        f'model.backbone.init_cfg.checkpoint={saved(PRETRAIN)}',
        'model.backbone.init_cfg.prefix=teacher',
        *SMALL,
    ]
    with pytest.raises(InputError, match="0 of .* ResNet under 'teacher'"):
        run(train, PRETRAIN, options=options)
