"""A comparison: backbones, what they are scored by, and which are compared.

Its config inherits evaluations from configs/_base_/evaluations and names the
backbones, the rows of the table.
"""

from collections.abc import Mapping, Sequence
from dataclasses import MISSING, dataclass, fields, replace
from difflib import get_close_matches
from pathlib import Path

from mmsca.comparison.project import config
from mmsca.utils.errors import InputError

TOOLS = ('train.py', 'test.py', 'knn.py')


@dataclass(frozen=True)
class Data:
    """The images of all evaluations.

    Args:
        title (str): What a report calls them.
        root (Path): Where the configs of the evaluations look for them.
        tool (str, optional): Tool that writes them to its first argument.
        arguments (tuple[str]): More arguments of that tool.
        written (str, optional): Folder of what that tool writes beside
            images that are there; scores depend on its files.
        folders (tuple[str]): What has to be there if no tool writes it.
        guide (str, optional): Where users read how to make these folders.
    """

    title: str
    root: Path
    tool: str | None = None
    arguments: tuple[str, ...] = ()
    written: str | None = None
    folders: tuple[str, ...] = ()
    guide: str | None = None


@dataclass(frozen=True)
class Evaluation:
    """One command that every backbone is evaluated by.

    Args:
        name (str): Also that of its folder in a run.
        tool (str): `train.py`, `test.py` or `knn.py`.
        config (Path): Config of the tool.
        columns (dict[str, tuple[str, float]]): Name of a column -> keys to
            its value in what the tool writes, joined by dots, and the factor
            that makes it a percentage.
        weights (str, optional): The evaluation whose checkpoint it takes;
            without one it takes that of the backbone.
        arguments (tuple[str]): More arguments of the tool.
        options (tuple[str]): More `key=value` for the config.
        maps (int): Draw the class maps of every n-th image; 0 for none.
        detections (bool): Keep what a detector finds, for pictures.
        baselines (dict[str, dict[str, str]]): Title of a row -> column ->
            keys as in `columns`, for scores that no backbone has a part in.
        timm (Path, optional): Config for backbones of timm, which do not
            have the evaluation without one.
        needs (tuple[str]): Files below the folder of the data, without which
            it is left out.
        optional (tuple[str]): Columns that the tool may not write.
    """

    name: str
    tool: str
    config: Path
    columns: dict[str, tuple[str, float]]
    weights: str | None = None
    arguments: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    maps: int = 0
    detections: bool = False
    baselines: dict[str, dict[str, str]] | None = None
    timm: Path | None = None
    needs: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()


@dataclass(frozen=True)
class Backbone:
    """One row of the table.

    Args:
        name (str): Also the first part of the name of its folder.
        title (str): Its row in a report.
        seeds (tuple[int]): Of all its trainings.
        pretrain (Path, optional): Config that it is pretrained by.
        checkpoint (Path, optional): File that it is read from instead.
        timm (str, optional): Its name in timm, if it is one of timm's.
        options (tuple[str]): More `key=value` for the pretraining.
        skip (tuple[str]): Evaluations that it does not have.
    """

    name: str
    title: str
    seeds: tuple[int, ...]
    pretrain: Path | None = None
    checkpoint: Path | None = None
    timm: str | None = None
    options: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()


