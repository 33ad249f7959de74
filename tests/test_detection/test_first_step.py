"""Every config of full size trains: real files, real runner, small pixels.

Those of 2x have the model of 1x, and train by test_protocols.py for longer.
"""

from pathlib import Path

import pytest
import torch
import torchvision
from mmengine.hooks import Hook

from mmsca.apis.train import build_runner, parse_args, train_config
from mmsca.utils.checkpoint_checks import CheckpointCoverageError

CONFIGS = Path(__file__).parents[2] / 'configs/detection'
TAIL = 'roi_head.shared_head'
# How the resizing of each is shrunk.
CASES = {
    'mask-rcnn_r50_fpn_1x_coco': 'scales=[(96,96)]',
    'mask-rcnn_r50-mmdet_fpn_1x_coco': 'scale=(96,96)',
    'mask-rcnn_r50_c4_1x_coco': 'scales=[(96,96)]',
    'retinanet_r50_fpn_1x_coco': 'scales=[(96,96)]',
    'faster-rcnn_r50_c4_24k_voc0712': 'scales=[(96,96)]',
}
ONE_STAGE = 'retinanet_r50_fpn_1x_coco'
VOC = 'faster-rcnn_r50_c4_24k_voc0712'
C4 = 'mask-rcnn_r50_c4_1x_coco'


class Started(Exception):
    """Ends a training before its first step."""


class Watch(Hook):
    """Keeps the weights that training starts from, and the first losses."""

    stops = False

    def before_train(self, runner):
        self.start = {
            k: v.clone() for k, v in runner.model.state_dict().items()
        }
        if self.stops:
            raise Started

    def after_train_iter(self, runner, batch_idx, data_batch, outputs):
        self.losses = outputs


@pytest.fixture
def make_runner(tmp_path, coco_folder, voc_folder):
    """`make_runner(name, *cfg_options)`: one iteration of two images."""

    def make(name, *options):
        dataset = 'train_dataloader.dataset'
        if name == VOC:
            length = 'train_cfg.max_iters=1'
            data = []
            for i in (0, 1):
                one = f'{dataset}.datasets.{i}'
                data.append(f'{one}.data_root={voc_folder}/')
                data.append(f'{one}.pipeline.2.{CASES[name]}')
        else:
            length = 'train_cfg.max_epochs=1'
            data = [
                f'{dataset}.data_root={coco_folder}/',
                f'{dataset}.pipeline.2.{CASES[name]}',
                f'{dataset}.metainfo.classes=[person,car]',
            ]
            heads = ['roi_head.bbox_head', 'roi_head.mask_head']
            for head in ['bbox_head'] if name == ONE_STAGE else heads:
                data.append(f'model.{head}.num_classes=2')
        if name != ONE_STAGE:
            data.append('model.train_cfg.rcnn.sampler.num=8')
        args = parse_args(
            [
                str(CONFIGS / f'{name}.py'),
                '--no-validate',
                f'--work-dir={tmp_path}',
                '--cfg-options',
                length,
                *data,
                'train_dataloader.num_workers=0',
                # Past the warm-up, so that a step can be seen.
                'param_scheduler.0.start_factor=1.0',
                'default_hooks.checkpoint=None',
                'randomness.seed=0',
                f'experiment_name={tmp_path.name}',
                *options,
            ]
        )
        runner = build_runner(train_config(args))
        runner.watch = Watch()
        runner.register_hook(runner.watch)
        return runner

    return make


@pytest.fixture(scope='session')
def checkpoint(resnet50_weights, tmp_path_factory):
    """A file as pretraining writes it."""
    path = tmp_path_factory.mktemp('pretrained') / 'epoch_1.pth'
    weights = {f'backbone.{k}': v for k, v in resnet50_weights.items()}
    torch.save(dict(state_dict=weights), path)
    return path


def start_of(runner):
    """The watch of a training that does not take a step."""
    runner.watch.stops = True
    with pytest.raises(Started):
        runner.train()
    return runner.watch


def start(checkpoint, *options):
    return (f'model.backbone.init_cfg.checkpoint={checkpoint}', *options)


def assert_starts_from(watch, weights):
    """Backbone, and stage 4 of a C4 detector, hold `weights`."""
    tensors = 0
    for name, value in watch.start.items():
        for part in ('backbone.', f'{TAIL}.'):
            key = name.removeprefix(part)
            # The extra norm is in no file.
            if key != name and not key.startswith('norm.'):
                assert torch.equal(value, weights[key]), name
                tensors += 1
    assert tensors == 318  # all of a ResNet-50 but its classifier


@pytest.mark.parametrize('name', CASES)
def test_first_step(name, make_runner, checkpoint, resnet50_weights):
    runner = make_runner(name, *start(checkpoint))
    runner.train()
    watch = runner.watch
    assert_starts_from(watch, resnet50_weights)
    assert runner.iter == 1
    assert all(torch.isfinite(v).all() for v in watch.losses.values())
    frozen = {'conv1', 'bn1'} if 'mmdet' in name else set()
    for key, value in runner.model.named_parameters():
        part, _, rest = key.partition('.')
        if part == 'backbone' or key.startswith(f'{TAIL}.'):
            stem = rest.partition('.')[0]
            moved = not torch.equal(value, watch.start[key])
            assert moved == (stem not in frozen), key


def test_c4_refuses_a_file_without_stage_4(
    make_runner, resnet50_weights, tmp_path
):
    path = tmp_path / 'truncated.pth'
    weights = {
        f'backbone.{k}': v
        for k, v in resnet50_weights.items()
        if not k.startswith('layer4.')
    }
    torch.save(weights, path)
    runner = make_runner(C4, *start(path))
    with pytest.raises(CheckpointCoverageError, match='covers 0 of 50 keys'):
        runner.train()


def test_names_of_the_file_that_swav_published(
    make_runner, resnet50_weights, tmp_path
):
    path = tmp_path / 'swav.pth.tar'
    torch.save({f'module.{k}': v for k, v in resnet50_weights.items()}, path)
    runner = make_runner(C4, *start(path))
    assert_starts_from(start_of(runner), resnet50_weights)


def test_supervised_control(make_runner, monkeypatch, tmp_path):
    torch.manual_seed(1)
    weights = torchvision.models.resnet50().state_dict()
    asked, path = [], tmp_path / 'resnet50.pth'

    def serve(url):
        asked.append(url)
        torch.save(weights, path)
        return path

    # What is called with the address behind `torchvision://`.
    monkeypatch.setattr('mmsca.utils.checkpoint_reader.download', serve)
    runner = make_runner(C4, *start('torchvision://resnet50'))
    watch = start_of(runner)
    assert all('download.pytorch.org/models/resnet50' in u for u in asked)
    assert len(asked) == 2  # for the backbone, and for stage 4
    assert_starts_from(watch, weights)


def test_random_control(make_runner, monkeypatch):
    def refuse(*args, **kwargs):
        raise AssertionError(f'reads {args}')

    monkeypatch.setattr('torch.load', refuse)
    monkeypatch.setattr('mmengine.runner.checkpoint._load_checkpoint', refuse)
    runner = make_runner(C4, 'model.backbone.init_cfg=None')
    convolutions = 0
    for key, value in start_of(runner).start.items():
        ours = key.startswith(('backbone.', f'{TAIL}.'))
        if ours and value.dim() == 4:
            # Kaiming's normal of the fan out, as pretraining starts.
            fan_out = value.shape[0] * value.shape[2] ** 2
            expected = (2 / fan_out) ** 0.5
            assert value.std().item() == pytest.approx(expected, rel=0.05)
            convolutions += 1
    assert convolutions == 53
