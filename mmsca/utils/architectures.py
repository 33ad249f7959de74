"""Which backbone a checkpoint file holds, by its names and shapes."""

from dataclasses import dataclass

from mmsca.utils.backbone_layouts import find_backbone, is_at
from mmsca.utils.backbone_names import names_of
from mmsca.utils.backbone_networks import Network, containers, find_networks
from mmsca.utils.checkpoint import no_tensors
from mmsca.utils.checkpoint_checks import CheckpointCoverageError
from mmsca.utils.swav_layouts import RESNETS, resnet_names

LAYERS = ('norm1', 'attn.qkv', 'attn.proj', 'norm2', 'mlp.fc1', 'mlp.fc2')
BLOCK = [f'{layer}.{x}' for layer in LAYERS for x in ('weight', 'bias')]
# DINOv2 scales what a layer adds.
LAYER_SCALE = ['ls1.gamma', 'ls2.gamma']
STEM = ['cls_token', 'pos_embed', 'patch_embed.proj.weight']
REST = ['patch_embed.proj.bias', 'norm.weight', 'norm.bias']


@dataclass
class Architecture:
    """A backbone and where a file has it.

    Args:
        name (str): One of `RESNETS`, or 'vit'.
        depth (int): Layers of a ResNet, blocks of a transformer.
        network (Network): Its tensors, under the names of torchvision or
            timm.
    """

    name: str
    depth: int
    network: Network

    def shape(self, name: str) -> tuple[int, ...]:
        """Shape of one of the tensors."""
        return tuple(self.network.tensors[name].shape)

    @property
    def is_transformer(self) -> bool:
        return self.name == 'vit'

    @property
    def width(self) -> int:
        """Channels of the last map, or of a token."""
        if self.is_transformer:
            return self.shape('norm.weight')[0]
        norm = 'bn2' if self.depth < 50 else 'bn3'
        return self.shape(f'layer4.0.{norm}.weight')[0]

    @property
    def has_layer_scale(self) -> bool:
        return 'blocks.0.ls1.gamma' in self.network.tensors

    @property
    def patch(self) -> int:
        """Side of a patch in pixels."""
        return self.shape('patch_embed.proj.weight')[-1]

    def __str__(self) -> str:
        if self.is_transformer:
            side = round((self.shape('pos_embed')[1] - 1) ** 0.5)
            scale = ' and layer scale' if self.has_layer_scale else ''
            return (
                f'vision transformer, depth {self.depth}, width {self.width}, '
                f'patches of {self.patch} px, positions of '
                f'{side * self.patch} px{scale}'
            )
        stem, _, kernel, _ = self.shape('conv1.weight')
        base = self.shape('layer1.0.conv1.weight')[0]
        return (
            f'{self.name}, stem of {stem} channels and {kernel}x{kernel}, '
            f'base width {base}, {self.width} features'
        )


def detect_architecture(
    content, source: str, prefix: str | None = None
) -> Architecture:
    """Tell the backbone of a checkpoint; arguments as of `find_backbone`.

    Returns:
        Architecture: A ResNet of any width, or a plain vision transformer.

    Raises:
        CheckpointCoverageError: It is neither, or several networks are there
            and none is chosen.
    """
    if not any(containers(content)):
        raise no_tensors(content, source)
    nearest: list[Network] = []
    # A deep one has all the names of a shallow one.
    for name in reversed(RESNETS):
        names = dict.fromkeys(resnet_names(name))
        found = find_networks(content, names)
        if any(n.fits and is_at(n.path, prefix) for n in found):
            network = find_backbone(content, names, source, prefix)
            depth = int(name.removeprefix('resnet'))
            return Architecture(name, depth, network)
        nearest += found[:1]
    for block in (BLOCK + LAYER_SCALE, BLOCK):
        depth = transformer_depth(content, block, prefix)
        if depth:
            names = dict.fromkeys(transformer_names(block, depth))
            network = find_backbone(content, names, source, prefix)
            return Architecture('vit', depth, network)
    best = max(nearest, key=lambda n: n.matched / n.expected, default=None)
    where = f" under '{prefix}'" if prefix else ''
    raise CheckpointCoverageError(
        f"'{source}' holds no backbone that is known{where}: neither one of "
        f'{", ".join(RESNETS)}, nor a plain vision transformer'
        f'{f"; closest: {best}" if best else ""}.'
    )


def transformer_names(block: list[str], depth: int) -> list[str]:
    blocks = [f'blocks.{i}.{x}' for i in range(depth) for x in block]
    return [*STEM, *blocks, *REST]


def transformer_depth(content, block: list[str], prefix: str | None) -> int:
    """Number of blocks, 0 if there are none of this kind."""
    names = transformer_names(block, 1)
    for network in find_networks(content, dict.fromkeys(names)):
        if is_at(network.path, prefix) and network.matched == len(names):
            break
    else:
        return 0
    depth = 1
    while True:
        (name,) = names_of(network.names, f'blocks.{depth}.norm1.weight')
        if not any(f'.{key}'.endswith(f'.{name}') for key in network.left):
            return depth
        depth += 1
