"""Networks from files, ready to predict, for programs and for the tools."""

from argparse import Namespace
from collections.abc import Mapping
from os import PathLike

from mmengine.config import Config
from mmengine.device import get_device
from mmengine.model import BaseModel
from mmengine.registry import MODELS, init_default_scope

from mmsca.apis.config import load_config
from mmsca.apis.inspect import config_for
from mmsca.apis.knn import build_model
from mmsca.models import SwAVSCA
from mmsca.utils.architectures import detect_architecture
from mmsca.utils.checkpoint import state_dict_of, trained_classes
from mmsca.utils.checkpoint_checks import check_finite, check_whole
from mmsca.utils.checkpoint_reader import read_checkpoint
from mmsca.utils.errors import InputError
from mmsca.utils.settings import parse_fields


def config_of(
    config: str | PathLike, options: Mapping | None = None
) -> Config:
    """A config by file or name, with values by paths, as the tools read it."""
    args = Namespace(config=str(config), cfg_options=dict(options or {}))
    return load_config(args)


def load_backbone(
    file: str | PathLike,
    config: str | PathLike | None = None,
    *,
    options: Mapping | None = None,
    prefix: str | None = None,
    trust: bool = False,
) -> BaseModel:
    """A pretrained backbone of any project, for :func:`extract_features`.

    Args:
        file (str | PathLike): A checkpoint, see docs/checkpoints.md; or
            'none' for random weights, with a config.
        config (str | PathLike, optional): Of a linear classifier, a file or
            a name: it says how images are prepared. Defaults to None, the
            one of ImageNet that `mmsca inspect` finds for the file.
        options (Mapping, optional): Fields of the config to replace, such as
            `{'model.backbone.depth': 18}`.
        prefix (str, optional): Which backbone, if the file holds several.
        trust (bool): Whether the file may run code.

    Returns:
        BaseModel: An `mmpretrain.ImageClassifier` in eval mode, on the GPU
        if there is one. `backbone` is the network and `cfg` the config; its
        head has random weights.

    Raises:
        InputError: The file cannot be read, holds no such backbone, or
            there is no config for it that has a test_dataloader.
    """
    options = dict(options or {})
    if config is None:
        found = detect_architecture(
            read_checkpoint(file, trust), str(file), prefix
        )
        config, fields = config_for(found)
        if fields is None:
            raise InputError(
                f"'{file}' holds a {found}, for which mmsca has no config. "
                'Name one of yours.'
            )
        options = fields | options
    cfg = config_of(config, options)
    if cfg.get('test_dataloader') is None:
        raise InputError(
            f"The config '{config}' has no test_dataloader, which says how "
            'images are prepared. Use one of configs/classification.'
        )
    if prefix:
        cfg.model.backbone.init_cfg.prefix = prefix
    init_default_scope(cfg.default_scope)
    return build_model(cfg, str(file), trust).eval()


def load_model(
    file: str | PathLike,
    config: str | PathLike | None = None,
    *,
    options: Mapping | None = None,
    trust: bool = False,
) -> BaseModel:
    """A whole model as a training of mmsca wrote it, with its head.

    Args:
        file (str | PathLike): A checkpoint of `mmsca train`.
        config (str | PathLike, optional): Of that training, a file or a name.
            Defaults to None, the settings that the checkpoint holds.
        options (Mapping, optional): Fields of the config to replace.
        trust (bool): Whether the file may run code.

    Returns:
        BaseModel: The model in eval mode, on the GPU if there is one. `cfg`
        is its config and `classes` the names of its classes, or None.

    Raises:
        InputError: The file cannot be read, holds no settings, or does not
            fit the config.
    """
    content = None
    if config:
        cfg = config_of(config, options)
    else:
        content = read_checkpoint(file, trust)
        cfg = stored_config(content, str(file))
    init_default_scope(cfg.default_scope)
    model = MODELS.build(cfg.model)
    if isinstance(model, SwAVSCA):
        # What is seen does not depend on what a training remembers.
        model.guided_queue = model.head.queue = model.memory = None
    if content is None:  # a config that builds nothing is refused before
        content = read_checkpoint(file, trust)
    state_dict = state_dict_of(content, str(file))
    weights = check_whole(state_dict, model, str(file))
    check_finite(weights, str(file))
    model.load_state_dict(weights, strict=False)
    model.cfg = cfg
    model.classes = trained_classes(content)
    return model.to(get_device()).eval()


def stored_config(content: object, source: str) -> Config:
    """The settings of a training from its checkpoint, without running them."""
    state_dict_of(content, source)  # refuses what is no checkpoint
    meta = content.get('meta') or {}
    if not isinstance(meta.get('cfg'), str):
        raise InputError(
            f"'{source}' does not hold the settings of its training. Name its "
            'config.'
        )
    return Config(parse_fields(meta['cfg']))
