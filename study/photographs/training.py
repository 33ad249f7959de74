"""One run: a network, its steps, and on a GPU the graphs that replay them."""

import math

import torch
import torch.nn.functional as F
from mmengine.config import Config
from mmengine.registry import init_default_scope
from mmpretrain.registry import MODELS
from torch import Tensor, nn

from mmsca.models import SwAVSCA
from mmsca.utils.config_names import find_config
from study.photographs.data import normalized
from study.photographs.losses import swav_loss
from study.photographs.views import Views

RISING, STILL = 30, 15  # steps: the rate rises, prototypes do not move
WARMUP = 0.2  # of the training, without the second loss
DEFAULTS = dict(
    use='plain',
    source='even',
    weight=None,
    epochs=10,
    batch=256,
    lr=6e-3,  # at a batch of 256, and in proportion to it
    prototypes=128,
    epsilon=0.03,
)


def build_network(prototypes: int, epsilon: float) -> SwAVSCA:
    """The network of configs/sca/swav_sca_r18_tinyimagenet.py."""
    cfg = Config.fromfile(find_config('sca/swav_sca_r18_tinyimagenet'))
    cfg.model.head.update(num_prototypes=prototypes, epsilon=epsilon)
    init_default_scope(cfg.default_scope)
    return MODELS.build(cfg.model)


class Training:
    """Of one row of the table, at one seed.

    Args:
        row (dict): Fields of DEFAULTS.
        seed (int): Of the weights, the order and the views.
        data (dict): The training split of :func:`data.read_splits`, on the
            device.
    """

    def __init__(self, row: dict, seed: int, data: dict[str, Tensor]):
        self.row = {**DEFAULTS, **row}
        self.data = data
        self.device = data['images'].device
        torch.default_generator.manual_seed(seed)
        self.model = build_network(self.row['prototypes'], self.row['epsilon'])
        self.model.init_weights()
        classes = int(data['labels'].max()) + 1
        self.classifier = nn.Linear(128, classes)
        self.model.to(self.device, memory_format=torch.channels_last).train()
        self.classifier.to(self.device)
        generator = torch.Generator(self.device).manual_seed(seed)
        self.views = Views(generator)

        count = len(data['images'])
        self.epoch_length = count // self.row['batch']
        self.length = self.epoch_length * self.row['epochs']
        self.order = torch.arange(count, device=self.device)
        self.now = torch.zeros(1, dtype=torch.long, device=self.device)
        self.losses = torch.zeros(max(self.length, 1), device=self.device)
        rate = self.row['lr'] * self.row['batch'] / 256
        self.rates = rate * schedule(self.length).to(self.device)
        self.on_gpu = self.device.type == 'cuda'
        self.rate = torch.zeros((), device=self.device)
        self.optimizer = torch.optim.AdamW(
            [*self.model.parameters(), *self.classifier.parameters()],
            lr=self.rate if self.on_gpu else 0.0,
            weight_decay=1e-4,
            fused=self.on_gpu,
            capturable=self.on_gpu,
        )

    def run(self) -> None:
        """All steps; on a GPU each but the first ones as one graph."""
        graphs, eager_steps = {}, {False: 0, True: 0}
        for step in range(self.length):
            if step % self.epoch_length == 0:
                self.order.copy_(self.views.rand(len(self.order)).argsort())
            guided = step >= WARMUP * self.length
            if not self.on_gpu or eager_steps[guided] < 2:
                self.step(guided)
                eager_steps[guided] += 1
                continue
            if guided not in graphs:
                graphs[guided] = self.capture(guided)
            graphs[guided].replay()

    def capture(self, guided: bool) -> torch.cuda.CUDAGraph:
        """A graph of one step; nothing is computed."""
        stream = torch.cuda.current_stream()
        stream.synchronize()
        graph = torch.cuda.CUDAGraph()
        graph.register_generator_state(self.views.generator)
        with torch.cuda.graph(graph, stream=stream):
            self.step(guided)
        return graph

    def step(self, guided: bool) -> None:
        """One step, without a wait for the device."""
        size = self.row['batch']
        start = self.now % self.epoch_length * size
        places = start + torch.arange(size, device=self.device)
        index = self.order[places]
        batch = {name: values[index] for name, values in self.data.items()}
        with torch.autocast(
            self.device.type,
            torch.bfloat16,
            enabled=self.on_gpu,
            cache_enabled=False,
        ):
            if self.row['use'] == 'supervised':
                loss = self.supervised_loss(batch['images'], batch['labels'])
            else:
                loss = swav_loss(
                    self.model,
                    self.views,
                    **batch,
                    use=self.row['use'],
                    source=self.row['source'],
                    weight=self.row['weight'],
                    guided=guided,
                )
        self.optimizer.zero_grad()
        loss.backward()
        moving = (self.now >= STILL).float()
        prototypes = self.model.head.prototypes[0].weight
        if prototypes.grad is not None:
            prototypes.grad.mul_(moving)
        rate = self.rates.index_select(0, self.now).squeeze(0)
        if self.on_gpu:
            self.rate.copy_(rate)
        else:
            self.optimizer.param_groups[0]['lr'] = rate.item()
        self.optimizer.step()
        self.model.head.normalize_prototypes()
        with torch.no_grad():
            self.losses.index_copy_(0, self.now, loss.detach().float()[None])
            self.now += 1

    def supervised_loss(self, images: Tensor, labels: Tensor) -> Tensor:
        corners = self.views.crop(len(images), (0.5, 1.0))
        views = normalized(self.model, self.views.cut(images, corners, 64))
        views = views.contiguous(memory_format=torch.channels_last)
        maps = self.model.backbone(views)[-1]
        logits = self.classifier(maps.float().mean(dim=(2, 3)))
        return F.cross_entropy(logits.float(), labels)


def schedule(length: int) -> Tensor:
    """Rates of all steps, at most 1: a rise, and half a cosine."""
    steps = torch.arange(length)
    fraction = (steps - RISING).clamp(min=0) / max(length - RISING, 1)
    rise = (0.03 + 0.97 * steps / RISING).clamp(max=1)
    return rise * (1 + torch.cos(math.pi * fraction)) / 2
