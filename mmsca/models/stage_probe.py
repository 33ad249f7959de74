"""Linear classifiers on every stage of a backbone."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from mmcv.cnn import build_norm_layer
from mmengine.model import BaseModule
from mmpretrain.models import ImageClassifier
from mmpretrain.structures import DataSample
from torch import Tensor, nn

from mmsca.registry import MODELS
from mmsca.utils.errors import InputError


@MODELS.register_module()
class StageProbe(ImageClassifier):
    """An ImageClassifier whose head also sees the stem of a ResNet.

    The features are the maps after the first ReLU, which mmpretrain's ResNet
    does not give out, and those of `backbone.out_indices`.
    """

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.backbone.maxpool.register_forward_pre_hook(self._keep_stem)

    def _keep_stem(self, maxpool: nn.Module, args: tuple[Tensor]) -> None:
        (self._stem,) = args

    def extract_feat(self, inputs: Tensor, stage: str = 'neck'):
        """Maps of the stem and of the stages, tuple of (N, C, H, W)."""
        maps = super().extract_feat(inputs, stage='backbone')
        stem, self._stem = self._stem, None
        return (stem, *maps)


@MODELS.register_module()
class MultiStageLinearHead(BaseModule):
    """One linear classifier for each map, all trained at once.

    A map is averaged to a small grid, normalised by BN without weights and
    flattened, as in the multi-head evaluation of mmselfsup ("Scaling and
    Benchmarking Self-Supervised Visual Representation Learning", Goyal et
    al., 2019). No gradient passes between the classifiers.

    Args:
        num_classes (int): Number of classes K.
        in_channels (Sequence[int]): Channels of each map.
        pool_sizes (Sequence[int]): Height and width of each grid.
        names (Sequence[str]): Name of each map, for logs and scores.
        norm_cfg (dict): Normalisation of the grids.

    Raises:
        InputError: If the four differ in length.
    """

    def __init__(
        self,
        num_classes: int,
        in_channels: Sequence[int],
        pool_sizes: Sequence[int],
        names: Sequence[str],
        norm_cfg: dict,
    ) -> None:
        super().__init__(
            init_cfg=dict(type='Normal', layer='Linear', std=0.01)
        )
        if not len(in_channels) == len(pool_sizes) == len(names):
            raise InputError(
                'model.head needs as many in_channels as pool_sizes and '
                f'names, got {len(in_channels)}, {len(pool_sizes)} and '
                f'{len(names)}.'
            )
        self.num_classes = num_classes
        self.names = list(names)
        self.pool_sizes = list(pool_sizes)
        self.norms = nn.ModuleList(
            build_norm_layer(norm_cfg, channels)[1] for channels in in_channels
        )
        self.fcs = nn.ModuleList(
            nn.Linear(channels * size**2, num_classes)
            for channels, size in zip(in_channels, pool_sizes, strict=True)
        )

    def forward(self, maps: Sequence[Tensor]) -> list[Tensor]:
        """Scores of each map (N, C, H, W), a list of (N, K)."""
        parts = zip(maps, self.pool_sizes, self.norms, self.fcs, strict=True)
        return [
            fc(norm(F.adaptive_avg_pool2d(x.detach(), size)).flatten(1))
            for x, size, norm, fc in parts
        ]

    def loss(
        self, maps: Sequence[Tensor], data_samples: list[DataSample]
    ) -> dict[str, Tensor]:
        """Cross entropy of each classifier, `loss_<name>`."""
        labels = torch.cat([s.gt_label for s in data_samples])  # (N,)
        return {
            f'loss_{name}': F.cross_entropy(scores, labels)
            for name, scores in zip(self.names, self(maps), strict=True)
        }

    def predict(
        self, maps: Sequence[Tensor], data_samples: list[DataSample]
    ) -> list[DataSample]:
        """Add `stage_labels`: what each classifier predicts, by its name."""
        labels = torch.stack([s.argmax(dim=1) for s in self(maps)], dim=1)
        for sample, row in zip(data_samples, labels.tolist(), strict=True):
            sample.set_field(
                dict(zip(self.names, row, strict=True)), 'stage_labels'
            )
        return data_samples
