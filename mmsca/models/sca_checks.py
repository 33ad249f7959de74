"""What SCA refuses, with the field to mend in the message."""

from torch import Tensor

from mmsca.models.partners import SOURCES
from mmsca.utils.errors import InputError

MASKS = ('best', 'mean', 'gated', 'own')


def check_fractions(**fractions: float) -> None:
    """Refuse values outside of [0, 1], by name."""
    for name, value in fractions.items():
        if not 0 <= value <= 1:
            raise InputError(f'model.{name} must be in [0, 1], got {value}.')


def check_choices(
    num_partners: int,
    num_strangers: int,
    partners: str,
    mask: str,
    temperature: float,
    embed_dims: int | None,
    num_heads: int,
) -> None:
    """Refuse arguments of SpatialCrossAttention that do not fit."""
    if num_partners < 1 or num_strangers < 0 or temperature <= 0:
        raise InputError(
            'model.sca needs num_partners >= 1, num_strangers >= 0 and '
            f'temperature > 0, got {num_partners}, {num_strangers} and '
            f'{temperature}.'
        )
    for name, value, choices in (
        ('partners', partners, SOURCES),
        ('mask', mask, MASKS),
    ):
        if value not in choices:
            raise InputError(
                f"model.sca.{name} is '{value}'; it must be one of "
                f'{", ".join(choices)}.'
            )
    if mask == 'gated' and embed_dims is None:
        raise InputError(
            "model.sca.mask='gated' is learned and needs "
            'model.sca.embed_dims, such as 64.'
        )
    if mask in ('gated', 'own') and num_strangers:
        raise InputError(
            f"model.sca.mask='{mask}' has no response to subtract that "
            'of strangers from; set model.sca.num_strangers=0.'
        )
    if embed_dims is not None and embed_dims % num_heads:
        raise InputError(
            f'model.sca.embed_dims={embed_dims} must be a multiple of '
            f'model.sca.num_heads={num_heads}.'
        )


def check_sizes(
    maps: Tensor,
    affinity: Tensor,
    image_ids: Tensor,
    candidates: Tensor,
    in_channels: int | None,
) -> None:
    """Refuse sizes that do not agree."""
    expected = (len(maps), len(candidates))
    if affinity.shape != expected or len(image_ids) != expected[1]:
        raise InputError(
            f'SpatialCrossAttention got affinity {tuple(affinity.shape)} '
            f'and {len(image_ids)} image_ids for {expected[0]} maps and '
            f'{expected[1]} candidates. affinity must be {expected}, with '
            'an image id for each candidate.'
        )
    channels = {maps.size(1), candidates.size(1)}
    if in_channels is not None:
        channels.add(in_channels)
    if len(channels) > 1:
        raise InputError(
            f'model.sca.in_channels is {in_channels}, but the maps '
            f'have {maps.size(1)} channels and those of the candidates '
            f'{candidates.size(1)}. They must agree.'
        )
