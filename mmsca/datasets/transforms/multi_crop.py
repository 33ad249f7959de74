"""The views of SwAV: a few large crops and many small ones."""

from mmpretrain.datasets import MultiView

from mmsca.registry import TRANSFORMS


@TRANSFORMS.register_module()
class MultiCrop(MultiView):
    """Random resized crops of several sizes, each with the same recipe.

    Args:
        num_crops (list[int]): Crops per size, the global ones first.
        sizes (list[int]): Side of the crops, in pixels.
        scales (list[tuple]): Range of the area of the crops, as fractions of
            the image's, in (0, 1].
        transforms (list[dict]): What happens to each crop afterwards.
    """

    def __init__(
        self,
        num_crops: list[int],
        sizes: list[int],
        scales: list[tuple[float, float]],
        transforms: list[dict],
    ) -> None:
        if not len(num_crops) == len(sizes) == len(scales):
            raise ValueError(
                'MultiCrop needs as many num_crops as sizes and scales, got '
                f'{num_crops}, {sizes} and {scales}.'
            )
        crops = [
            dict(
                type='mmpretrain.RandomResizedCrop',
                scale=size,
                crop_ratio_range=tuple(scale),
                backend='pillow',
            )
            for size, scale in zip(sizes, scales, strict=True)
        ]
        super().__init__(
            transforms=[[crop, *transforms] for crop in crops],
            num_views=list(num_crops),
        )
