"""A stage: one command of a run, and what it leaves."""

import json
from dataclasses import dataclass
from pathlib import Path

from mmsca.comparison.table import Evaluation
from mmsca.utils.errors import InputError
from mmsca.utils.options import write_option
from mmsca.utils.run_checkpoints import last_checkpoint

DONE = 'done.json'


@dataclass(frozen=True)
class Checkpoint:
    """An argument that names the newest checkpoint of an earlier stage.

    Args:
        work_dir (Path): Work directory of tools/train.py.
        field (str): The field of a config to give it to, such as
            `model.init_cfg.checkpoint`. Defaults to '', the path alone.
    """

    work_dir: Path
    field: str = ''

    @property
    def path(self) -> Path:
        return last_checkpoint(self.work_dir)

    def __str__(self) -> str:
        return as_argument(self.field, self.path)


def as_argument(field: str, path: Path) -> str:
    """A path as an argument, or as an option for a field of a config."""
    return write_option(field, str(path)) if field else str(path)


@dataclass(frozen=True)
class Stage:
    """One command of a run.

    Args:
        name (str): 'pretrain', or that of an evaluation.
        folder (Path): Gets `done.json`, `log.txt` and all that it writes.
        command (tuple): Arguments of Python, each turned into `str` when the
            stage starts.
        settings (str): Digits of what its scores depend on.
        evaluation (Evaluation, optional): None for the pretraining, which
            goes on from what an interrupted one left.
    """

    name: str
    folder: Path
    command: tuple
    settings: str
    evaluation: Evaluation | None = None

    @property
    def trains(self) -> bool:
        return self.evaluation is None or self.evaluation.tool == 'train.py'

    @property
    def output(self) -> Path:
        """File that is there when the command has succeeded."""
        if not self.trains:
            return self.folder / 'metrics.json'
        note = self.folder / 'last_checkpoint'
        return Checkpoint(self.folder).path if note.exists() else note

    def done(self) -> dict | None:
        """What `done.json` holds, if the stage has ended."""
        file = self.folder / DONE
        return json.loads(file.read_text('utf-8')) if file.exists() else None

    def scores(self) -> dict[str, float]:
        """Column -> percentage, from what the command wrote."""
        evaluation = self.evaluation
        if self.trains:
            return {}
        content = json.loads(self.output.read_text())
        return {
            column: self._value(content, keys, factor)
            for column, (keys, factor) in evaluation.columns.items()
            if column not in evaluation.optional or keys in content
        }

    def baselines(self) -> dict[str, dict[str, float]]:
        """Title of a row without a backbone -> column -> percentage."""
        if self.trains or not self.evaluation.baselines:
            return {}
        content = json.loads(self.output.read_text())
        return {
            title: {c: self._value(content, k, 1.0) for c, k in row.items()}
            for title, row in self.evaluation.baselines.items()
        }

    def _value(self, content: dict, keys: str, factor: float) -> float:
        # A detector that finds nothing leaves an empty file.
        if not content:
            return 0.0
        for key in keys.split('.'):
            if not isinstance(content, dict) or key not in content:
                raise InputError(
                    f"'{self.output}' holds no {keys}. `columns` of the "
                    f"evaluation '{self.name}' names it; expected is one of "
                    f'{", ".join(map(str, content))}.'
                )
            content = content[key]
        return factor * content
