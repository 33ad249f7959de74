"""Randomness inside a model that a restart does not change."""

from mmengine.dist import get_rank
from mmengine.hooks import Hook

from mmsca.registry import HOOKS
from mmsca.utils.seeding import seed_all


@HOOKS.register_module()
class KeyedRandomnessHook(Hook):
    """Seed what a training step draws, by (seed, iteration, rank)."""

    def before_train_iter(self, runner, batch_idx, data_batch=None) -> None:
        seed_all(runner.seed, runner.iter, get_rank())
