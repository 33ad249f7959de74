"""Small models that make class maps, and what all of them keep to."""

import copy
from contextlib import contextmanager

import torch
from mmengine.registry import MODELS, init_default_scope
from mmpretrain.structures import DataSample
from torch import Tensor, nn


def tiny_backbone(width: int = 4, frozen_stages: int = -1) -> dict:
    """Config of a ResNet-18 whose last map has `8 * width` channels."""
    return dict(
        type='mmpretrain.ResNet',
        depth=18,
        stem_channels=8,
        base_channels=width,
        strides=(1, 2, 1, 1),
        dilations=(1, 1, 1, 1),
        out_indices=(3,),
        frozen_stages=frozen_stages,
    )


def build_eval(**cfg) -> nn.Module:
    """The same model every time, in eval mode.

    Its weights are those of torch: `init_weights` would zero the residual
    branches.
    """
    init_default_scope('mmpretrain')
    torch.manual_seed(0)
    return MODELS.build(cfg).eval()


def samples(*labels: int) -> list[DataSample]:
    return [DataSample().set_gt_label(label) for label in labels]


def maps(predictions: list[DataSample]) -> Tensor:
    """Maps (N, H, W) of predictions."""
    return torch.stack([prediction.pred_cam for prediction in predictions])


def assert_images_do_not_mix(model, inputs: Tensor, *labels: int) -> None:
    """A batch gives what its images give alone."""
    together = maps(model.predict(inputs, samples(*labels)))
    assert together.shape == (len(inputs), *inputs.shape[2:])
    for i, label in enumerate(labels):
        (alone,) = maps(model.predict(inputs[i : i + 1], samples(label)))
        torch.testing.assert_close(together[i], alone, atol=2e-4, rtol=0)


def _traces(model: nn.Module) -> list[tuple]:
    modules = [
        (
            type(m),
            m.training,
            set(m._forward_hooks),
            set(m._forward_pre_hooks),
            set(m._backward_hooks),
        )
        for m in model.modules()
    ]
    return modules + [(p.requires_grad, p.grad) for p in model.parameters()]


@contextmanager
def left_as_it_was(model: nn.Module):
    """Fails if modes, hooks, gradients or weights of a model change."""
    before, weights = _traces(model), copy.deepcopy(model.state_dict())
    yield
    assert _traces(model) == before
    torch.testing.assert_close(model.state_dict(), weights, rtol=0, atol=0)
