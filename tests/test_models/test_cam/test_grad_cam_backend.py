"""Every method of the grad-cam package behind CAMClassifier."""

import numpy as np
import pytest
import pytorch_grad_cam
import torch
from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget
from tiny_cam import (
    assert_images_do_not_mix,
    build_eval,
    left_as_it_was,
    maps,
    samples,
    tiny_backbone,
)

from mmsca.models.cam.backend import grad_cam_methods
from mmsca.utils.errors import InputError

METHODS = sorted(grad_cam_methods())
# Drawn from numpy's generator; and meta-methods whose parts are tested.
RANDOM = 'RandomCAM'


def build(frozen_stages=4, **kwargs):
    return build_eval(
        type='mmsca.CAMClassifier',
        backbone=tiny_backbone(4, frozen_stages),
        neck=dict(type='GlobalAveragePooling'),
        head=dict(type='LinearClsHead', num_classes=6, in_channels=32),
        **kwargs,
    )


@pytest.mark.parametrize('method', METHODS)
def test_works_frozen_without_grad_and_leaves_no_trace(method, capfd):
    model = build(cam_method=method)
    model.head.train()
    # A gradient that waits for its step stays too.
    model.head.fc.bias.grad = torch.ones(6)
    inputs = torch.randn(2, 3, 24, 32)
    with left_as_it_was(model), torch.no_grad():
        predictions = model.predict(inputs, samples(4, 1))
    assert maps(predictions).shape == (2, 24, 32)
    assert maps(predictions).isfinite().all()
    assert 0 <= maps(predictions).min() < maps(predictions).max() <= 1
    assert [int(p.cam_label) for p in predictions] == [4, 1]
    assert not predictions[0].pred_cam.requires_grad
    assert capfd.readouterr().err == ''


# FinerCAM has a test of its own, SESS takes minutes of patches.
PLAIN = [m for m in METHODS if m not in (RANDOM, 'SESS', 'FinerCAM')]


@pytest.mark.parametrize('method', PLAIN)
def test_equals_the_package_called_by_hand(method):
    model = build(cam_method=method)
    inputs, labels = torch.randn(3, 3, 24, 32), [4, 0, 4]
    ours = maps(model.predict(inputs, samples(*labels))).numpy()
    # By hand on a network whose parameters may have gradients.
    free = build(frozen_stages=-1)
    layers = [] if method == 'FullGrad' else [free.backbone.layer4]
    reference = grad_cam_methods()[method](free, layers)
    theirs = reference(inputs, [ClassifierOutputTarget(y) for y in labels])
    assert abs(ours - theirs).max() < 1e-5


def test_finer_cam_tells_each_image_from_its_own_rivals():
    model = build(cam_method='FinerCAM')
    inputs, labels = torch.randn(2, 3, 24, 32), [4, 0]
    ours = maps(model.predict(inputs, samples(*labels))).numpy()
    free = build(frozen_stages=-1)
    reference = pytorch_grad_cam.FinerCAM(free, [free.backbone.layer4])
    for image, label, one in zip(inputs, labels, ours, strict=True):
        theirs = reference(image[None], target_idx=label)[0]
        assert abs(one - theirs).max() < 1e-5
    plain = maps(build(cam_method='GradCAM').predict(inputs, samples(*labels)))
    assert abs(plain.numpy() - ours).max() > 0.01


@pytest.mark.parametrize('method', [m for m in METHODS if m != RANDOM])
def test_a_batch_gives_what_its_images_give_alone(method):
    model = build(cam_method=method)
    assert_images_do_not_mix(model, torch.randn(2, 3, 24, 24), 0, 3)


def test_grad_cam_of_the_package_is_ours():
    inputs = torch.randn(3, 3, 24, 32)
    theirs = build(cam_method='GradCAM').predict(inputs, samples(1, 2, 3))
    ours = build().predict(inputs, samples(1, 2, 3))
    torch.testing.assert_close(maps(theirs), maps(ours), atol=1e-5, rtol=0)


@pytest.mark.parametrize('method', ['FullGrad', 'AblationCAM'])
def test_an_error_leaves_no_trace_either(method):
    model = build(cam_method=method)
    with left_as_it_was(model), pytest.raises((IndexError, RuntimeError)):
        model.predict(torch.randn(1, 3, 24, 24), samples(99))


def test_bfloat16_autocast_does_not_reach_the_maps():
    inputs = torch.randn(1, 3, 24, 24)
    model = build(cam_method='GradCAM')
    expected = maps(model.predict(inputs, samples(1)))
    with torch.autocast('cpu', dtype=torch.bfloat16):
        got = maps(model.predict(inputs, samples(1)))
    torch.testing.assert_close(got, expected)


@pytest.mark.parametrize('rank', [1, 2, 6])
def test_the_class_of_a_rank_is_explained(rank):
    inputs = torch.randn(2, 3, 24, 24)
    predictions = build(cam_target=rank).predict(inputs)
    for prediction in predictions:
        order = np.argsort(-prediction.pred_score.detach().numpy())
        assert int(prediction.cam_label) == order[rank - 1]
    if rank == 1:
        first = build(cam_target='pred').predict(inputs)
        torch.testing.assert_close(maps(predictions), maps(first))


def test_ranks_that_make_no_sense():
    with pytest.raises(InputError, match='6 classes'):
        build(cam_target=7).predict(torch.randn(1, 3, 24, 24))
    for rank in (0, -1, True, 1.0):
        with pytest.raises(InputError, match='cam_target'):
            build(cam_target=rank)
