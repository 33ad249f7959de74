"""A comparison: backbones, what they are scored by, and which are compared.

Its config inherits evaluations from configs/_base_/evaluations and names the
backbones, the rows of the table.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from mmsca.utils.config_fields import nearest
from mmsca.utils.errors import InputError


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
    baselines: Mapping[str, dict[str, str]] | None = None
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
        small (dict): `backbones` and `seeds` of the quick part, if there is
            one.
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
    split: str = 'test'
    explanation: str = ''
    note: str = ''
    records: Path | None = None
    small: dict | None = None

    def lacks(self, evaluation: Evaluation) -> list[str]:
        """Files of an evaluation that are not there."""
        root = self.data_root
        return [
            name for name in evaluation.needs if not (root / name).exists()
        ]

    def evaluations_of(self, backbone: Backbone) -> list[Evaluation]:
        """Those that a backbone has: all that they read is there."""
        own, left_out = [], set(backbone.skip)
        for evaluation in self.evaluations:
            lacks = bool(self.lacks(evaluation))
            if not (backbone.pretrain or backbone.checkpoint):
                # Nothing that it could test.
                lacks |= (
                    evaluation.tool == 'test.py' and not evaluation.weights
                )
            if backbone.timm:
                lacks |= evaluation.timm is None
                name = f'model.backbone.model_name={backbone.timm}'
                options = (name, *evaluation.options)
                evaluation = replace(
                    evaluation, config=evaluation.timm, options=options
                )
            if lacks or left_out & {evaluation.name, evaluation.weights}:
                left_out.add(evaluation.name)
            else:
                own.append(evaluation)
        return own

    def subset(
        self,
        names: Sequence[str] = (),
        seeds: Sequence[int] = (),
        skip: Sequence[str] = (),
    ) -> 'Table':
        """The same with a part of its backbones, seeds and evaluations.

        No `names` of backbones are all of them, as with `seeds`. Evaluations
        of `skip` are left out.

        Raises:
            InputError: If the table does not have a backbone or seed.
        """
        known = [seed for b in self.backbones for seed in b.seeds]
        for name in names:
            one_of([b.name for b in self.backbones], name, self.name)
        for seed in seeds:
            one_of(sorted(set(known)), seed, self.name)
        backbones = tuple(
            replace(
                b,
                seeds=tuple(s for s in b.seeds if not seeds or s in seeds),
                skip=(*b.skip, *skip),
            )
            for b in self.backbones
            if not names or b.name in names
        )
        left = {b.name for b in backbones}
        pairs = tuple(pair for pair in self.compare if left.issuperset(pair))
        return replace(self, backbones=backbones, compare=pairs)


def one_of(known: Sequence | Mapping, name, where: str) -> None:
    """Refuse a name that is not among those that are known."""
    if name not in known:
        names = list(map(str, known))
        raise fault(
            f'{where} names {name!r}. Expected is one of {", ".join(names)}.'
            f'{nearest(name, names)}'
        )


def fault(text: str) -> InputError:
    """The error whose sentence is the text."""
    return InputError(text[0].upper() + text[1:])
