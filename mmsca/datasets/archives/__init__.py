"""From the archives that people download to folders that configs read."""

from mmsca.datasets.archives.prepare import NAMES, prepare
