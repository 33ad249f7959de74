"""An image classifier that also says where it sees the class."""

from collections.abc import Callable

import torch
from mmpretrain.models.heads import LinearClsHead
from mmpretrain.models.necks import ClsBatchNormNeck, GlobalAveragePooling
from mmpretrain.structures import DataSample
from torch import Tensor, nn

from mmsca.models.cam.backend import grad_cam_maps, grad_cam_methods
from mmsca.models.cam.maps import (
    check_interpolation,
    gradient_weights,
    normalize_maps,
    weigh_channels,
)
from mmsca.models.probe_classifier import ProbeClassifier
from mmsca.registry import MODELS
from mmsca.utils.errors import InputError


@MODELS.register_module()
class CAMClassifier(ProbeClassifier):
    """`ImageClassifier` whose predictions carry a class activation map.

    Training, weights and predicted scores are those of `ImageClassifier`, so
    that a checkpoint of a linear probe loads as it is. `predict` adds two
    fields to every data sample:

    * `pred_cam` (Tensor): map of the class, (H, W) of the input, in [0, 1].
    * `cam_label` (Tensor): index of the class the map explains, (1,).

    Args:
        cam_method (str): 'gradcam' keeps what speaks for the class (ReLU),
            'cam' also keeps what speaks against it, as the WSOL benchmark
            does. Or the name of a class of the grad-cam package, such as
            'GradCAMPlusPlus', which is then used as it is, on the last
            stage.
        cam_target (str | int): Class to explain: 'gt', the label of the data
            sample; 'pred', the class of the highest score; or k, that of the
            k-th highest score, from 1. Localization metrics are defined on
            'gt'.
        cam_interpolation (str): 'bilinear', or 'bicubic' as in the WSOL
            benchmark. The grad-cam package upsamples by itself.
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
        cam_target: str | int = 'gt',
        cam_interpolation: str = 'bilinear',
        **kwargs,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.from_package = cam_method not in ('gradcam', 'cam')
        if self.from_package and cam_method not in grad_cam_methods():
            raise InputError(
                "`cam_method` of CAMClassifier must be 'gradcam', 'cam' or a "
                f'class of the grad-cam package, {sorted(grad_cam_methods())},'
                f' not {cam_method!r}.'
            )
        ranked = type(cam_target) is int and cam_target >= 1
        if not ranked and cam_target not in ('gt', 'pred'):
            raise InputError(
                "`cam_target` of CAMClassifier must be 'gt', 'pred' or a rank "
                f'from 1, not {cam_target!r}.'
            )
        check_interpolation(cam_interpolation, 'CAMClassifier')
        # Exact types: a subclass may well do something else in between.
        chained = isinstance(self.neck, nn.Sequential)
        necks = [type(n) for n in (self.neck if chained else [self.neck])]
        pools = necks[0] is GlobalAveragePooling
        linear = type(self.head) is LinearClsHead
        self.closed_form = linear and pools and not necks[1:]
        normed = necks[1:] in ([], [ClsBatchNormNeck])
        if cam_method == 'cam' and not (linear and pools and normed):
            raise InputError(
                "cam_method='cam' is defined behind GlobalAveragePooling, "
                'with or without ClsBatchNormNeck, and LinearClsHead only, '
                f'but neck is {", ".join(neck.__name__ for neck in necks)} '
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
        maps, tail = self.split(inputs)
        samples = self.head.predict(tail(maps), data_samples, **kwargs)

        targets = self._targets(samples).to(inputs.device)
        if self.from_package:
            maps = grad_cam_maps(self.cam_method, self, inputs, targets)
        else:
            maps = self.class_maps(maps, targets, tail)
        maps = normalize_maps(maps, inputs.shape[2:], self.cam_interpolation)
        for sample, cam, target in zip(samples, maps, targets, strict=True):
            sample.pred_cam = cam
            sample.cam_label = target.view(1)
        return samples

    def split(
        self, inputs: Tensor
    ) -> tuple[Tensor, Callable[[Tensor], tuple[Tensor, ...]]]:
        """The map that class maps are made of, and what comes behind it.

        Args:
            inputs (Tensor): Normalised images, (N, 3, H, W).

        Returns:
            tuple[Tensor, Callable]: The map, (N, C, h, w), and a function
            that takes it to what the head gets.
        """
        if hasattr(self.backbone, 'split'):
            maps, finish = self.backbone.split(inputs)
        else:
            *rest, maps = self.extract_feat(inputs, stage='backbone')

            def finish(maps: Tensor) -> tuple[Tensor, ...]:
                return (*rest, maps)

        if not self.with_neck:
            return maps, finish
        return maps, lambda maps: self.neck(finish(maps))

    def class_maps(
        self,
        maps: Tensor,
        targets: Tensor,
        tail: Callable[[Tensor], tuple[Tensor, ...]],
    ) -> Tensor:
        """Class maps (N, h, w) before upsampling and normalisation.

        Args:
            maps, tail: Of `split`.
            targets (Tensor): Class index of each sample, (N,).
        """
        if self.closed_form:
            weights = self.head.fc.weight[targets]
        else:
            weights = gradient_weights(
                maps, lambda maps: self.head(tail(maps)), targets
            )
        maps = weigh_channels(maps, weights)
        return maps.relu() if self.cam_method == 'gradcam' else maps

    def _targets(self, samples: list[DataSample]) -> Tensor:
        """Class to explain for each sample, (N,)."""
        if self.cam_target == 'pred':
            return torch.cat([sample.pred_label for sample in samples])
        if self.cam_target != 'gt':
            scores = torch.stack([sample.pred_score for sample in samples])
            if self.cam_target > scores.size(1):
                raise InputError(
                    f'`cam_target` asks for rank {self.cam_target} of '
                    f'{scores.size(1)} classes. Set it to that or less.'
                )
            return scores.topk(self.cam_target).indices[:, -1]
        if any('gt_label' not in sample for sample in samples):
            raise InputError(
                "cam_target='gt' explains the class of the annotation, but a "
                'data sample has no `gt_label`. Give labels, or set '
                "model.cam_target='pred'."
            )
        return torch.cat([sample.gt_label for sample in samples])
