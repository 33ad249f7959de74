import pytest
import torch
from pytorch_grad_cam import GradCAM
from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget
from tiny_cam import (
    assert_images_do_not_mix,
    build_eval,
    left_as_it_was,
    maps,
    samples,
    tiny_backbone,
)

from mmsca.utils.errors import InputError

LINEAR = dict(type='LinearClsHead', num_classes=6, in_channels=64)
STACKED = dict(
    type='StackedLinearClsHead',
    num_classes=6,
    in_channels=64,
    mid_channels=[32],
)
POOL = dict(type='GlobalAveragePooling')
NORMED = [POOL, dict(type='ClsBatchNormNeck', input_features=64)]


def build(head=LINEAR, frozen_stages=-1, neck=POOL, **kwargs):
    return build_eval(
        type='mmsca.CAMClassifier',
        backbone=tiny_backbone(8, frozen_stages),
        neck=neck,
        head=head,
        **kwargs,
    )


def class_maps(model, features, targets):
    return model.class_maps(features, targets, lambda x: model.neck((x,)))


@pytest.mark.parametrize(
    'head, neck',
    [(LINEAR, POOL), (STACKED, POOL), (LINEAR, NORMED)],
    ids=['closed', 'gradient', 'normed'],
)
def test_equals_pytorch_grad_cam(head, neck):
    model = build(head, neck=neck)
    if neck is NORMED:
        model.neck[1].bn.running_var.uniform_(0.5, 1)
    inputs, labels = torch.randn(3, 3, 48, 40), [4, 0, 4]
    assert model.closed_form == (head is LINEAR and neck is POOL)
    with torch.no_grad():
        ours = maps(model.predict(inputs, samples(*labels)))
    with GradCAM(model, [model.backbone.layer4]) as reference:
        theirs = reference(
            inputs, targets=[ClassifierOutputTarget(y) for y in labels]
        )
    assert ours.shape == (3, 48, 40)
    assert ours.amax(dim=(1, 2)).tolist() == [1, 1, 1]
    assert abs(ours.numpy() - theirs).max() < 1e-5


def test_both_routes_agree_on_a_linear_head():
    model = build()
    features, targets = torch.rand(2, 64, 6, 6), torch.tensor([1, 5])
    closed = class_maps(model, features, targets)
    model.closed_form = False
    by_gradient = class_maps(model, features, targets)
    torch.testing.assert_close(closed / 36, by_gradient)


def test_plain_cam_divides_weights_by_the_deviation_of_features():
    model = build(neck=NORMED, cam_method='cam')
    bn = model.neck[1].bn
    bn.running_var.uniform_(0.1, 2)
    features, targets = torch.rand(2, 64, 6, 6), torch.tensor([1, 5])
    scaled = features / (bn.running_var + bn.eps).sqrt()[:, None, None]
    expected = class_maps(build(cam_method='cam'), scaled, targets)
    found = class_maps(model, features, targets)
    torch.testing.assert_close(36 * found, expected)


def test_plain_cam_keeps_the_negative_part():
    features, targets = torch.rand(2, 64, 6, 6), torch.tensor([1, 5])
    cam = class_maps(build(cam_method='cam'), features, targets)
    assert (cam < 0).any()
    grad_cam = class_maps(build(), features, targets)
    torch.testing.assert_close(grad_cam, cam.relu())


@pytest.mark.parametrize('head', [LINEAR, STACKED], ids=['closed', 'gradient'])
def test_a_batch_gives_what_its_images_give_alone(head):
    inputs = torch.randn(3, 3, 32, 32)
    assert_images_do_not_mix(build(head), inputs, 0, 3, 5)


@pytest.mark.parametrize('head', [LINEAR, STACKED], ids=['closed', 'gradient'])
def test_a_frozen_model_is_left_as_it_was(head):
    model, inputs = build(head, frozen_stages=4), torch.randn(2, 3, 32, 32)
    with left_as_it_was(model), torch.no_grad():
        predictions = model.predict(inputs, samples(1, 2))
    assert maps(predictions).amax() == 1
    assert not predictions[0].pred_cam.requires_grad
    assert all(p.grad is None for p in model.parameters())


def test_scores_are_those_of_the_plain_classifier():
    model = build()
    inputs = torch.randn(2, 3, 32, 32)
    predictions = model.predict(inputs, samples(1, 2))
    expected = model(inputs).softmax(dim=1)
    got = torch.stack([prediction.pred_score for prediction in predictions])
    torch.testing.assert_close(got, expected)
    assert [int(p.cam_label) for p in predictions] == [1, 2]


def test_the_predicted_class_needs_no_label():
    model = build(cam_target='pred')
    inputs = torch.randn(2, 3, 32, 32)
    predictions = model.predict(inputs)
    labels = [int(p.pred_label) for p in predictions]
    assert [int(p.cam_label) for p in predictions] == labels
    expected = build().predict(inputs, samples(*labels))
    torch.testing.assert_close(maps(predictions), maps(expected))
    with pytest.raises(InputError, match="cam_target='pred'"):
        build().predict(inputs)


@pytest.mark.parametrize(
    ('kwargs', 'match'),
    [
        (dict(cam_method='eigencam'), 'cam_method'),
        (dict(cam_target='all'), 'cam_target'),
        (dict(cam_interpolation='nearest'), 'cam_interpolation'),
        (dict(cam_method='cam', head=STACKED), 'LinearClsHead'),
    ],
)
def test_options_that_do_not_exist(kwargs, match):
    with pytest.raises(InputError, match=match):
        build(**kwargs)
