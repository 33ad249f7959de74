"""Backbones of timm by their name."""

from collections.abc import Callable

from mmengine.model import BaseModule
from torch import Tensor, cat, nn

from mmsca.models.timm_networks import create_network, pyramid_of
from mmsca.registry import MODELS
from mmsca.utils.errors import InputError

OUT_TYPES = ('pooled', 'map', 'pyramid')


@MODELS.register_module()
class TIMMBackbone(BaseModule):
    """A network of timm without its classifier.

    Its weights have the names that timm gives them, so that a file of timm
    fits as it is, and a ResNet has those of torchvision and OpenMMLab. A
    vision transformer takes images of any size that its patches divide.

    Args:
        model_name (str): Name in timm, with the tag of the weights if there
            are several: 'vit_small_patch16_224.dino', 'resnet50'. The tag
            also says how images were normalized.
        out_type (str): What `forward` gives, a tuple of

            * 'pooled': what timm's own classifier reads, (N, C): most
              transformers were trained on their class token, ConvNets and
              the rest on an average.
            * 'map': the last map, (N, C, h, w). That of a transformer is
              its patch tokens behind the last norm.
            * 'pyramid': four maps at strides 4, 8, 16 and 32, for detectors.
        frozen (bool): No gradients, and eval mode throughout.
        pretrained (bool): Have timm download its weights. `init_cfg` is then
            left out.
        init_cfg (dict, optional): A checkpoint, as of any backbone.
        **kwargs: Further arguments of `timm.create_model`.

    Raises:
        InputError: If timm is missing or does not know the name, an option
            has none of the values above, or the network has no pyramid.
    """

    def __init__(
        self,
        model_name: str,
        out_type: str = 'pooled',
        frozen: bool = False,
        pretrained: bool = False,
        init_cfg: dict | None = None,
        **kwargs,
    ) -> None:
        super().__init__(None if pretrained else init_cfg)
        if out_type not in OUT_TYPES:
            raise InputError(
                f'`out_type` of TIMMBackbone must be one of {OUT_TYPES}, not '
                f'{out_type!r}.'
            )
        self.model_name, self.out_type = model_name, out_type
        model = create_network(model_name, pretrained, **kwargs)
        # Its parts become those of this module, under the names they have
        # in timm; the model itself is no part, which would add to the names.
        vars(self)['model'] = model
        self._modules = model._modules
        self._parameters = model._parameters
        self._buffers = model._buffers
        # timm has drawn the weights; drawing again would undo a download.
        self.is_init = pretrained

        if out_type == 'pyramid':
            self.indices, self.channels = pyramid_of(model, model_name)
            # Layers that take no part would stop distributed training.
            model.prune_intermediate_layers(self.indices, prune_norm=True)
        self.num_features = model.num_features
        if out_type == 'pooled':
            # Some have a layer between pooling and classifier.
            self.num_features = model.head_hidden_size
        self.frozen = frozen
        if frozen:
            self.requires_grad_(False).eval()

    @property
    def normalization(self) -> dict[str, list[float]]:
        """`mean` and `std` of the weights of that name, in [0, 255]."""
        known = self.model.pretrained_cfg
        return {key: [255 * v for v in known[key]] for key in ('mean', 'std')}

    def train(self, mode: bool = True) -> nn.Module:
        """A frozen backbone stays in eval mode."""
        self.model.train(mode and not self.frozen)
        return super().train(mode and not self.frozen)

    def forward(self, images: Tensor) -> tuple[Tensor, ...]:
        """What `out_type` says of normalized images, (N, 3, H, W).

        Raises:
            InputError: If the network does not take images of that size.
        """
        if self.out_type == 'pyramid':
            maps = self._run(
                self.model.forward_intermediates,
                images,
                indices=self.indices,
                intermediates_only=True,
            )
            return tuple(maps)
        features = self._run(self.model.forward_features, images)
        if self.out_type == 'map':
            return (self._grid(features, images),)
        return (self._pool(features),)

    def split(
        self, images: Tensor
    ) -> tuple[Tensor, Callable[[Tensor], tuple[Tensor, ...]]]:
        """The map to make class maps of, and the way from it to the output.

        The class token reads the patch tokens for the last time in the last
        attention: behind it their gradient is zero. So the map of a
        transformer that pools by it is what that attention reads, as the
        grad-cam package recommends.

        Args:
            images (Tensor): Normalized images, (N, 3, H, W).

        Returns:
            tuple[Tensor, Callable]: A map, (N, C, h, w), and a function that
            takes it to what `forward` gives.

        Raises:
            InputError: As `forward`, or if the network has no such map.
        """
        if self.out_type != 'pooled':
            *rest, last = self(images)
            return last, lambda maps: (*rest, maps)
        if not self._is_plain_transformer():
            features = self._run(self.model.forward_features, images)
            if features.dim() != 4:
                raise InputError(
                    f'class maps of {self.model_name} are not defined here. '
                    'Take a ConvNet, a plain vision transformer or a Swin, '
                    "or pool the map: model.backbone.out_type='map' and "
                    'GlobalAveragePooling before the other necks.'
                )
            maps = self._grid(features, images)
            return maps, lambda maps: (self._pool(self._ungrid(maps)),)

        block, calls = self.model.blocks[-1], []
        with block.register_forward_pre_hook(
            lambda _, args, kwargs: calls.append((args, kwargs)),
            with_kwargs=True,
        ):
            self._run(self.model.forward_features, images)
        ((args, kwargs),) = calls
        tokens = block.norm1(args[0])
        prefix = tokens[:, : self.model.num_prefix_tokens]

        def finish(maps: Tensor) -> tuple[Tensor]:
            read = cat([prefix, maps.flatten(2).mT], dim=1)
            with block.norm1.register_forward_hook(lambda *_: read):
                features = block(*args, **kwargs)
            return (self._pool(self.model.norm(features)),)

        return self._grid(tokens, images), finish

    def _is_plain_transformer(self) -> bool:
        """Whether blocks and a norm are all between patches and pooling."""
        from timm.models.beit import Beit
        from timm.models.eva import Eva
        from timm.models.vision_transformer import VisionTransformer

        plain = isinstance(self.model, VisionTransformer | Eva | Beit)
        return plain and hasattr(self.model.blocks[-1], 'norm1')

    def _run(self, function: Callable, images: Tensor, **kwargs):
        try:
            return function(images, **kwargs)
        except AssertionError as error:
            height, width = images.shape[2:]
            raise InputError(
                f'{self.model_name} does not take images of {height}x{width} '
                f'pixels: {error} Resize them in the pipelines of the config.'
            ) from error

    def _pool(self, features: Tensor) -> Tensor:
        return self.model.forward_head(features, pre_logits=True)

    @property
    def _channels_last(self) -> bool:
        return getattr(self.model, 'output_fmt', 'NCHW') == 'NHWC'

    def _grid(self, features: Tensor, images: Tensor) -> Tensor:
        """Map (N, C, h, w) from what timm gives, without prefix tokens."""
        if features.dim() == 4:
            last = self._channels_last
            return features.permute(0, 3, 1, 2) if last else features
        try:
            size = self.model.patch_embed.dynamic_feat_size(images.shape[2:])
            patches = features[:, self.model.num_prefix_tokens :]
            return patches.mT.unflatten(2, size)
        except (AttributeError, RuntimeError) as error:
            raise InputError(
                f'the tokens of {self.model_name} form no grid of patches, so '
                'it has no map. Take a ConvNet, a plain vision transformer or '
                'a Swin.'
            ) from error

    def _ungrid(self, maps: Tensor) -> Tensor:
        return maps.permute(0, 2, 3, 1) if self._channels_last else maps
