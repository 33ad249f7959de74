import torch
from mmengine.model import BaseModel
from mmengine.runner import Runner
from torch import nn

from mmsca.models import SwAVHead
from mmsca.utils.progress import training_progress


class Model(BaseModel):
    def __init__(self):
        super().__init__()
        self.head = SwAVHead(in_channels=4, num_prototypes=[5, 3])
        self.neck = nn.Linear(4, 4)
        self.epochs = []

    def forward(self, inputs, mode='loss'):
        norms = [p.weight.norm(dim=1) for p in self.head.prototypes]
        torch.testing.assert_close(torch.cat(norms), torch.ones(8))
        self.epochs.append(training_progress().epoch)
        z = self.neck(torch.stack(inputs))
        return dict(
            loss=sum(p(z).square().sum() for p in self.head.prototypes)
        )


def test_prototypes_have_unit_length_in_every_forward_pass(tmp_path):
    torch.manual_seed(0)
    model = Model()
    start = model.head.state_dict()['prototypes.0.weight'].clone()
    Runner(
        model=model,
        work_dir=str(tmp_path),
        train_dataloader=dict(
            dataset=[dict(inputs=torch.arange(4.0))] * 6,
            batch_size=2,
            sampler=dict(type='InfiniteSampler', shuffle=False),
        ),
        # Counted by iteration, where mmengine stays in epoch 0.
        train_cfg=dict(by_epoch=False, max_iters=7),
        optim_wrapper=dict(optimizer=dict(type='SGD', lr=0.01)),
        custom_hooks=[dict(type='mmsca.PrototypeHook')],
        experiment_name='prototypes',
        default_scope='mmengine',
    ).train()
    assert model.epochs == [0, 0, 0, 1, 1, 1, 2]
    # They moved, along the sphere.
    assert not torch.allclose(model.head.prototypes[0].weight, start)
