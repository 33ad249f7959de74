"""Whether a checkpoint fits what it is to be loaded into.

OpenMMLab loads with `strict=False`: a wrong prefix or another depth gives a
warning among many, and the run goes on from random weights. Here it fails.
`source` is the name of the file, for the error.
"""

from collections.abc import Mapping, Sequence
from itertools import zip_longest

from torch import Tensor, nn

from mmsca.utils.errors import InputError

MIN_COVERAGE = 0.95


class CheckpointCoverageError(InputError):
    """A checkpoint holds too few of the keys that a module needs."""


def check_coverage(
    state_dict: Mapping[str, Tensor], module: nn.Module, source: str
) -> dict[str, Tensor]:
    """Check that a checkpoint has the weights of a model, and take what fits.

    Raises:
        CheckpointCoverageError: Fewer than 95 % of the keys of `module` are
            there with the same shape.
    """
    wanted, missing, mismatched = compare(state_dict, module)
    matched = len(wanted) - len(missing) - len(mismatched)
    if matched < MIN_COVERAGE * len(wanted):
        lines = [
            f"the checkpoint '{source}' covers {matched} of {len(wanted)} "
            f'keys of {type(module).__name__}.',
            f'  expected: {first(list(wanted))}',
            f'  in the file: {first(list(state_dict))}',
        ]
        lines += [
            f"  '{k}' has shape {tuple(state_dict[k].shape)}, the model "
            f'needs {wanted[k]}'
            for k in mismatched[:3]
        ]
        lines.append(
            'Give a checkpoint of such a model, or its backbone alone with '
            '--cfg-options model.backbone.init_cfg.checkpoint=CKPT.'
        )
        raise CheckpointCoverageError('\n'.join(lines))
    return {
        k: state_dict[k]
        for k in module.state_dict()
        if k in state_dict and k not in mismatched
    }


def check_whole(
    state_dict: Mapping[str, Tensor], module: nn.Module, source: str
) -> dict[str, Tensor]:
    """Check that a checkpoint has every weight of a model, and take these.

    Raises:
        CheckpointCoverageError: A tensor is missing or has another shape.
    """
    wanted, missing, mismatched = compare(state_dict, module)
    shapes = [
        f"'{k}' is {tuple(state_dict[k].shape)} and not {wanted[k]}"
        for k in mismatched
    ]
    problems = [f'it lacks {first(missing)}'] if missing else []
    problems += [first(shapes)] if shapes else []
    if problems:
        lacking = len(missing) + len(mismatched)
        raise CheckpointCoverageError(
            f"the checkpoint '{source}' does not fit {lacking} of "
            f'{len(wanted)} tensors of {type(module).__name__}: '
            f'{"; ".join(problems)}. It holds {first(list(state_dict))}. '
            'Give a checkpoint that a training of this very model wrote, with '
            'its head, its depth and its number of classes.'
        )
    return {k: state_dict[k] for k in module.state_dict() if k in state_dict}


def check_finite(state_dict: Mapping[str, Tensor], source: str) -> None:
    """Refuse weights that hold NaN or infinity."""
    broken = [k for k, v in state_dict.items() if not v.isfinite().all()]
    if broken:
        raise InputError(
            f"the checkpoint '{source}' holds NaN or infinity in "
            f'{len(broken)} of {len(state_dict)} tensors: {first(broken)}. '
            'Its training diverged; take an earlier checkpoint, or train with '
            'a lower learning rate.'
        )


def check_classes(
    found: Sequence[str] | None, needed: Sequence[str] | None, source: str
) -> None:
    """Refuse a model that was trained on other classes than it is tested on.

    Numbers, names and order count. Where one side has no names nothing can
    be said.
    """
    if not found or not needed or list(found) == list(needed):
        return
    index, (ours, theirs) = next(
        (i, pair)
        for i, pair in enumerate(zip_longest(found, needed))
        if pair[0] != pair[1]
    )
    raise InputError(
        f"the checkpoint '{source}' was trained on {len(found)} classes, and "
        f'the test data has {len(needed)}; class {index} is {ours!r} in the '
        f'checkpoint and {theirs!r} in the data. Test on the data that it '
        'was trained for, with its classes in the same order.'
    )


def compare(
    state_dict: Mapping[str, Tensor], module: nn.Module
) -> tuple[dict[str, tuple[int, ...]], list[str], list[str]]:
    """Shapes by the names that a module needs, without its counters.

    Returns:
        tuple: These, the names that are missing in the state dict, and those
        that have another shape there.
    """
    wanted = {
        key: tuple(value.shape)
        for key, value in module.state_dict().items()
        if not is_counter(key)
    }
    missing = [key for key in wanted if key not in state_dict]
    mismatched = [
        key
        for key, shape in wanted.items()
        if key in state_dict and tuple(state_dict[key].shape) != shape
    ]
    return wanted, missing, mismatched


def is_counter(name: str) -> bool:
    # Converted checkpoints lack these, and inference never reads them.
    return name.endswith('num_batches_tracked')


def first(keys: list[str], count: int = 3) -> str:
    tail = ', ...' if len(keys) > count else ''
    return ', '.join(keys[:count]) + tail
