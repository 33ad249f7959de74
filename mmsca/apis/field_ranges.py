"""The values that fields can have, by their names, anywhere in a config."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from inspect import signature
from numbers import Integral, Real

from mmsca.apis.option_fields import classes
from mmsca.utils.config_fields import read_fields
from mmsca.utils.errors import InputError


@dataclass(frozen=True)
class Range:
    """Values of a field.

    Args:
        low (float): The least.
        high (float): The greatest.
        whole (bool): Whether they are whole numbers.
        open (bool): Whether `low` itself is left out.
        several (bool): Whether a list of such values is allowed as well.
        none (bool): Whether None is.
    """

    low: float
    high: float = math.inf
    whole: bool = False
    open: bool = False
    several: bool = False
    none: bool = False

    def __contains__(self, value) -> bool:
        if value is None:
            return self.none
        if isinstance(value, (list, tuple)):
            some = len(value) > 0
            return self.several and some and all(v in self for v in value)
        if isinstance(value, bool) or not isinstance(value, Real):
            return False
        if not math.isfinite(value):
            return False
        if self.whole and not isinstance(value, Integral):
            return False
        above = value > self.low if self.open else value >= self.low
        return above and value <= self.high

    def __str__(self) -> str:
        kind = 'a whole number' if self.whole else 'a number'
        if self.high < math.inf:
            text = f'{kind} from {self.low} to {self.high}'
        elif self.open:
            text = f'{kind} above {self.low}'
        else:
            text = f'{kind} of {self.low} or more'
        return (
            text
            + ', or a list of such' * self.several
            + ', or None' * self.none
        )


COUNT = Range(1, whole=True)
COUNTS = Range(1, whole=True, several=True)
WHOLE = Range(0, whole=True)
POSITIVE = Range(0, open=True)
RANGES = {
    'accumulative_counts': COUNT,
    'base_batch_size': COUNT,
    'batch_size': COUNT,
    'depth': COUNT,
    'embed_dims': COUNTS,
    'epsilon': POSITIVE,
    'group_size': Range(1, whole=True, none=True),
    'iterations': COUNT,
    'lr': POSITIVE,
    'max_epochs': COUNT,
    'max_iters': COUNT,
    'max_norm': POSITIVE,
    'num_assigned': COUNT,
    'num_classes': COUNT,
    'num_negatives': WHOLE,
    'num_partners': COUNT,
    'num_prototypes': COUNTS,
    'num_workers': WHOLE,
    'pointing_tolerance': Range(0),
    'queue_length': WHOLE,
    'queue_start': WHOLE,
    'seed': Range(0, high=2**32 - 1, whole=True, none=True),
    'sizes': COUNTS,
    'std': Range(0, open=True, several=True, none=True),
    'temperature': POSITIVE,
    'val_interval': COUNT,
    'weight_decay': Range(0),
}


def check_flags(cfg: Mapping) -> None:
    """Refuse what is neither True nor False where a class of ours asks so.

    Any text would count as True.
    """
    for path, node in read_fields(cfg):
        kind = node.get('type') if isinstance(node, Mapping) else None
        if not str(kind).startswith('mmsca.'):
            continue
        for cls in classes(kind, cfg.get('default_scope')):
            for name, argument in signature(cls).parameters.items():
                value = node.get(name, False)
                if argument.annotation is bool and type(value) is not bool:
                    raise InputError(
                        f'{path}.{name} is {value!r}. Expected True or False.'
                    )


def check_ranges(cfg: Mapping) -> None:
    """Refuse values out of range, and NaN anywhere."""
    for path, value in read_fields(cfg):
        name = path.rpartition('.')[2]
        if name in RANGES and not isinstance(value, Mapping):
            if value not in RANGES[name]:
                raise InputError(
                    f'{path} is {value!r}. Expected {RANGES[name]}.'
                )
        if isinstance(value, float) and math.isnan(value):
            raise InputError(f'{path} is {value}, which is no number.')
