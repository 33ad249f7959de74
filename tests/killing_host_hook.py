"""A hook for tests: the host of a rank dies at an iteration, once."""

import os
import signal
from pathlib import Path

from mmengine.dist import get_rank
from mmengine.hooks import Hook

from mmsca.registry import HOOKS


@HOOKS.register_module()
class KillingHostHook(Hook):
    def __init__(self, rank: int, at: int) -> None:
        self.rank = rank
        self.at = at

    def before_train_iter(self, runner, batch_idx, data_batch=None) -> None:
        if get_rank() != self.rank or runner.iter != self.at:
            return
        mark = Path(runner.work_dir, 'killed')
        if mark.exists():
            return
        mark.touch()
        os.kill(os.getppid(), signal.SIGKILL)  # torchrun of this host
        os.kill(os.getpid(), signal.SIGKILL)
