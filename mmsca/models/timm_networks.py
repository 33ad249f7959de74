"""Networks of timm: built by name, with sentences where timm has none."""

import difflib

from mmengine.logging import print_log
from torch import nn

from mmsca.utils.errors import InputError

STRIDES = [4, 8, 16, 32]


def create_network(model_name: str, pretrained: bool, **kwargs) -> nn.Module:
    """The network of timm of that name, without classifier.

    `pretrained` has timm load its own weights; other arguments are those of
    `timm.create_model`.

    Raises:
        InputError: If timm is missing, does not know the name or cannot
            load the weights.
    """
    try:
        import timm
    except ImportError as error:
        raise InputError(
            f"the backbone '{model_name}' needs timm: pip install mmsca[timm]"
        ) from error
    kwargs = dict(pretrained=pretrained, num_classes=0, **kwargs)
    try:
        try:
            # Position embeddings keep the shape they have in the file, and
            # are resampled to the size of the images.
            return timm.create_model(
                model_name, **{'dynamic_img_size': True, **kwargs}
            )
        except TypeError as error:
            if 'dynamic_img_size' not in str(error):
                raise
            return timm.create_model(model_name, **kwargs)
    # Of one type for an unknown name, the network and the disk.
    except (RuntimeError, OSError) as error:
        near = difflib.get_close_matches(
            model_name, timm.list_models() + timm.list_pretrained()
        )
        unknown = near and model_name not in near
        hint = f' Did you mean {" or ".join(near)}?' if unknown else ''
        raise InputError(
            f"timm cannot give model.backbone.model_name='{model_name}', "
            f'pretrained={pretrained}: {str(error).rstrip(".")}.{hint}'
        ) from error


def pyramid_of(model: nn.Module, name: str) -> tuple[list[int], list[int]]:
    """Indices and channels of the maps at strides 4, 8, 16 and 32.

    Raises:
        InputError: If the network of that name has no such maps.
    """
    stages = getattr(model, 'feature_info', [])
    strides = [stage['reduction'] for stage in stages]
    if strides[-4:] != STRIDES:
        found = ', '.join(str(stride) for stride in sorted(set(strides)))
        raise InputError(
            f'detection reads maps at strides 4, 8, 16 and 32, and {name} has '
            f'maps at stride {found or "unknown"}. Take a network with four '
            'stages, such as model.backbone.model_name=convnext_tiny or '
            'resnet50.'
        )
    first = len(stages) - len(STRIDES)
    channels = [stage['num_chs'] for stage in stages[first:]]
    print_log(f'{name}: maps of {channels} channels.', logger='current')
    return list(range(first, len(stages))), channels
