"""A classifier that takes what it must know of its backbone from it."""

from mmpretrain.models import ImageClassifier
from torch import nn

from mmsca.models.timm_backbone import TIMMBackbone
from mmsca.registry import MODELS


@MODELS.register_module()
class ProbeClassifier(ImageClassifier):
    """`ImageClassifier` whose other parts follow a backbone of timm.

    A config then names the backbone and nothing that depends on it. Filled
    in, where the config leaves them out: `mean` and `std` of the
    preprocessor, `input_features` of a ClsBatchNormNeck, `in_channels` of
    the head. With another backbone it is `ImageClassifier`, whose arguments
    it takes.
    """

    def __init__(
        self,
        backbone: dict | nn.Module,
        neck: dict | list[dict] | None = None,
        head: dict | None = None,
        data_preprocessor: dict | None = None,
        **kwargs,
    ) -> None:
        if isinstance(backbone, dict):
            backbone = MODELS.build(backbone)
        if isinstance(backbone, TIMMBackbone):
            data_preprocessor = {
                **backbone.normalization,
                **(data_preprocessor or {}),
            }
            width = backbone.num_features
            if isinstance(neck, list):
                neck = [_with_width(part, width) for part in neck]
            elif neck:
                neck = _with_width(neck, width)
            if head:
                head = dict(in_channels=width) | head
        super().__init__(
            backbone, neck, head, data_preprocessor=data_preprocessor, **kwargs
        )


def _with_width(neck: dict, width: int) -> dict:
    if not neck['type'].endswith('ClsBatchNormNeck'):
        return neck
    return dict(input_features=width) | neck
