"""SyncBN over groups of ranks."""

import torch.distributed as dist
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from mmsca.registry import MODELS
from mmsca.utils.rank_groups import ranks_of_group


@MODELS.register_module()
class GroupSyncBN(nn.SyncBatchNorm):
    """Batch statistics over groups of consecutive ranks.

    SwAV's authors ran groups of 8: the ranks of one machine, whose traffic
    stays there, see enough images. In a single process and on CPUs this is
    plain BN, so that configs need not change.

    Args:
        num_features (int): C.
        group_size (int): Ranks in a group; with fewer ranks in all, these
            are the group.
        **kwargs: As in :class:`torch.nn.SyncBatchNorm`.

    Raises:
        InputError: In the first forward pass on several GPUs, if
            `group_size` does not divide their number.
    """

    def __init__(self, num_features: int, group_size: int = 8, **kwargs):
        super().__init__(num_features, **kwargs)
        self.group_size = group_size

    def forward(self, x: Tensor) -> Tensor:
        """Normalize x of shape (N, C, ...)."""
        if x.device.type == 'cpu' or not dist.is_initialized():
            return _BatchNorm.forward(self, x)
        # Not kept: a module with a process group can't be copied.
        self.process_group = ranks_of_group(
            self.group_size, 'norm_cfg.group_size'
        )
        try:
            return super().forward(x)
        finally:
            self.process_group = None

    def extra_repr(self) -> str:
        return f'{super().extra_repr()}, group_size={self.group_size}'