@dataclass(frozen=True)
class Table:
    """A comparison.

    Args:
        name (str): The stem of its file, and of its reports.
        title (str): Of its reports.
        data (Data): The images.
        data_root (Path): Where they are or will be written.
        evaluations (tuple[Evaluation]): In the order in which they run.
        columns (dict[str, str]): Column -> its evaluation; those shown.
        backbones (tuple[Backbone]): The rows.
        control (str): Name of the backbone that others are measured by.
        compare (tuple[tuple[str, str]]): Names of two backbones each; the
            difference is the first minus the second.
        split (str): What the scores are of.
        explanation (str): What the columns are, for a report.
        note (str): A caution that stands first in a report.
        records (Path, optional): Folder of the reports, and of the records
            in `<name>/`. Without one they lie in the work directory.
        small (tuple): Names of the backbones of the quick part, and its
            seeds; empty if there is none.
    """

    name: str
    title: str
    data: Data
    data_root: Path
    evaluations: tuple[Evaluation, ...]
    columns: dict[str, str]
    backbones: tuple[Backbone, ...]
    control: str
    compare: tuple[tuple[str, str], ...]
    split: str
    explanation: str = ''
    note: str = ''
    records: Path | None = None
    small: tuple[tuple[str, ...], tuple[int, ...]] = ((), ())

    def evaluations_of(self, backbone: Backbone) -> list[Evaluation]:
        """Those that a backbone has."""
        left_out = set(backbone.skip)
        for evaluation in self.evaluations:
            files = [self.data_root / name for name in evaluation.needs]
            has_files = all(file.exists() for file in files)
            fits = evaluation.timm or not backbone.timm
            if evaluation.weights in left_out or not (has_files and fits):
                left_out.add(evaluation.name)
        own = [e for e in self.evaluations if e.name not in left_out]
        if not backbone.timm:
            return own
        name = f'model.backbone.model_name={backbone.timm}'
        return [
            replace(e, config=e.timm, options=(name, *e.options)) for e in own
        ]

    def subset(
        self, names: Sequence[str] | None, seeds: Sequence[int] | None
    ) -> 'Table':
        """The same with some of the backbones and seeds; None for all.

        Raises:
            InputError: If the table does not have one of them.
        """
        for name in names or ():
            _one_of([b.name for b in self.backbones], name, self.name)
        known = [seed for b in self.backbones for seed in b.seeds]
        for seed in seeds or ():
            _one_of(sorted(set(known)), seed, self.name)
        backbones = tuple(
            replace(
                b, seeds=tuple(s for s in b.seeds if not seeds or s in seeds)
            )
            for b in self.backbones
            if not names or b.name in names
        )
        left = {b.name for b in backbones}
        pairs = tuple(pair for pair in self.compare if left.issuperset(pair))
        return replace(self, backbones=backbones, compare=pairs)


def make_table(name: str, given: Mapping) -> Table:
    """Check the fields of a comparison.

    Args:
        name (str): The name of the table.
        given (Mapping): Its fields.

    Raises:
        InputError: If a field is missing or unknown, or names what does not
            exist.
    """
    where = f"The comparison '{name}'"
    for field in ('title', 'data', 'evaluations', 'backbones'):
        if not given.get(field):
            raise InputError(
                f'{where} has no `{field}`. A comparison inherits one of '
                'configs/_base_/evaluations and has a `title` and '
                '`backbones`; see configs/comparisons/demo.py.'
            )
    data = _read(Data, given['data'], f'`data` of {where}')
    data = replace(data, root=Path(data.root))
    evaluations: dict[str, Evaluation] = {}
    left_out = []
    for key, value in given['evaluations'].items():
        # None takes out what the config inherits, and what reads it.
        if value is None or value.get('weights') in left_out:
            left_out.append(key)
        else:
            evaluations[key] = _evaluation(where, key, dict(value))
    _check_weights(where, evaluations)
    written = {c: e.name for e in evaluations.values() for c in e.columns}
    columns = {
        column: written[_one_of(written, column, f'`columns` of {where}')]
        for column in given.get('columns', written)
    }
    seeds = tuple(given.get('seeds', [0]))
    backbones = {
        key: _backbone(where, key, dict(value), seeds, evaluations)
        for key, value in given['backbones'].items()
    }
    titles = [backbone.title for backbone in backbones.values()]
    if twice := [title for title in titles if titles.count(title) > 1]:
        raise InputError(
            f"{where} has two backbones with the title '{twice[0]}'. Expected "
            'one row of each name; rename one of them.'
        )
    control = given.get('control', next(iter(backbones)))
    _one_of(backbones, control, f'`control` of {where}')
    others = [key for key in backbones if key != control]
    pairs = given.get('compare', [(key, control) for key in others])
    small = given.get('small', dict(backbones=[], seeds=[]))
    for key in [*(key for pair in pairs for key in pair)]:
        _one_of(backbones, key, f'`compare` of {where}')
    for key in small['backbones']:
        _one_of(backbones, key, f'`small` of {where}')
    records = given.get('records')
    return Table(
        name=name,
        title=given['title'],
        data=data,
        data_root=Path(given.get('data_root', data.root)),
        evaluations=tuple(evaluations.values()),
        columns=columns,
        backbones=tuple(backbones.values()),
        control=control,
        compare=tuple(map(tuple, pairs)),
        split=given.get('split', 'test'),
        explanation=given.get('explanation', ''),
        note=given.get('note', ''),
        records=records and Path(records),
        small=(tuple(small['backbones']), tuple(small['seeds'])),
    )


