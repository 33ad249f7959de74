"""An image classifier that also says where it sees the class."""

import torch
from mmpretrain.models import ImageClassifier
from mmpretrain.models.heads import LinearClsHead
from mmpretrain.models.necks import GlobalAveragePooling
from mmpretrain.structures import DataSample
from torch import Tensor

from mmsca.evaluation.cam import (
    gradient_weights,
    normalize_maps,
    weigh_channels,
)
from mmsca.registry import MODELS
from mmsca.utils.errors import InputError


@MODELS.register_module()
class CAMClassifier(ImageClassifier):
    """`ImageClassifier` whose predictions carry a class activation map.

    Training, weights and predicted scores are those of `ImageClassifier`, so
    that a checkpoint of a linear probe loads as it is. `predict` adds two
    fields to every data sample:

    * `pred_cam` (Tensor): map of the class, (H, W) of the input, in [0, 1].
    * `cam_label` (Tensor): index of the class the map explains, (1,).

    Args:
        cam_method (str): 'gradcam' keeps what speaks for the class (ReLU),
            'cam' also keeps what speaks against it, as the WSOL benchmark
            does. Defaults to 'gradcam'.
        cam_target (str): Class to explain: 'gt', the label of the data
            sample, or 'pred', the class of the highest score. Localization
            metrics are defined on 'gt'. Defaults to 'gt'.
        cam_interpolation (str): 'bilinear', or 'bicubic' as in the WSOL
            benchmark. Defaults to 'bilinear'.
        **kwargs: See `mmpretrain.ImageClassifier`.

    Raises:
        InputError: If an option has none of the values above, or if 'cam' is
            asked of a model that does not end in global average pooling and
            a linear head.
    """

    def __init__(
        self,
        *args,
        cam_method: str = 'gradcam',
        cam_target: str = 'gt',
        cam_interpolation: str = 'bilinear',
        **kwargs,
    ) -> None:
        super().__init__(*args, **kwargs)
        for name, value, known in (
            ('cam_method', cam_method, ('gradcam', 'cam')),
            ('cam_target', cam_target, ('gt', 'pred')),
            ('cam_interpolation', cam_interpolation, ('bilinear', 'bicubic')),
        ):
            if value not in known:
                raise InputError(
                    f'`{name}` of CAMClassifier must be one of {known}, '
                    f'not {value!r}.'
                )
        # Exact types: a subclass may well do something else in between.
        self.closed_form = (
            type(self.neck) is GlobalAveragePooling
            and type(self.head) is LinearClsHead
        )
        if cam_method == 'cam' and not self.closed_form:
            raise InputError(
                "cam_method='cam' is defined behind GlobalAveragePooling and "
                f'LinearClsHead only, but neck is {type(self.neck).__name__} '
                f"and head {type(self.head).__name__}. Use 'gradcam'."
            )
        self.cam_method = cam_method
        self.cam_target = cam_target
        self.cam_interpolation = cam_interpolation

    def predict(
        self,
        inputs: Tensor,
        data_samples: list[DataSample] | None = None,
        **kwargs,
    ) -> list[DataSample]:
        """Predict scores, labels and class maps.

        Args:
            inputs (Tensor): Normalised images, (N, 3, H, W).
            data_samples (list[DataSample], optional): Annotations; they must
                hold `gt_label` if `cam_target='gt'`.

        Returns:
            list[DataSample]: The samples with predictions filled in.
        """
        stages = self.extract_feat(inputs, stage='backbone')
        feats = self.neck(stages) if self.with_neck else stages
        samples = self.head.predict(feats, data_samples, **kwargs)

        targets = self._targets(samples).to(inputs.device)
        maps = self.class_maps(stages[-1], targets)
        maps = normalize_maps(maps, inputs.shape[2:], self.cam_interpolation)
        for sample, cam, target in zip(samples, maps, targets, strict=True):
            sample.pred_cam = cam
            sample.cam_label = target.view(1)
        return samples

    def class_maps(self, features: Tensor, targets: Tensor) -> Tensor:
        """Class maps at the resolution of the features.

        Args:
            features (Tensor): Output of the last stage, (N, C, h, w).
            targets (Tensor): Class index of each sample, (N,).

        Returns:
            Tensor: Maps before upsampling and normalisation, (N, h, w).
        """
        if self.closed_form:
            weights = self.head.fc.weight[targets]
        else:
            weights = gradient_weights(features, self._tail, targets)
        maps = weigh_channels(features, weights)
        return maps.relu() if self.cam_method == 'gradcam' else maps

    def _tail(self, features: Tensor) -> Tensor:
        """Class scores (N, K) from the output of the last stage."""
        feats = (features,)
        return self.head(self.neck(feats) if self.with_neck else feats)

    def _targets(self, samples: list[DataSample]) -> Tensor:
        """Class to explain for each sample, (N,)."""
        if self.cam_target == 'pred':
            return torch.cat([sample.pred_label for sample in samples])
        if any('gt_label' not in sample for sample in samples):
            raise InputError(
                "cam_target='gt' explains the class of the annotation, but a "
                'data sample has no `gt_label`. Give labels, or set '
                "model.cam_target='pred'."
            )
        return torch.cat([sample.gt_label for sample in samples])
