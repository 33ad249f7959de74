"""Whole steps of a run are those of the paper's equations."""

import copy
from pathlib import Path

import torch
from mmengine.config import Config
from mmengine.registry import MODELS, init_default_scope
from mmengine.runner import Runner
from mmpretrain.structures import DataSample
from tiny_swav import tiny_swav
from torch.func import functional_call

SCHEDULE = 'configs/_base_/schedules/swav_200e_bs256.py'
BATCH_SIZE, SIZES, STEPS = 4, (32, 32, 16), 5
QUEUE_LENGTH, TEMPERATURE, EPSILON = 8, 0.1, 0.05
BASE_LR, MOMENTUM, WEIGHT_DECAY, TRUST = 0.6, 0.9, 1e-6, 0.001


def build_model():
    init_default_scope('mmpretrain')
    torch.manual_seed(0)
    model = MODELS.build(
        tiny_swav(
            norm_eval=True,
            num_prototypes=6,
            temperature=TEMPERATURE,
            epsilon=EPSILON,
            queue_length=QUEUE_LENGTH,
            queue_start=0,
        )
    )
    # Here, so that the Runner does not draw weights of its own.
    model.init_weights()
    return model.double()


def views_of(step):
    generator = torch.Generator().manual_seed(step)
    return [
        torch.randn(
            BATCH_SIZE, 3, s, s, generator=generator, dtype=torch.float64
        )
        for s in SIZES
    ]


class Views(torch.utils.data.Dataset):
    def __len__(self):
        return STEPS * BATCH_SIZE

    def __getitem__(self, i):
        views = views_of(i // BATCH_SIZE)
        return dict(
            inputs=[view[i % BATCH_SIZE] for view in views],
            data_samples=DataSample(),
        )


def run_ours(model, work_dir):
    """The recipe of the ImageNet config, but for the lr and the freezing."""
    schedule = Config.fromfile(Path(__file__).parents[2] / SCHEDULE)
    runner = Runner(
        model,
        str(work_dir),
        train_dataloader=dict(
            dataset=Views(),
            batch_size=BATCH_SIZE,
            sampler=dict(type='DefaultSampler', shuffle=False),
            collate_fn=dict(type='default_collate'),
        ),
        train_cfg=dict(by_epoch=False, max_iters=STEPS),
        optim_wrapper=schedule.optim_wrapper,
        param_scheduler=dict(
            type='LinearLR', start_factor=0.2, end=STEPS, by_epoch=False
        ),
        custom_hooks=[dict(type='mmsca.PrototypeHook')],
        experiment_name='step',
    )
    runner.train()
    return {k: v.detach() for k, v in model.named_parameters()}


def embed(model, weights, views):
    """z of V views, (V, B, D): backbone, Linear-BN-ReLU-Linear, length 1."""
    backbone = {
        k.removeprefix('backbone.'): v
        for k, v in weights.items()
        if k.startswith('backbone.')
    }
    features = torch.cat(
        [
            functional_call(model.backbone, backbone, view)[-1].mean((2, 3))
            for view in views
        ]
    )
    w = {
        k.removeprefix('neck.projection_neck.'): v for k, v in weights.items()
    }
    h = features @ w['0.weight'].T + w['0.bias']
    h = (h - h.mean(0)) / (h.var(0, unbiased=False) + 1e-5).sqrt()
    h = (h * w['neck.norm.weight'] + w['neck.norm.bias']).clamp(min=0)
    z = h @ w['3.weight'].T + w['3.bias']
    return (z / z.norm(dim=1, keepdim=True)).unflatten(0, (len(views), -1))


def codes_of(z, prototypes):
    """Q* of the paper, eq. 5, by three rounds of row and column sums."""
    q = torch.exp(prototypes @ z.T / EPSILON)  # (K, B)
    for _ in range(3):
        q = q / q.sum(1, keepdim=True) / q.size(0)
        q = q / q.sum(0, keepdim=True) / q.size(1)
    return (q * q.size(1)).T  # (B, K)


def loss_of(z, prototypes, past):
    """Eq. 2 over all pairs of an assigned view and another."""
    pairs = []
    for a in range(2):
        rows = torch.cat([z[a].detach(), past[a]])
        q = codes_of(rows, prototypes.detach())[:BATCH_SIZE]
        for v in set(range(len(z))) - {a}:
            p = torch.softmax(z[v] @ prototypes.T / TEMPERATURE, dim=1)
            pairs.append(-(q * p.log()).sum(1).mean())
    return sum(pairs) / len(pairs)


def run_paper(model):
    weights = {k: v.detach().clone() for k, v in model.named_parameters()}
    momenta = {k: torch.zeros_like(v) for k, v in weights.items()}
    queue = []
    for step in range(STEPS):
        weights = {k: v.requires_grad_() for k, v in weights.items()}
        z = embed(model, weights, views_of(step))
        # The newest first; none before the queue is full.
        full = len(queue) * BATCH_SIZE >= QUEUE_LENGTH
        newest = queue[: QUEUE_LENGTH // BATCH_SIZE]
        past = torch.cat(newest, dim=1) if full else z[:2, :0].detach()
        prototypes = weights['head.prototypes.0.weight']
        loss = loss_of(z, prototypes, past)
        gradients = torch.autograd.grad(loss, list(weights.values()))
        queue.insert(0, z[:2].detach())

        lr = BASE_LR * (0.2 + 0.8 * step / (STEPS - 1))
        new = {}
        for (name, w), g in zip(weights.items(), gradients, strict=True):
            w = w.detach()
            rate = 1.0
            if w.norm() > 0 and g.norm() > 0:
                rate = TRUST * w.norm()
                rate /= g.norm() + WEIGHT_DECAY * w.norm() + 1e-8
                g = g + WEIGHT_DECAY * w
            momenta[name] = MOMENTUM * momenta[name] + rate * g
            new[name] = w - lr * momenta[name]
        prototypes = new['head.prototypes.0.weight']
        prototypes /= prototypes.norm(dim=1, keepdim=True)
        weights = new
    return weights


def test_steps_are_those_of_the_equations(tmp_path):
    model = build_model()
    reference = copy.deepcopy(model)
    expected = run_paper(reference.eval())
    weights = run_ours(model, tmp_path)
    # Moved by one part in a thousand, equal to one in a billion.
    start = dict(reference.named_parameters())
    for name, weight in weights.items():
        moved = (expected[name] - start[name]).norm()
        assert moved > 0, name
        assert (weight - expected[name]).norm() < 1e-6 * moved, name
