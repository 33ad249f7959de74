import pytest
from torch.distributed.elastic.multiprocessing.errors import (
    ChildFailedError,
    ProcessFailure,
)

from mmsca.apis.launch import launch


def test_a_failed_rank_ends_the_launcher(monkeypatch):
    failure = ProcessFailure(
        local_rank=1, pid=7, exitcode=1, error_file='<N/A>'
    )

    def fail():
        raise ChildFailedError('train.py', {1: failure})

    monkeypatch.setattr('mmsca.apis.launch.main', fail)
    with pytest.raises(SystemExit) as stop:
        launch()
    assert stop.value.code == 1
