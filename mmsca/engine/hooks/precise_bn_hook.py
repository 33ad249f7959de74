from itertools import islice

import torch
from mmengine.hooks import Hook
from mmengine.runner import Runner
from mmpretrain.utils import get_ori_model
from torch.nn.modules.batchnorm import _BatchNorm

from mmsca.registry import HOOKS


@HOOKS.register_module()
class PreciseBNHook(Hook):
    """Statistics of BN from batches of fixed weights, after each epoch.

    Running averages mix the statistics of weights that have changed since.
    detectron2 can take them anew before testing (`TEST.PRECISE_BN`), and the
    detection tables of MoCo and PyContrast do; this is its counterpart for
    detectors of mmdet. mmpretrain's hook asks the data loader for a batch
    size, which those of mmdet do not have, and calls the model without a
    mode, so that heads would see all proposals instead of the sampled ones.

    The mean over batches is that of each batch mean, and of each unbiased
    batch variance. Frozen norms keep theirs. Across ranks it needs SyncBN.

    Args:
        num_iters (int): Batches to take, at most one epoch. 200 is
            detectron2's default.
    """

    def __init__(self, num_iters: int = 200) -> None:
        self.num_iters = num_iters

    @torch.no_grad()
    def after_train_epoch(self, runner: Runner) -> None:
        """Runs before the checkpoint is written and the model validated."""
        model = get_ori_model(runner.model)
        norms = [
            m
            for m in model.modules()
            if isinstance(m, _BatchNorm) and m.training
        ]
        momenta = [norm.momentum for norm in norms]
        for norm in norms:
            norm.reset_running_stats()
            norm.momentum = None  # torch's word for a mean of all batches
        loader = runner.train_loop.dataloader
        for batch in islice(loader, self.num_iters):
            model(**model.data_preprocessor(batch, True), mode='loss')
        for norm, momentum in zip(norms, momenta, strict=True):
            norm.momentum = momentum