def _evaluation(where: str, name: str, given: dict) -> Evaluation:
    where = f"The evaluation '{name}' of {where[0].lower()}{where[1:]}"
    columns = {
        column: (source, 1.0) if isinstance(source, str) else tuple(source)
        for column, source in given.pop('columns', {}).items()
    }
    given |= dict(name=name, columns=columns)
    evaluation = _read(Evaluation, given, where)
    _one_of(TOOLS, evaluation.tool, f'`tool` of {where}')
    timm = evaluation.timm and _existing(evaluation.timm, where)
    file = _existing(evaluation.config, where)
    return replace(evaluation, config=file, timm=timm)


def _check_weights(where: str, evaluations: dict[str, Evaluation]) -> None:
    trained = []
    for evaluation in evaluations.values():
        if evaluation.weights is not None:
            field = f"`weights` of '{evaluation.name}' of {where}"
            _one_of(trained, evaluation.weights, field)
        if evaluation.tool == 'train.py':
            trained.append(evaluation.name)


def _backbone(
    where: str, name: str, given: dict, seeds: tuple, evaluations: dict
) -> Backbone:
    where = f"The backbone '{name}' of {where[0].lower()}{where[1:]}"
    given = dict(seeds=seeds) | given | dict(name=name)
    backbone = _read(Backbone, given, where)
    for key in backbone.skip:
        _one_of(evaluations, key, f'`skip` of {where}')
    if backbone.pretrain and (backbone.checkpoint or backbone.timm):
        raise InputError(
            f'{where} has `pretrain` and also `checkpoint` or `timm`. A '
            'backbone is pretrained, or read from a file.'
        )
    if backbone.pretrain:
        pretrain = _existing(backbone.pretrain, where)
        backbone = replace(backbone, pretrain=pretrain)
    if backbone.checkpoint:
        path = Path(backbone.checkpoint).expanduser()
        if not path.is_file():
            raise InputError(
                f"{where} is to be read from '{path}', which does not exist. "
                'Expected the path of a checkpoint file.'
            )
        backbone = replace(backbone, checkpoint=path)
    bare = [
        evaluation.name
        for evaluation in evaluations.values()
        if evaluation.tool == 'test.py' and evaluation.weights is None
    ]
    bare = [name for name in bare if name not in backbone.skip]
    if bare and not (backbone.pretrain or backbone.checkpoint):
        raise InputError(
            f"{where} is untrained, but '{bare[0]}' tests what a pretraining "
            f"leaves. Add skip=['{bare[0]}'] or leave the backbone out."
        )
    return backbone


def _read(cls: type, given: dict, where: str):
    """An object of a dataclass from the fields of a config."""
    known = {field.name: field for field in fields(cls)}
    for key in given:
        _one_of(known, key, where)
    for key, field in known.items():
        if key not in given and field.default is MISSING:
            raise InputError(f'{where} has no `{key}`. Add it.')
    return cls(
        **{
            key: tuple(value) if isinstance(value, list) else value
            for key, value in given.items()
        }
    )


def _existing(name: str, where: str) -> Path:
    path = config(name)
    if not path.is_file():
        raise InputError(
            f"{where} names the config '{name}', which does not exist. "
            'Expected is a path below configs/, or one from here.'
        )
    return path


def _one_of(known: Sequence | Mapping, name, where: str):
    """The name, if it is among those that are known."""
    if name in known:
        return name
    near = get_close_matches(str(name), [str(key) for key in known], 1)
    hint = f' Did you mean {near[0]!r}?' if near else ''
    raise InputError(
        f'{where[0].upper()}{where[1:]} names {name!r}. Expected is one of '
        f'{", ".join(map(str, known))}.{hint}'
    )
