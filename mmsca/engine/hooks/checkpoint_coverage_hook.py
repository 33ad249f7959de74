from inspect import signature

from mmengine.hooks import Hook
from mmengine.runner import BaseLoop, Runner, find_latest_checkpoint
from mmpretrain.utils import get_ori_model

from mmsca.registry import HOOKS
from mmsca.utils.checkpoint import check_coverage, read_state_dict
from mmsca.utils.errors import InputError


@HOOKS.register_module()
class CheckpointCoverageHook(Hook):
    """Stops a training whose pretrained backbone would not load.

    mmengine loads `model.backbone.init_cfg` with `strict=False`, so a wrong
    file or prefix trains from random weights without a word. `Runner.train`
    calls `before_run` right before it initialises weights; there the file is
    read and at least 95 % of the backbone's keys have to match.

    A run that resumes has its weights in its own checkpoint, so the
    pretrained file is not asked for again.

    Args:
        tail (str, optional): The module that goes on where the backbone ends
            and is pretrained too, e.g. 'roi_head.shared_head.layer4' of a C4
            detector. It starts from the checkpoint of the backbone, where
            its names begin with its own last name, here 'layer4'.
    """

    def __init__(self, tail: str | None = None) -> None:
        self.tail = tail

    def before_run(self, runner: Runner) -> None:
        """Check the checkpoint that `init_cfg` of the backbone names.

        Gives the same checkpoint to the tail, and checks it there too.

        Args:
            runner (Runner): The runner, its weights not yet initialised.

        Raises:
            InputError: The checkpoint is not given, is not there, is no
                checkpoint, or does not cover the backbone or the tail.
        """
        model = get_ori_model(runner.model)
        # `Runner.val` and `Runner.test` call `before_run` too: then the
        # train loop is still a config, or the model has been trained.
        if not isinstance(runner._train_loop, BaseLoop) or model.is_init:
            return
        backbone = model.backbone
        if is_resuming(runner):
            backbone.init_cfg = None
            return
        init_cfg = backbone.init_cfg
        if init_cfg is None:
            # Not torch's initialisation, but that which pretraining starts
            # from.
            parameter = signature(type(backbone)).parameters.get('init_cfg')
            backbone.init_cfg = parameter and parameter.default
        if not isinstance(init_cfg, dict) or init_cfg['type'] != 'Pretrained':
            runner.logger.info('The backbone starts from random weights.')
            return
        checkpoint = init_cfg['checkpoint']
        if not checkpoint:
            raise InputError(
                'model.backbone.init_cfg.checkpoint is empty. Give the '
                'pretrained weights with --cfg-options '
                'model.backbone.init_cfg.checkpoint=CKPT, or start from '
                'random weights with --cfg-options '
                'model.backbone.init_cfg=None'
            )
        prefix = init_cfg.get('prefix') or ''
        # For names that stand alone mmengine takes None, and refuses ''.
        init_cfg['prefix'] = prefix or None
        parts = {prefix: backbone}
        if self.tail:
            owner, _, name = self.tail.rpartition('.')
            # The owner loads, so that its names begin as in the file.
            model.get_submodule(owner).init_cfg = dict(init_cfg)
            start = prefix and prefix.rstrip('.') + '.'
            parts[start + name] = model.get_submodule(self.tail)
        if '://' in checkpoint:
            runner.logger.info(f'The backbone starts from {checkpoint}.')
            return
        state_dict = read_state_dict(checkpoint)
        matches = sum(
            len(check_coverage(state_dict, module, start, checkpoint))
            for start, module in parts.items()
        )
        runner.logger.info(
            f'The backbone starts from {checkpoint}: {matches} tensors match.'
        )


def is_resuming(runner: Runner) -> bool:
    """Whether the runner is going to load a checkpoint of its own run."""
    if not runner._resume:
        return False
    if runner._load_from is not None:
        return True
    return find_latest_checkpoint(runner.work_dir) is not None
