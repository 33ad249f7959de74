"""What hooks that draw results of a test have in common."""

from abc import abstractmethod
from collections.abc import Sequence

from mmengine.dist import is_main_process
from mmengine.hooks import Hook
from mmengine.runner import Runner


class PictureHook(Hook):
    """Base of hooks that draw every n-th result, on the main process.

    Args:
        enable (bool): Whether to draw.
        interval (int): Draw every `interval`-th image.
        show (bool): Also show each picture in a window.
        wait_time (float): Seconds a window stays; 0 waits for a key.
        out_dir (str, optional): Folder for the pictures. Without it they go
            to the backends of the visualizer.

    Attributes:
        seen (int): Number of the image that is drawn.
    """

    def __init__(
        self,
        enable: bool = False,
        interval: int = 5000,
        show: bool = False,
        wait_time: float = 0.0,
        out_dir: str | None = None,
    ) -> None:
        self.enable = enable
        self.interval = interval
        self.show = show
        self.wait_time = wait_time
        self.out_dir = out_dir
        self.seen = 0

    def before_test_epoch(self, runner: Runner) -> None:
        """Count images from the start."""
        self.seen = 0

    def after_test_iter(
        self,
        runner: Runner,
        batch_idx: int,
        data_batch: dict | None = None,
        outputs: Sequence | None = None,
    ) -> None:
        """Draw what falls due in a batch; `outputs` has a sample per image."""
        if not self.enable or not is_main_process():
            return
        for index, sample in enumerate(outputs):
            if self.seen % self.interval == 0:
                self.paint(runner, data_batch, index, sample)
            self.seen += 1

    @abstractmethod
    def paint(self, runner: Runner, data_batch: dict, index: int, sample):
        """Draw the sample at a place of the batch."""
