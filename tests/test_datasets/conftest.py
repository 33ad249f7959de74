import pytest
from mmengine.registry import init_default_scope


@pytest.fixture(autouse=True)
def scope():
    """Configs of these tests name the parts of mmpretrain."""
    init_default_scope('mmpretrain')


@pytest.fixture
def touch(tmp_path):
    """`touch(*names)` makes empty files below the folder that it gives."""

    def make(*names):
        for name in names:
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
        return tmp_path

    return make
