"""`compile` of a config: the backbone, and nothing else."""

import pytest
import torch
from mmengine.model import BaseModel
from torch import nn
from toy_runs import loader, toy_runner


class Model(BaseModel):
    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.backbone = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU())
        self.head = nn.Linear(4, 1)

    def forward(self, inputs, mode='loss'):
        x = torch.stack(inputs)
        views = (x, x[..., :6, :6])
        pooled = [self.backbone(view).mean(dim=(2, 3)) for view in views]
        return dict(loss=self.head(torch.cat(pooled)).square().mean())


def train(work_dir, **cfg):
    generator = torch.Generator().manual_seed(0)
    images = torch.rand(8, 3, 8, 8, generator=generator)
    images = loader([dict(inputs=image) for image in images])
    return toy_runner(Model(), work_dir, images, cfg=cfg).train()


@pytest.fixture
def num_graphs():
    """Gives how many graphs have been compiled so far."""
    torch._dynamo.reset()
    counts = torch._dynamo.utils.counters['stats']
    before = counts['unique_graphs']
    yield lambda: counts['unique_graphs'] - before
    torch._dynamo.reset()


def test_compiled_backbone_trains_the_same_weights(tmp_path, num_graphs):
    eager = train(tmp_path, compile=False)
    assert num_graphs() == 0
    compiled = train(tmp_path, compile=dict(backend='eager'))
    assert num_graphs() == 2  # one a resolution
    assert list(compiled.state_dict()) == list(eager.state_dict())
    for name, weight in eager.state_dict().items():
        torch.testing.assert_close(compiled.state_dict()[name], weight)
