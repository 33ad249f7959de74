"""Networks in a checkpoint file, each compared with a backbone.

Files differ in three ways: in which dictionary the tensors lie (`state_dict`,
`teacher`, ...), what their names begin with (`module.encoder_q.`), and whose
names they are (:mod:`mmsca.utils.backbone_names`). The first two are one
*path* here, such as `state_dict.module.encoder_q`. None of them has to be
known: a path is where the names of the backbone follow.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import torch
from torch import Size, Tensor

from mmsca.utils.backbone_names import TABLES, names_of
from mmsca.utils.checkpoint_checks import MIN_COVERAGE, first, is_counter


@dataclass
class Network:
    """What follows a path in a file, compared with a backbone.

    Args:
        path (str): Where it is, such as 'state_dict.module.encoder_q'.
        names (str): Whose names it has, a key of `TABLES`.
        tensors (dict[str, Tensor]): Tensors under the names of the backbone.
        mismatched (list[str]): Of these the ones with another shape.
        deeper (list[str]): Names of layers that the backbone does not have.
        left (list[str]): All names that follow the path and are not taken.
        expected (int): Tensors of the backbone, without the counters
            `num_batches_tracked`.
        passed_over (list[str]): Paths of further networks that fit.
    """

    path: str
    names: str
    tensors: dict[str, Tensor]
    mismatched: list[str]
    deeper: list[str]
    left: list[str]
    expected: int
    passed_over: list[str] = field(default_factory=list)

    @property
    def matched(self) -> int:
        """Tensors of the right name and shape, without the counters."""
        return sum(
            not is_counter(name) and name not in self.mismatched
            for name in self.tensors
        )

    @property
    def fits(self) -> bool:
        """Whether it is the backbone, but for 5 % of the tensors."""
        enough = self.matched >= MIN_COVERAGE * self.expected
        return enough and not self.mismatched and not self.deeper

    @property
    def place(self) -> str:
        return f"under '{self.path}'" if self.path else 'at the top level'

    def __str__(self) -> str:
        text = (
            f'{self.matched} of {self.expected} keys {self.place}, with '
            f'{self.names}'
        )
        if self.left:
            text += f'; left: {len(self.left)} ({first(self.left)})'
        if self.passed_over:
            text += f"; not taken: '{self.passed_over[0]}'"
        return text


def find_networks(content, wanted: Mapping[str, Size | None]) -> list[Network]:
    """All that could be the backbone, the best first; see `find_backbone`."""
    layouts: dict[str, dict] = {}
    for label in TABLES:
        named = {name: names_of(label, name) for name in wanted}
        # The table of a transformer leaves the names of a ResNet as they are.
        if named not in layouts.values():
            layouts[label] = named
    suffixes = {
        label: {n[0] for name, n in named.items() if not is_counter(name)}
        for label, named in layouts.items()
    }
    networks = [
        compare(container, prefix, tensors, label, named, wanted)
        for container, tensors in containers(content)
        for label, named in layouts.items()
        for prefix in likely_prefixes(tensors, suffixes[label])
    ]
    return sorted(networks, key=lambda n: (n.fits, n.matched), reverse=True)


def containers(
    content, path: str = ''
) -> Iterator[tuple[str, dict[str, Tensor]]]:
    """The dictionaries of tensors in a file, each with its path."""
    if not isinstance(content, Mapping):
        return
    tensors = {str(k): v for k, v in content.items() if torch.is_tensor(v)}
    if tensors:
        yield path, tensors
    for key, value in content.items():
        if isinstance(value, Mapping):
            yield from containers(value, f'{path}.{key}'.lstrip('.'))


def likely_prefixes(
    tensors: Mapping[str, Tensor], suffixes: set[str]
) -> list[str]:
    """Beginnings of names, after which names of the backbone follow.

    Args:
        tensors (Mapping[str, Tensor]): A dictionary of the file.
        suffixes (set[str]): What the file would call the backbone's tensors.

    Returns:
        list[str]: Those that most of the names follow, or else the best.
    """
    counts = Counter()
    for key in tensors:
        parts = key.split('.')
        for i in range(len(parts)):
            if '.'.join(parts[i:]) in suffixes:
                counts['.'.join(parts[:i])] += 1
    enough = MIN_COVERAGE * len(suffixes)
    likely = [prefix for prefix, n in counts.items() if n >= enough]
    return likely or [prefix for prefix, _ in counts.most_common(1)]


def compare(
    container: str,
    prefix: str,
    tensors: Mapping[str, Tensor],
    label: str,
    named: Mapping[str, tuple[str, ...]],
    wanted: Mapping[str, Size | None],
) -> Network:
    """Compare what follows a prefix with the backbone.

    Args:
        container (str): Path of the dictionary `tensors`.
        prefix (str): What the names of the network begin with, without the
            last dot.
        label (str): A key of `TABLES`.
        named (Mapping[str, tuple[str, ...]]): Our names, and those that the
            file would have for them.
        wanted (Mapping[str, Size | None]): See `find_backbone`.
    """
    start = f'{prefix}.' if prefix else ''
    taken, used = {}, set()
    for name, names in named.items():
        keys = [start + n for n in names]
        if all(key in tensors for key in keys):
            used.update(keys)
            parts = [tensors[key] for key in keys]
            taken[name] = torch.cat(parts) if len(parts) > 1 else parts[0]
    return Network(
        path='.'.join(filter(None, [container, prefix])),
        names=label,
        tensors=taken,
        mismatched=[
            name
            for name, tensor in taken.items()
            if wanted[name] not in (None, tensor.shape)
        ],
        deeper=[
            start + n
            for name in one_more(wanted)
            for n in names_of(label, name)
            if start + n in tensors
        ],
        left=[
            key for key in tensors if key.startswith(start) and key not in used
        ],
        expected=sum(not is_counter(name) for name in wanted),
    )


def one_more(names: Mapping) -> list[str]:
    """Names that would be there if a list of layers were one longer."""
    longest: dict[str, int] = {}
    numbers = [
        (name, match.start(), match.end())
        for name in names
        for match in re.finditer(r'(?<![^.])\d+(?![^.])', name)
    ]
    for name, start, end in numbers:
        longest[name[:start]] = max(
            int(name[start:end]), longest.get(name[:start], 0)
        )
    return [
        f'{name[:start]}{int(name[start:end]) + 1}{name[end:]}'
        for name, start, end in numbers
        if int(name[start:end]) == longest[name[:start]]
    ]
