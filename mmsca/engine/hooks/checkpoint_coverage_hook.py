from inspect import signature

from mmengine.hooks import Hook
from mmengine.runner import BaseLoop, Runner, find_latest_checkpoint
from mmpretrain.utils import get_ori_model

from mmsca.registry import HOOKS
from mmsca.utils.errors import InputError


@HOOKS.register_module()
class CheckpointCoverageHook(Hook):
    """Stops a training that has no pretrained backbone to start from.

    `Runner.train` calls `before_run` right before it initialises weights;
    then `init_cfg` of the backbone loads them, or fails: see
    :class:`mmsca.utils.checkpoint.PretrainedInit`.

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
        """Check that `init_cfg` names a checkpoint, and give it to the tail.

        Raises:
            InputError: The checkpoint is not given.
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
            if not backbone.is_init:  # it is if it brought weights along
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
        if self.tail:
            tail = model.get_submodule(self.tail)
            part = self.tail.rpartition('.')[2]
            tail.init_cfg = dict(init_cfg, part=part)
        runner.logger.info(f'The backbone starts from {checkpoint}.')


def is_resuming(runner: Runner) -> bool:
    """Whether the runner is going to load a checkpoint of its own run."""
    return runner._resume and (
        runner._load_from is not None
        or find_latest_checkpoint(runner.work_dir) is not None
    )
