"""A table of the study: what configs/study/ says, checked."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from mmsca.apis.commands import config
from mmsca.apis.comparison import Arm
from mmsca.apis.config_file import read_config
from mmsca.apis.suites import SUITES, Suite
from mmsca.utils.errors import InputError

REQUIRED = ('title', 'suite', 'data_root', 'control', 'seeds', 'arms')
ARM_FIELDS = {'title', 'config', 'options', 'detection', 'seeds'}


@dataclass(frozen=True)
class Table:
    """Arms over seeds, and which of them are compared.

    Args:
        name (str): The stem of its file, and of its report.
        title (str): Of its report.
        suite (Suite): The evaluations.
        data_root (Path): Where the data set is or will be written.
        scenes_args (tuple[str]): More arguments of
            tools/make_material_scenes.py.
        control (str): Name of the arm that the others are measured by.
        arms (tuple[Arm]): The rows.
        compare (tuple[tuple[str, str]]): Names of two arms each; the
            difference is the first minus the second. By default all others
            minus the control.
        small_arms (tuple[str]): Names of the arms of the quick subset; none
            if the table has no such subset.
        small_seeds (tuple[int]): Their seeds.
    """

    name: str
    title: str
    suite: Suite
    data_root: Path
    scenes_args: tuple[str, ...]
    control: str
    arms: tuple[Arm, ...]
    compare: tuple[tuple[str, str], ...]
    small_arms: tuple[str, ...]
    small_seeds: tuple[int, ...]

    def subset(self, names: Sequence[str], seeds: Sequence[int]) -> 'Table':
        """The same with some of the arms and seeds."""
        arms = tuple(
            replace(arm, seeds=tuple(s for s in arm.seeds if s in seeds))
            for arm in self.arms
            if arm.name in names
        )
        return replace(
            self,
            arms=arms,
            compare=tuple(p for p in self.compare if set(p) <= set(names)),
        )


def read_table(file: Path) -> Table:
    """Read a config of configs/study/.

    Args:
        file (Path): The config.

    Raises:
        InputError: If it is missing, a field is, or one names what does not
            exist.
    """
    if not file.is_file():
        raise InputError(
            f"The table '{file}' does not exist. Those that come with mmsca "
            f'are {", ".join(map(str, known_tables()))}.'
        )
    fields = read_config(file).to_dict()
    for field in REQUIRED:
        if field not in fields:
            raise InputError(
                f"The table '{file}' has no `{field}`. Expected are "
                f'{", ".join(REQUIRED)}; see configs/study/materials.py.'
            )
    suite = _one_of(SUITES, fields['suite'], file, 'suite')
    seeds = tuple(fields['seeds'])
    arms = {
        name: _read_arm(file, name, arm, seeds, suite)
        for name, arm in fields['arms'].items()
    }
    small = fields.get('small', dict(arms=[], seeds=[]))
    others = [name for name in arms if name != fields['control']]
    pairs = fields.get('compare', [(n, fields['control']) for n in others])
    compare = tuple(map(tuple, pairs))
    named = [
        ('control', [fields['control']]),
        *(('compare', pair) for pair in compare),
        ('small.arms', small['arms']),
    ]
    for field, names in named:
        for name in names:
            _one_of(arms, name, file, field)
    for seed in small['seeds']:
        _one_of(dict.fromkeys(seeds), seed, file, 'small.seeds')
    return Table(
        name=file.stem,
        title=fields['title'],
        suite=suite,
        data_root=Path(fields['data_root']),
        scenes_args=tuple(fields.get('scenes_args', ())),
        control=fields['control'],
        arms=tuple(arms.values()),
        compare=compare,
        small_arms=tuple(small['arms']),
        small_seeds=tuple(small['seeds']),
    )


def read_tables(files: Sequence[Path]) -> list[Table]:
    """Read several that run together.

    Raises:
        InputError: If one cannot be read, two have the same name, or want
            other scenes in the same folder.
    """
    tables: list[Table] = []
    for file in files:
        table = read_table(file)
        for other in tables:
            if other.name == table.name:
                raise InputError(
                    f"Two tables have the name '{table.name}', which is that "
                    'of their records. Rename one of the files.'
                )
            if (
                other.data_root == table.data_root
                and other.scenes_args != table.scenes_args
            ):
                raise InputError(
                    f"The tables '{other.name}' and '{table.name}' have other "
                    f'`scenes_args` for the same `data_root`, '
                    f"'{table.data_root}'. Give each its own."
                )
        tables.append(table)
    return tables


def check_selection(
    tables: Sequence[Table],
    names: Sequence[str] | None,
    seeds: Sequence[int] | None,
) -> None:
    """Refuse arms and seeds that no table has.

    Raises:
        InputError: If there is one.
    """
    arms = [arm for table in tables for arm in table.arms]
    known = [
        ('arm', names, [arm.name for arm in arms]),
        ('seed', seeds, [seed for arm in arms for seed in arm.seeds]),
    ]
    for what, wanted, there in known:
        for value in wanted or ():
            if value not in there:
                raise InputError(
                    f'No table has the {what} {value}. Expected are '
                    f'{", ".join(map(str, dict.fromkeys(there)))}.'
                )


def known_tables() -> list[Path]:
    """Those that come with mmsca."""
    return sorted(config('study').glob('*.py'))


def _read_arm(
    file: Path, name: str, fields: dict, seeds: tuple[int, ...], suite: Suite
) -> Arm:
    where = f"The arm '{name}' of the table '{file}'"
    if unknown := set(fields) - ARM_FIELDS:
        raise InputError(
            f'{where} has {", ".join(sorted(unknown))}. Expected are '
            f'{", ".join(sorted(ARM_FIELDS))}.'
        )
    for field in ('title', 'config'):
        if field not in fields:
            raise InputError(
                f'{where} has no `{field}`. Add it; `config=None` is the '
                'untrained backbone.'
            )
    pretraining = fields['config'] and config(fields['config'])
    if pretraining and not pretraining.is_file():
        raise InputError(
            f"{where} names the config '{fields['config']}', which does not "
            'exist. Expected is a path below configs/.'
        )
    detection = fields.get('detection', False)
    if detection and not suite.detection:
        raise InputError(
            f"{where} has detection=True, but the suite '{suite.name}' has no "
            'boxes. Leave it out.'
        )
    if not pretraining and not suite.linear:
        raise InputError(
            f"{where} has config=None, but the suite '{suite.name}' tests "
            'what a pretraining leaves. Leave the arm out.'
        )
    return Arm(
        name,
        fields['title'],
        pretraining,
        tuple(fields.get('seeds', seeds)),
        tuple(fields.get('options', ())),
        detection,
    )


def _one_of(known: dict, name, file: Path, field: str):
    if name not in known:
        raise InputError(
            f"`{field}` of the table '{file}' names {name!r}. Expected is one "
            f'of {", ".join(map(str, known))}.'
        )
    return known[name]
