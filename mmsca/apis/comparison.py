"""Arms of a comparison over paired seeds, on the evaluations of a suite."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from mmsca.apis.arm_jobs import ArmJobs
from mmsca.apis.jobs import Job
from mmsca.apis.suites import Suite
from mmsca.visualization.report import read_scores


@dataclass(frozen=True)
class Arm:
    """What the backbone of a row starts from.

    Args:
        name (str): Unique; also that of its folder.
        title (str): Its row in a report.
        config (Path, optional): Pretraining; without one the backbone stays
            untrained.
        seeds (tuple[int]): Of all its trainings.
        options (tuple[str]): More `key=value` for the pretraining.
        detection (bool): Whether it is evaluated by a detector too.
    """

    name: str
    title: str
    config: Path | None
    seeds: tuple[int, ...]
    options: tuple[str, ...] = ()
    detection: bool = False


class Run:
    """One arm with one seed.

    Args:
        arm (Arm): The arm.
        seed (int): One of its seeds.
        suite (Suite): The evaluations.
        data_root (Path): Where the data set is or will be written.
        work_dir (Path): Gets a folder for it.
        prefix (str): Of the names of its jobs.
        after (tuple[str]): Names of the jobs that have to end before.
    """

    def __init__(
        self,
        arm: Arm,
        seed: int,
        suite: Suite,
        data_root: Path,
        work_dir: Path,
        prefix: str = '',
        after: tuple[str, ...] = (),
    ) -> None:
        self.arm = arm
        self.seed = seed
        self.suite = suite
        self.data_root = data_root
        self.folder = work_dir / arm.name / f'seed{seed}'
        self.name = f'{prefix}{arm.name}_seed{seed}'
        self._jobs = ArmJobs(
            self.name,
            self.folder,
            arm.config,
            data_root,
            seed,
            after,
            cfg_options=dict(pretrain=arm.options),
            suite=suite,
        )

    def keep_config(self) -> None:
        """See :meth:`ArmJobs.keep_config`."""
        self._jobs.keep_config()

    def jobs(self) -> list[Job]:
        """Pretraining and evaluations."""
        build = self._jobs
        jobs = [
            *build.pretrain(),
            *build.linear(),
            *build.localization(),
            *build.knn(),
        ]
        return [*jobs, *build.detection()] if self.arm.detection else jobs

    def scores(self) -> dict[str, float]:
        """What the evaluations wrote: metric -> percentage."""
        columns = self.suite.columns(self.arm.detection)
        return read_scores(self.folder, columns)


def paired(arms: Sequence[Arm]) -> Iterator[tuple[Arm, int]]:
    """Arms with their seeds, one seed of every arm before the next seed.

    A comparison that is cut short then has whole pairs.
    """
    for seed in sorted({seed for arm in arms for seed in arm.seeds}):
        for arm in arms:
            if seed in arm.seeds:
                yield arm, seed
