"""The configs for detectron2: against the protocols, and in detectron2."""

from pathlib import Path

import pytest
import torch
import yaml
from mmengine.registry import MODELS

from mmsca.apis.export import export

FOLDER = Path(__file__).parents[2] / 'configs/detection/detectron2'
NAMES = sorted(p.stem for p in FOLDER.glob('*.yaml') if '_r50_' in p.stem)


def merged(name):
    """A config on its bases, as fvcore merges them."""

    def merge(low, high):
        for key, value in high.items():
            if isinstance(value, dict):
                merge(low.setdefault(key, {}), value)
            else:
                low[key] = value
        return low

    cfg = yaml.safe_load((FOLDER / f'{name}.yaml').read_text())
    base = cfg.pop('_BASE_', None)
    return merge(merged(Path(base).stem), cfg) if base else cfg


# facebookresearch/moco, detection/configs; for FPN HobbitLong/PyContrast.
SCHEDULES = {
    'mask-rcnn_r50_c4_1x_coco': ((60000, 80000), 90000),
    'mask-rcnn_r50_c4_2x_coco': ((120000, 160000), 180000),
    'mask-rcnn_r50_fpn_1x_coco': ((60000, 80000), 90000),
    'mask-rcnn_r50_fpn_2x_coco': ((120000, 160000), 180000),
    'faster-rcnn_r50_c4_24k_voc0712': ((18000, 22000), 24000),
}
SIDES = (480, 512, 544, 576, 608, 640, 672, 704, 736, 768, 800)


def test_every_config_has_its_schedule():
    assert NAMES == sorted(SCHEDULES)


@pytest.mark.parametrize('name', NAMES)
def test_protocol(name):
    cfg = merged(name)
    model, solver = cfg['MODEL'], cfg['SOLVER']
    assert model['PIXEL_MEAN'] == [123.675, 116.28, 103.53]
    assert model['PIXEL_STD'] == [58.395, 57.12, 57.375]
    assert cfg['INPUT']['FORMAT'] == 'RGB'
    resnet = model['RESNETS']
    assert (resnet['DEPTH'], resnet['STRIDE_IN_1X1']) == (50, False)
    assert model['BACKBONE']['FREEZE_AT'] == 0
    assert cfg['TEST']['PRECISE_BN']['ENABLED'] is True
    assert (solver['IMS_PER_BATCH'], solver['BASE_LR']) == (16, 0.02)
    # yacs reads tuples from strings.
    steps, length = SCHEDULES[name]
    assert (eval(solver['STEPS']), solver['MAX_ITER']) == (steps, length)
    voc = 'voc' in name
    sides = eval(cfg['INPUT']['MIN_SIZE_TRAIN'])
    assert sides == (SIDES if voc else SIDES[5:])
    assert model['MASK_ON'] is not voc
    norms = [resnet['NORM']]
    if 'fpn' in name:
        parts = ('FPN', 'ROI_BOX_HEAD', 'ROI_MASK_HEAD')
        norms += [model[part]['NORM'] for part in parts]
    assert set(norms) == {'SyncBN'}


@pytest.fixture(scope='module')
def detectron2():
    return pytest.importorskip(
        'detectron2.modeling',
        reason='detectron2 cannot be imported: pip install it, or put a '
        'checkout of it on PYTHONPATH',
        exc_type=ImportError,
    )


@pytest.fixture(scope='module')
def pretrained(resnet50_weights, tmp_path_factory):
    """A ResNet-50, and the file that it is exported to."""
    folder = tmp_path_factory.mktemp('detectron2')
    backbone = MODELS.build(
        dict(type='mmpretrain.ResNet', depth=50, out_indices=(0, 1, 2, 3))
    )
    backbone.load_state_dict(resnet50_weights)
    torch.save(backbone.state_dict(), folder / 'a.pth')
    target = folder / 'b.pkl'
    export(
        [f'{folder}/a.pth', str(target), '--to', 'detectron2', '--prefix', '']
    )
    backbone.eval()
    return backbone, target


@pytest.mark.parametrize('name', NAMES)
def test_in_detectron2(name, detectron2, pretrained, monkeypatch):
    from detectron2.checkpoint import DetectionCheckpointer
    from detectron2.config import get_cfg
    from detectron2.modeling import build_model

    cfg = get_cfg()
    cfg.merge_from_file(str(FOLDER / f'{name}.yaml'))
    cfg.MODEL.DEVICE = 'cpu'
    model = build_model(cfg).eval()
    with pytest.raises(Exception, match='give MODEL.WEIGHTS'):
        DetectionCheckpointer(model).load(cfg.MODEL.WEIGHTS)

    backbone, path = pretrained
    checkpointer = DetectionCheckpointer(model)
    found = []
    monkeypatch.setattr(checkpointer, '_log_incompatible_keys', found.append)
    checkpointer.load(str(path))
    (keys,) = found
    assert not keys.unexpected_keys and not keys.incorrect_shapes
    ours = ('backbone.res', 'backbone.stem', 'backbone.bottom_up', 'res5')
    assert not [k for k in keys.missing_keys if any(o in k for o in ours)]

    torch.manual_seed(2)
    image = torch.randint(0, 256, (3, 64, 96), dtype=torch.uint8)
    preprocessor = MODELS.build(
        dict(
            type='mmpretrain.ClsDataPreprocessor',
            mean=[123.675, 116.28, 103.53],
            std=[58.395, 57.12, 57.375],
            to_rgb=True,
        )
    )
    # OpenMMLab reads BGR, detectron2 what INPUT.FORMAT says.
    batch = preprocessor(dict(inputs=image.flip(0)[None]))
    with torch.no_grad():
        expected = backbone(batch['inputs'])
        inputs = model.preprocess_image([dict(image=image)]).tensor
        if 'fpn' in name:
            maps = model.backbone.bottom_up(inputs)
        else:
            maps = model.backbone(inputs)
            maps['res5'] = model.roi_heads.res5(maps['res4'])
    for i in range(4):
        if f'res{i + 2}' in maps:
            torch.testing.assert_close(maps[f'res{i + 2}'], expected[i])
    assert 'res5' in maps
