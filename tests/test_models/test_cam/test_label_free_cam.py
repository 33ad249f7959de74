import numpy as np
import pytest
import torch
from mmengine.registry import init_default_scope
from tiny_cam import (
    assert_images_do_not_mix,
    build_eval,
    left_as_it_was,
    maps,
    samples,
    tiny_backbone,
)

from mmsca.models.cam.maps import channel_sum, eigen_map, normalize_maps
from mmsca.registry import MODELS
from mmsca.utils.errors import InputError

NECK = dict(
    type='SwAVNeck',
    in_channels=32,
    hid_channels=16,
    out_channels=8,
    norm_cfg=dict(type='BN1d'),
)
HEAD = dict(type='mmsca.SwAVHead', num_prototypes=[5, 7])
METHODS = ['channel_sum', 'eigen', 'prototype']


def build(cam_method='eigen', **kwargs):
    cfg = dict(
        type='mmsca.LabelFreeCAM',
        backbone=tiny_backbone(),
        neck=NECK,
        head=HEAD,
        cam_method=cam_method,
    )
    return build_eval(**{**cfg, **kwargs})


def test_channel_sum():
    features = torch.randn(2, 5, 4, 3).bfloat16()
    expected = sum(features[:, c].float() for c in range(5))
    torch.testing.assert_close(channel_sum(features), expected)


# More locations than channels, and fewer: two ways through eigen_map.
@pytest.mark.parametrize('shape', [(3, 6, 5, 7), (3, 64, 5, 7)], ids=str)
def test_eigen_map_is_the_first_component_of_an_svd(shape):
    features = torch.rand(shape) * 3
    result = eigen_map(features).numpy()
    for one, got in zip(features.numpy(), result, strict=True):
        points = one.reshape(len(one), -1).T.astype(np.float64)
        centred = points - points.mean(axis=0)
        _, _, directions = np.linalg.svd(centred, full_matrices=False)
        projection = centred @ directions[0]
        if np.corrcoef(projection, points.sum(axis=1))[0, 1] < 0:
            projection = -projection
        expected = np.maximum(projection, 0).reshape(one.shape[1:])
        assert abs(got - expected).max() < 1e-5


def test_eigen_map_marks_where_the_network_responds_more():
    features = torch.rand(2, 16, 8, 8) * 0.1
    features[0, :8, 2:5, 3:6] += 1
    features[1, 8:, 4:, 4:] += 1
    result = eigen_map(features)
    assert (result[0, 2:5, 3:6] > 0.5).all()
    assert (result[1, 4:, 4:] > 0.5).all()
    rest = torch.ones(8, 8, dtype=torch.bool)
    rest[2:5, 3:6] = False
    assert result[0][rest].max() < 0.2


@pytest.mark.parametrize('shape', [(1, 6, 5, 7), (1, 64, 5, 7)], ids=str)
def test_a_constant_map_points_nowhere(shape):
    cam = normalize_maps(eigen_map(torch.ones(shape)), (10, 14))
    assert (cam == 0).all()


@pytest.mark.parametrize(
    'method, map_of', [('channel_sum', channel_sum), ('eigen', eigen_map)]
)
def test_maps_are_of_the_last_layer(method, map_of):
    model, inputs = build(method), torch.randn(3, 3, 24, 32)
    features = model.backbone(inputs)[-1].detach()
    expected = normalize_maps(map_of(features), (24, 32))
    torch.testing.assert_close(maps(model.predict(inputs)), expected)


def test_prototype_map_written_out():
    model = build('prototype')
    for layer in model.head.prototypes:
        torch.nn.init.normal_(layer.weight)
    model.head.normalize_prototypes()
    features = torch.rand(2, 32, 3, 4)
    result = model.prototype_maps(features)

    def embed(vector):
        z = model.neck.projection_neck(vector[None])[0]
        return z / z.norm()

    for n, one in enumerate(features):
        for y in range(3):
            for x in range(4):
                values = []
                for layer in model.head.prototypes:
                    whole = embed(one.mean(dim=(1, 2)))
                    nearest = max(layer.weight, key=lambda c: float(c @ whole))
                    values.append(float(nearest @ embed(one[:, y, x])))
                assert float(result[n, y, x]) == pytest.approx(
                    sum(values) / 2, abs=1e-5
                )


@pytest.mark.parametrize('method', METHODS)
def test_a_batch_gives_what_its_images_give_alone(method):
    inputs = torch.randn(3, 3, 32, 24)
    assert_images_do_not_mix(build(method), inputs, 0, 1, 2)


@pytest.mark.parametrize('method', METHODS)
def test_no_trace_is_left(method):
    model = build(method)
    with left_as_it_was(model):
        (prediction,) = model.predict(torch.randn(1, 3, 24, 24), samples(3))
    assert int(prediction.gt_label) == 3
    assert 'cam_label' not in prediction and 'pred_score' not in prediction
    assert not prediction.pred_cam.requires_grad


@pytest.mark.parametrize('method', METHODS)
def test_a_pretraining_checkpoint_loads_as_it_is(method):
    init_default_scope('mmpretrain')
    swav = MODELS.build(
        dict(
            type='mmsca.SwAVSCA',
            backbone=tiny_backbone(),
            neck=NECK,
            head=HEAD,
            sca=dict(type='mmsca.SpatialCrossAttention', num_partners=2),
        )
    )
    model = build(method)
    missing, _ = model.load_state_dict(swav.state_dict(), strict=False)
    assert missing == []


def test_a_backbone_alone_is_enough_without_prototypes():
    model = build('channel_sum', neck=None, head=None)
    assert maps(model.predict(torch.randn(1, 3, 24, 24))).max() == 1
    with pytest.raises(InputError, match='SwAV was pretrained'):
        build('prototype', neck=None, head=None)


def test_what_it_does_not_do():
    with pytest.raises(InputError, match='not trained'):
        build()(torch.randn(1, 3, 24, 24), samples(0), mode='loss')
    with pytest.raises(InputError, match='cam_method'):
        build('gradcam')
    with pytest.raises(InputError, match='cam_interpolation'):
        build(cam_interpolation='nearest')
