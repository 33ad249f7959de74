"""Checkpoints that do not fit, or hold code, on all ways into a run."""

import pytest
from executable_checkpoint import Trap
from small_runs import SMALL, data_root_options, load_config, save_untrained

from mmsca.apis.test import test as run_test
from mmsca.apis.train import train
from mmsca.utils.errors import InputError

PRETRAIN = 'sca/swav_r18_materials'
LINEAR = 'classification/r18_linear_materials'
GRAD_CAM = 'localization/r18_gradcam_materials'
LABEL_FREE = 'localization/r18_labelfree_materials'
INIT_CFG = 'model.backbone.init_cfg'


@pytest.fixture
def run(material_scenes, tmp_path):
    """`run(tool, config, *args, options=())` in this process."""

    def call(tool, config, *args, options=()):
        options = [*data_root_options(config, material_scenes), *options]
        options += SMALL if tool is train else []
        argv = [config, *args, '--work-dir', tmp_path / 'run']
        return tool([*map(str, argv), '--cfg-options', *options])

    return call


@pytest.fixture
def path(tmp_path):
    return tmp_path / 'a.pth'


def test_classes_in_another_order(run, path):
    data = load_config(GRAD_CAM).test_dataloader.dataset
    classes = list(data.metainfo.classes)
    classes[:2] = classes[1::-1]
    meta = dict(dataset_meta=dict(classes=classes))
    save_untrained(LINEAR, path, meta=meta)
    with pytest.raises(InputError, match="class 0 is 'coins' .* 'brick'"):
        run(run_test, GRAD_CAM, path)


def test_a_pretraining_has_no_classifier(run, path):
    save_untrained(PRETRAIN, path)
    with pytest.raises(InputError, match='lacks .*head.fc.weight'):
        run(run_test, GRAD_CAM, path)
    assert 0 <= run(run_test, LABEL_FREE, path)['cam/MaxBoxAccV2'] <= 100


@pytest.mark.parametrize(
    'tool, config, args, options',
    [
        (run_test, LINEAR, ['{}'], []),
        (train, PRETRAIN, ['--resume', '{}'], []),
        (train, PRETRAIN, [], ['load_from={}']),
        (
            *(train, PRETRAIN, []),
            [f'{INIT_CFG}.type=Pretrained', f'{INIT_CFG}.checkpoint={{}}'],
        ),
    ],
    ids=['test', 'resume', 'load_from', 'init_cfg'],
)
def test_code_in_a_checkpoint_is_not_run(
    tool, config, args, options, run, path, tmp_path
):
    marker = tmp_path / 'executed'
    save_untrained(config, path, more=Trap(marker))
    args, options = (
        [text.format(path) for text in texts] for texts in (args, options)
    )
    with pytest.raises(InputError, match='first pathlib.* --trust-checkpoint'):
        run(tool, config, *args, options=options)
    assert not marker.exists()


def test_a_trusted_checkpoint_may_run_code(run, path, tmp_path):
    save_untrained(LINEAR, path, more=Trap(tmp_path / 'executed'))
    run(run_test, LINEAR, path, '--trust-checkpoint')
    assert (tmp_path / 'executed').exists()


def test_the_prefix_of_a_pretraining_has_to_fit(run, path):
    options = [
        f'{INIT_CFG}.type=Pretrained',
        f'{INIT_CFG}.checkpoint={save_untrained(PRETRAIN, path)}',
        f'{INIT_CFG}.prefix=teacher',
    ]
    with pytest.raises(InputError, match="0 of .* ResNet under 'teacher'"):
        run(train, PRETRAIN, options=options)
